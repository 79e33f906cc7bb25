; What every set of tables maps writable under KPTI, for IA-32: no more than the processor and the first instructions of an entry, or the last of an
; exit, touch while a domain's set is loaded. That includes both task segments: a double fault stores the state it leaves in one, and reads the other, before it changes CR3.
;
; User mode can't reach it, but a processor with the Meltdown flaw may leak it. So no word of one domain's threads is left in it when another
; domain's thread runs: machine_set_user_root, called for every change of set, erases what entries leave behind.

%include "constants.inc"
%define ENTRY_DATA
%include "entry.inc"

%ifdef KPTI

global  entry_stack
global  entry_stack_top
global  entry_global_table
global  entry_interrupt_table
global  entry_task
global  entry_double_fault_task
global  machine_user_root
global  machine_kernel_stack_top
global  machine_set_user_root

section .entry.bss bss align=64
; First, with text below it: a stack that overflows meets a page that can't be written. An entry from user mode takes eight words; non-maskable
; interrupt, debug exception and machine check may come on top of it and of each other, and take thirteen each until they have left it.
entry_stack:                resb ENTRY_STACK_BYTE_COUNT
entry_stack_top:
    alignb  8
entry_global_table:         resd 2 * 7
entry_interrupt_table:      resd 2 * 0x81
entry_task:                 resb 104
entry_double_fault_task:    resb 104

section .bss align=4
machine_user_root:          resd 1          ; CR3 of the tables that the next exit to user mode loads
machine_kernel_stack_top:   resd 1

section .text align=16
; void machine_set_user_root(nuint root). Interrupts are off. Sixteen words: what comes on top of an entry erases the registers it pushes, but not
; the frame of its return.
align 16
machine_set_user_root:
    mov     [machine_user_root], ecx
    xorps   xmm0, xmm0
    movaps  [entry_stack_top - 16], xmm0
    movaps  [entry_stack_top - 32], xmm0
    movaps  [entry_stack_top - 48], xmm0
    movaps  [entry_stack_top - 64], xmm0
    ret

%endif

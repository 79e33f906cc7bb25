; What every set of tables maps writable under KPTI, for x86-64: no more than the processor and the first instructions of an entry, or the last of an
; exit, touch while a domain's set is loaded.
;
; User mode can't reach it, but a processor with the Meltdown flaw may leak it. So no word of one domain's threads is left in it when another
; domain's thread runs: machine_set_user_root, called for every change of set, erases what entries leave behind.

%include "constants.inc"
%define ENTRY_DATA
%include "entry.inc"

%ifdef KPTI

global  entry_stack_top
global  entry_user_stack_pointer
global  entry_kernel_root
global  entry_global_table
global  entry_interrupt_table
global  entry_task
global  entry_non_maskable_landing
global  entry_double_fault_landing
global  entry_debug_landing
global  machine_user_root
global  machine_keeps_translations
global  machine_kernel_stack_top
global  machine_set_user_root

; Words that the processor pushes from here on. An address to go on from is above them, where a landing's 16-byte alignment is.
%macro LANDING 1
    alignb  16
    resq    1
%1_start:
    resq    9
%1:
    resq    1                               ; the stack, in kernel data, that the exception goes on with
%endmacro

section .entry.bss nobits alloc noexec write align=64
; First, with text below it: a stack that overflows meets a page that can't be written. Eight words are used, and no instruction faults meanwhile.
entry_stack:                resq 16
entry_stack_top:
entry_user_stack_pointer:   resq 1          ; live only between two instructions with interrupts off
entry_kernel_root:          resq 1          ; CR3 of the kernel's tables; under contexts with bit 63, which keeps what is held of them
LANDING entry_non_maskable_landing
LANDING entry_double_fault_landing
LANDING entry_debug_landing
    alignb  8
entry_global_table:         resq 8
entry_interrupt_table:      resq 2 * VECTOR_COUNT
entry_task:                 resb 104

section .bss
alignb 8
machine_user_root:          resq 1          ; CR3 of the tables that the next exit to user mode loads
machine_keeps_translations: resb 1          ; 1 while there are contexts
    alignb  8
machine_kernel_stack_top:   resq 1

section .text
; void machine_set_user_root(nuint root). Interrupts are off. Of a landing only the stack pointer can be a user's: the rest is erased at
; its entry, and what a return puts there is the kernel's.
align 16
machine_set_user_root:
    mov     [rel machine_user_root], rdi
    xorps   xmm0, xmm0
    xor     eax, eax
    movaps  [rel entry_stack_top - 16], xmm0
    movaps  [rel entry_stack_top - 32], xmm0
    movaps  [rel entry_stack_top - 48], xmm0
    movaps  [rel entry_stack_top - 64], xmm0
    mov     [rel entry_user_stack_pointer], rax
    mov     [rel entry_non_maskable_landing_start + LANDING_STACK_POINTER], rax
    mov     [rel entry_debug_landing_start + LANDING_STACK_POINTER], rax
    ret

%endif

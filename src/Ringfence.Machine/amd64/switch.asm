; Thread switch and the first entry into a thread, for x86-64.
;
; A thread that is not running is one saved stack pointer. Above it lie, from low to high addresses, the callee-saved registers of the System V convention and the return address.
; What the x87 unit and the SSE registers hold is no part of a switch of kernel threads: see ProcessorState.cs.

%include "constants.inc"
%include "counting.inc"
%include "stack.inc"

extern  KernelThreadStart                   ; void KernelThreadStart(): first C# code of every kernel thread; never returns
extern  KernelReturningToUser
%ifdef KPTI
extern  machine_leave_to_user
%endif

global  machine_switch_stack
global  machine_switch_from_user
global  machine_switch_to_user
global  machine_clean_state
global  machine_thread_start
global  machine_enter_user

; ThreadContext.
%define CONTEXT_KERNEL_STACK_TOP 8
%define CONTEXT_LOADED_STATE     16

section .text

; void machine_switch_from_user(ThreadContext* previous, ThreadContext* next): from a user thread to any. Interrupts are off, here and below.
align 16
machine_switch_from_user:
    mov     rax, [rdi + CONTEXT_KERNEL_STACK_TOP]
    fxsave64 [rax]

; void machine_switch_to_user(ThreadContext* previous, ThreadContext* next): from a kernel thread to a user thread.
machine_switch_to_user:
    ; Data selectors are the only state that neither the frame nor FXSAVE holds. User mode may load what it likes there; it does
    ; not outlive a switch, so it tells the next thread nothing.
    xor     eax, eax
    mov     ds, eax
    mov     es, eax
    mov     fs, eax
    mov     gs, eax
    fninit                                  ; AMD's FXRSTOR leaves the last x87 addresses and opcode of whoever ran before
    mov     rax, [rsi + CONTEXT_LOADED_STATE]
    fxrstor64 [rax]

; void machine_switch_stack(ThreadContext* previous, ThreadContext* next): between kernel threads.
machine_switch_stack:
    push    rbx
    push    rbp
    push    r12
    push    r13
    push    r14
    push    r15
    mov     [rdi], rsp
    STACK_SAME_DEPTH
    mov     rsp, [rsi]
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     rbp
    pop     rbx
    ret

; nuint machine_thread_start(nuint stackTop): lays out a first frame below stackTop so that a switch to the returned stack
; pointer calls KernelThreadStart.
align 16
machine_thread_start:
    lea     rax, [rdi - 7 * 8]
    lea     rcx, [rel thread_entry]
    mov     [rax + 48], rcx
    xor     ecx, ecx
    mov     [rax], rcx
    mov     [rax + 8], rcx
    mov     [rax + 16], rcx
    mov     [rax + 24], rcx
    mov     [rax + 32], rcx
    mov     [rax + 40], rcx
    ret

thread_entry:
    xor     ebp, ebp
    and     rsp, -16
    call    KernelThreadStart
    ud2

; void machine_enter_user(nuint entry, nuint argument, nuint function, nuint userStackTop, nuint kernelStackTop): never
; returns. The kernel stack is abandoned: the next entry from user mode starts again at its top.
align 16
machine_enter_user:
    cli
    STACK_KERNEL_STACK_TOP
    mov     rsp, r8
    push    SELECTOR_USER_DATA
    push    rcx                             ; aligned to 16: ComponentStart itself makes the first call
    push    EFLAGS_IF | 2
    push    SELECTOR_USER_CODE
    push    rdi
    push    rsi                             ; argument
    push    rdx                             ; function
%ifdef AUDIT
    sub     rsp, 8                          ; seven words pushed
    call    KernelReturningToUser
    add     rsp, 8
%endif
    fninit
    fxrstor64 [rel machine_clean_state]
    pop     rsi
    pop     rdi
    xor     eax, eax
    mov     ds, eax
    mov     es, eax
    mov     fs, eax
    mov     gs, eax
    xor     ecx, ecx
    xor     edx, edx
    xor     ebx, ebx
    xor     ebp, ebp
    xor     r8d, r8d
    xor     r9d, r9d
    xor     r10d, r10d
    xor     r11d, r11d
    xor     r12d, r12d
    xor     r13d, r13d
    xor     r14d, r14d
    xor     r15d, r15d
%ifdef KPTI
    sub     rsp, 16                         ; where an interrupt has vector and error code
    push    rax
    jmp     machine_leave_to_user
%else
    COUNT_ON 1
    iretq
%endif

section .rodata
align 16
; The state after FNINIT with MXCSR at its reset value: every exception masked, every register zero. FXRSTOR reads 512 bytes, of which it takes 416 here; the others are whatever follows, which is kernel data at the
; latest.
machine_clean_state:
    dw      0x037F                          ; x87 control word
    times 22 db 0
    dd      0x1F80                          ; MXCSR
    dd      0x0000FFFF                      ; MXCSR mask, ignored by FXRSTOR
    times 416 - 32 db 0

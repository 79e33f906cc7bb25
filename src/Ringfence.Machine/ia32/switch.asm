; Thread switch and the first entry into a thread, for IA-32 (RyuJIT's register convention: ecx, edx, then the stack).
;
; A thread that is not running is one saved stack pointer. Above it lie, from low to high addresses, the callee-saved registers and the return address. What the x87 unit and the
; SSE registers hold is no part of a switch of kernel threads: see ProcessorState.cs.

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
%define CONTEXT_KERNEL_STACK_TOP 4
%define CONTEXT_LOADED_STATE     8

section .text align=16

; void machine_switch_from_user(ThreadContext* previous, ThreadContext* next): from a user thread to any. Interrupts are off, here and below.
align 16
machine_switch_from_user:
    mov     eax, [ecx + CONTEXT_KERNEL_STACK_TOP]
    fxsave  [eax]

; void machine_switch_to_user(ThreadContext* previous, ThreadContext* next): from a kernel thread to a user thread.
machine_switch_to_user:
    ; The only state that neither the frame nor FXSAVE holds, DS and ES being set at every entry. User mode may load what it likes
    ; there; it does not outlive a switch, so it tells the next thread nothing.
    xor     eax, eax
    mov     fs, eax
    mov     gs, eax
    fninit                                  ; AMD's FXRSTOR leaves the last x87 addresses and opcode of whoever ran before
    mov     eax, [edx + CONTEXT_LOADED_STATE]
    fxrstor [eax]

; void machine_switch_stack(ThreadContext* previous, ThreadContext* next): between kernel threads.
machine_switch_stack:
    push    ebx
    push    ebp
    push    esi
    push    edi
    mov     [ecx], esp
    STACK_SAME_DEPTH
    mov     esp, [edx]
    pop     edi
    pop     esi
    pop     ebp
    pop     ebx
    ret

; nuint machine_thread_start(nuint stackTop): lays out a first frame below stackTop so that a switch to the returned stack
; pointer calls KernelThreadStart.
align 16
machine_thread_start:
    lea     eax, [ecx - 20]
    mov     dword [eax + 16], thread_entry
    xor     edx, edx
    mov     [eax + 12], edx
    mov     [eax + 8], edx
    mov     [eax + 4], edx
    mov     [eax], edx
    ret

thread_entry:
    xor     ebp, ebp
    call    KernelThreadStart
    ud2

; void machine_enter_user(nuint entry ecx, nuint argument edx, then pushed: nuint function, nuint userStackTop, nuint
; kernelStackTop): never returns. The kernel stack is abandoned: the next entry from user mode starts again at its top.
align 16
machine_enter_user:
    cli
    mov     eax, [esp + 12]                 ; function
    mov     ebx, [esp + 8]                  ; userStackTop
    STACK_KERNEL_STACK_TOP
    mov     esp, [esp + 4]                  ; kernelStackTop
    push    SELECTOR_USER_DATA
    push    ebx
    push    EFLAGS_IF | 2
    push    SELECTOR_USER_CODE
    push    ecx
    push    edx                             ; argument
    push    eax                             ; function
%ifdef AUDIT
    call    KernelReturningToUser
%endif
    fninit
    fxrstor [machine_clean_state]
    pop     edx
    pop     ecx
    xor     eax, eax
    mov     fs, eax
    mov     gs, eax
    xor     ebx, ebx
    xor     esi, esi
    xor     edi, edi
    xor     ebp, ebp
%ifdef KPTI
    xor     eax, eax
    sub     esp, 8                          ; where an interrupt has vector and error code
    jmp     machine_leave_to_user
%else
    COUNT_ON 1
    iretd
%endif

section .rdata align=16
align 16
; The state after FNINIT with MXCSR at its reset value: every exception masked, every register zero. FXRSTOR reads 512 bytes, of which it takes 288 here; the others are whatever follows, which is kernel data at the
; latest.
machine_clean_state:
    dw      0x037F                          ; x87 control word
    times 22 db 0
    dd      0x1F80                          ; MXCSR
    dd      0x0000FFFF                      ; MXCSR mask, ignored by FXRSTOR
    times 288 - 32 db 0

section .data align=4
global  machine_supervisor_access_prevention
; 1 while CR4.SMAP is set: CLAC is an invalid opcode on processors without it.
machine_supervisor_access_prevention:
    db      0

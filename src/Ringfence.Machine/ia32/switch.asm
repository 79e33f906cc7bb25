; Thread switch and the first entry into a thread, for IA-32 (RyuJIT's register convention: ecx, edx, then the stack).
;
; A thread that is not running is one saved stack pointer. Above it lie, from low to high addresses: the FXSAVE image (x87
; state and MXCSR must survive a switch made inside a system call, which saves no xmm state of its own), a link to the saved
; registers (the image must be aligned to 16, the stack is only to 4), the callee-saved registers and the return address.

%include "constants.inc"
%include "counting.inc"

extern  KernelThreadStart                   ; void KernelThreadStart(): first C# code of every kernel thread; never returns
extern  KernelReturningToUser
%ifdef KPTI
extern  machine_leave_to_user
%endif

global  machine_switch_stack
global  machine_thread_start
global  machine_enter_user

section .text align=16

; void machine_switch_stack(nuint* savedStackPointer, nuint nextStackPointer). Interrupts are off.
align 16
machine_switch_stack:
    push    ebx
    push    ebp
    push    esi
    push    edi
    mov     eax, esp
    sub     esp, 512 + 16
    and     esp, -16
    mov     [esp + 512], eax
    fxsave  [esp]
    mov     [ecx], esp
    mov     esp, edx
    ; The only state that neither the frame nor FXSAVE holds, DS and ES being set at every exit. User mode may load what it likes
    ; there; it does not outlive a switch, so it tells the next thread nothing.
    xor     eax, eax
    mov     fs, eax
    mov     gs, eax
    fninit                                  ; AMD's FXRSTOR leaves the last x87 addresses and opcode of whoever ran before
    fxrstor [esp]
    mov     esp, [esp + 512]
    pop     edi
    pop     esi
    pop     ebp
    pop     ebx
    ret

; nuint machine_thread_start(nuint stackTop): lays out a first frame below stackTop so that a switch to the returned stack
; pointer calls KernelThreadStart with a clean processor state.
align 16
machine_thread_start:
    push    esi
    push    edi
    mov     dword [ecx - 4], thread_entry
    xor     eax, eax
    mov     [ecx - 8], eax
    mov     [ecx - 12], eax
    mov     [ecx - 16], eax
    mov     [ecx - 20], eax
    lea     edx, [ecx - 20]
    lea     eax, [ecx - 20 - 512 - 16]
    and     eax, -16
    mov     [eax + 512], edx
    mov     esi, clean_state
    mov     edi, eax
    mov     ecx, 512 / 4
    rep movsd
    pop     edi
    pop     esi
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
    fxrstor [clean_state]
    pop     edx
    pop     ecx
    mov     eax, SELECTOR_USER_DATA
    mov     ds, eax
    mov     es, eax
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
; The state after FNINIT with MXCSR at its reset value: every exception masked, every register zero.
clean_state:
    dw      0x037F                          ; x87 control word
    times 22 db 0
    dd      0x1F80                          ; MXCSR
    dd      0x0000FFFF                      ; MXCSR mask, ignored by FXRSTOR
    times 512 - 32 db 0

section .data align=4
global  machine_supervisor_access_prevention
; 1 while CR4.SMAP is set: CLAC is an invalid opcode on processors without it.
machine_supervisor_access_prevention:
    db      0

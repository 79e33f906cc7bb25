; The user-mode start and the way into the kernel that every IA-32 component links for itself.
;
; Register contract of int 0x80: see interrupts.asm.

%include "constants.inc"
%include "systemcalls.inc"

extern  ComponentMain                       ; int ComponentMain(), generated from the component's Main
extern  ___security_cookie

section .text align=16

; First instruction of every thread of the component: ecx = argument, edx = void(nint) to call, or 0 for Main.
global  ComponentStart
align 16
ComponentStart:
    test    edx, edx
    jz      .main
    call    edx
    xor     eax, eax
    jmp     .exit
.main:
    ; A cookie of this life's own, before the first frame that checks one; once, however many threads start here.
    rdtsc
    mov     edx, eax
    mov     eax, STACK_COOKIE_INITIAL
    xor     edx, eax
    lock cmpxchg [___security_cookie], edx
    call    ComponentMain
.exit:
    mov     ecx, eax
    mov     eax, SYSTEM_CALL_EXIT
    int     0x80
    ud2

; long RingfenceSystemCall(nint number ecx, nint a0 edx, pushed left to right: a1, a2, a3, a4)
global  RingfenceSystemCall
align 16
RingfenceSystemCall:
    push    ebx
    push    esi
    push    edi
    mov     eax, ecx
    mov     ecx, edx
    mov     edx, [esp + 12 + 16]
    mov     ebx, [esp + 12 + 12]
    mov     esi, [esp + 12 + 8]
    mov     edi, [esp + 12 + 4]
    int     0x80
    pop     edi
    pop     esi
    pop     ebx
    ret     16

; void RingfenceFail(int reason): ends the thread with a report that starts from the caller's stack.
global  RingfenceFail
align 16
RingfenceFail:
    mov     edx, esp
    mov     eax, SYSTEM_CALL_FAIL
    int     0x80
    ud2

; ulong RingfenceTimeStamp(): RDTSC, which user mode may execute.
global  RingfenceTimeStamp
align 16
RingfenceTimeStamp:
    rdtsc
    ret

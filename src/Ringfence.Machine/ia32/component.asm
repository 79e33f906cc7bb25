; The user-mode start and the way into the kernel that every IA-32 component links for itself.
;
; Register contract of int 0x80: see interrupts.asm.

%include "constants.inc"
%include "function.inc"
%include "calls.inc"

extern  ComponentMain                       ; int ComponentMain(), generated from the component's Main
extern  ___security_cookie

; First instruction of every thread of the component: ecx = argument, edx = void(nint) to call, or 0 for Main.
; A component has that of the two which the image builder chooses: with a cookie if any of its frames checks one, else the other, and then it has no cookie either.
%macro COMPONENT_START 2                    ; the name, whether there is a cookie
FUNCTION %1
    test    edx, edx
    jz      .main
    call    edx
    xor     eax, eax
    jmp     .exit
.main:
%if %2
    ; A cookie of this life's own, before the first frame that checks one; once, however many threads start here.
    rdtsc
    mov     edx, eax
    mov     eax, STACK_COOKIE_INITIAL
    xor     edx, eax
    lock cmpxchg [___security_cookie], edx
%endif
    call    ComponentMain
.exit:
    mov     ecx, eax
    LOAD_NUMBER Exit
    int     0x80
    ud2
%endmacro

COMPONENT_START ComponentStart, 1
COMPONENT_START ComponentStartWithoutCookie, 0

; long RingfenceCallName(nint a0 ecx, nint a1 edx, then pushed left to right: a2, a3): the system call of that name.
%macro SYSTEM_CALL 2
FUNCTION RingfenceCall%1
%if %2 == 3
    push    ebx
    mov     ebx, [esp + 4 + 4]
%elif %2 == 4
    push    ebx
    push    esi
    mov     esi, [esp + 8 + 4]
    mov     ebx, [esp + 8 + 8]
%endif
    LOAD_NUMBER %1
    int     0x80
%if %2 == 3
    pop     ebx
    ret     4
%elif %2 == 4
    pop     esi
    pop     ebx
    ret     8
%else
    ret
%endif
%endmacro

SYSTEM_CALL_STUBS

; Calls whose number is an argument. Where one of these is linked, any call may be made.

; long RingfenceSystemCall0(nint number ecx)
FUNCTION RingfenceSystemCall0
    mov     eax, ecx
    int     0x80
    ret

; long RingfenceSystemCall1(nint a0 ecx, nint number edx)
FUNCTION RingfenceSystemCall1
    mov     eax, edx
    int     0x80
    ret

; long RingfenceSystemCall2(nint a0 ecx, nint a1 edx, then pushed: nint number)
FUNCTION RingfenceSystemCall2
    mov     eax, [esp + 4]
    int     0x80
    ret     4

; long RingfenceSystemCall5(nint a0 ecx, nint a1 edx, then pushed left to right: a2, a3, a4, number)
FUNCTION RingfenceSystemCall5
    push    ebx
    push    esi
    push    edi
    mov     eax, [esp + 12 + 4]
    mov     edi, [esp + 12 + 8]
    mov     esi, [esp + 12 + 12]
    mov     ebx, [esp + 12 + 16]
    int     0x80
    pop     edi
    pop     esi
    pop     ebx
    ret     16

; void RingfenceFail(int reason): ends the thread with a report that starts from the caller's stack.
FUNCTION RingfenceFail
    mov     edx, esp
    LOAD_NUMBER Fail
    int     0x80
    ud2

; ulong RingfenceTimeStamp(): RDTSC, which user mode may execute.
FUNCTION RingfenceTimeStamp
    rdtsc
    ret

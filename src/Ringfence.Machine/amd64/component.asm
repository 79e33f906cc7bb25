; The user-mode start and the way into the kernel that every x86-64 component links for itself.
;
; Register contract of SYSCALL: see systemcall.asm.

%include "constants.inc"
%include "function.inc"
%include "calls.inc"

extern  ComponentMain                       ; int ComponentMain(), generated from the component's Main
extern  __security_cookie

; First instruction of every thread of the component: rdi = argument, rsi = void(nint) to call, or 0 for Main.
; A component has that of the two which the image builder chooses: with a cookie if any of its frames checks one, else the other, and then it has no cookie either.
%macro COMPONENT_START 2                    ; the name, whether there is a cookie
FUNCTION %1
    test    rsi, rsi
    jz      .main
    call    rsi
    xor     eax, eax
    jmp     .exit
.main:
%if %2
    ; A cookie of this life's own, before the first frame that checks one; once, however many threads start here.
    rdtsc
    shl     rdx, 32
    or      rdx, rax
    mov     rax, STACK_COOKIE_INITIAL
    xor     rdx, rax
    lock cmpxchg [rel __security_cookie], rdx
%endif
    call    ComponentMain
.exit:
    movsxd  rdi, eax
    LOAD_NUMBER Exit
    syscall
    ud2
%endmacro

COMPONENT_START ComponentStart, 1
COMPONENT_START ComponentStartWithoutCookie, 0

; long RingfenceCallName(nint a0, nint a1, nint a2, nint a3): the system call of that name.
%macro SYSTEM_CALL 2
FUNCTION RingfenceCall%1
%if %2 == 4
    mov     r10, rcx
%endif
    LOAD_NUMBER %1
    syscall
    ret
%endmacro

SYSTEM_CALL_STUBS

; Calls whose number is an argument. Where one of these is linked, any call may be made.

; long RingfenceSystemCall0(nint number)
FUNCTION RingfenceSystemCall0
    mov     rax, rdi
    syscall
    ret

; long RingfenceSystemCall1(nint a0, nint number)
FUNCTION RingfenceSystemCall1
    mov     rax, rsi
    syscall
    ret

; long RingfenceSystemCall2(nint a0, nint a1, nint number)
FUNCTION RingfenceSystemCall2
    mov     rax, rdx
    syscall
    ret

; long RingfenceSystemCall5(nint a0, nint a1, nint a2, nint a3, nint a4, nint number)
FUNCTION RingfenceSystemCall5
    mov     r10, rcx
    mov     rax, r9
    syscall
    ret

; void RingfenceFail(int reason): ends the thread with a report that starts from the caller's stack.
FUNCTION RingfenceFail
    movsxd  rdi, edi
    mov     rsi, rsp
    LOAD_NUMBER Fail
    syscall
    ud2

; ulong RingfenceTimeStamp(): RDTSC, which user mode may execute.
FUNCTION RingfenceTimeStamp
    rdtsc
    shl     rdx, 32
    or      rax, rdx
    ret

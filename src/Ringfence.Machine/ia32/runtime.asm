; What RyuJIT calls for on IA-32 instead of emitting it, and the empty transitions of exported methods. The kernel and every
; component link a copy of their own, so that a component needs nothing of the kernel's mapped for user mode.
; Register convention: ecx, edx, then the stack (callee pops); result in eax or edx:eax.

%include "constants.inc"
%include "function.inc"

extern  RingfenceFail                       ; void RingfenceFail(int reason), ecx; never returns

%define FAILURE_STACK_COOKIE 10

; long RhpLMul(long, long): both on the stack, first argument deeper; callee pops 16.
FUNCTION RhpLMul
    mov     eax, [esp + 4 + 4]              ; high halves meet the other's low half
    imul    eax, [esp + 4 + 8]
    mov     ecx, [esp + 4 + 12]
    imul    ecx, [esp + 4 + 0]
    add     ecx, eax
    mov     eax, [esp + 4 + 0]
    mul     dword [esp + 4 + 8]
    add     edx, ecx
    ret     16

; Shifts of edx:eax by cl (0 to 63).
FUNCTION RhpLLsh
    and     ecx, 63
    cmp     cl, 32
    jae     .high
    shld    edx, eax, cl
    shl     eax, cl
    ret
.high:
    mov     edx, eax
    xor     eax, eax
    shl     edx, cl
    ret

FUNCTION RhpLRsh
    and     ecx, 63
    cmp     cl, 32
    jae     .high
    shrd    eax, edx, cl
    sar     edx, cl
    ret
.high:
    mov     eax, edx
    sar     edx, 31
    sar     eax, cl
    ret

FUNCTION RhpLRsz
    and     ecx, 63
    cmp     cl, 32
    jae     .high
    shrd    eax, edx, cl
    shr     edx, cl
    ret
.high:
    mov     eax, edx
    xor     edx, edx
    shr     eax, cl
    ret

; long RingfenceCompareExchange64(long* location ecx, then pushed: long value, long comparand): what Interlocked needs on 64 bits.
FUNCTION RingfenceCompareExchange64
    push    ebx
    push    esi
    mov     esi, ecx
    mov     eax, [esp + 8 + 4]
    mov     edx, [esp + 8 + 8]
    mov     ebx, [esp + 8 + 12]
    mov     ecx, [esp + 8 + 16]
    lock cmpxchg8b [esi]
    pop     esi
    pop     ebx
    ret     16

; Frames over a page touch every page on the way down, so that a guard page cannot be stepped over.
; eax: the lowest address of the frame; preserved with every other register. The stack pointer stays where it is: an interrupt of the kernel
; between two pages must not find it at the lowest.
FUNCTION RhpStackProbe
    push    ebp
    mov     ebp, esp
    and     ebp, -4096
.next_page:
    test    [ebp - 4], eax
    sub     ebp, 4096
    cmp     ebp, eax
    ja      .next_page
    pop     ebp
    ret

FUNCTION RhpReversePInvoke
    ret
FUNCTION RhpReversePInvokeReturn
    ret

FUNCTION RhpFallbackFailFast
    mov     ecx, FAILURE_STACK_COOKIE
    jmp     RingfenceFail

section .data align=4
global  ___security_cookie
___security_cookie:
    dd      STACK_COOKIE_INITIAL

; What RyuJIT calls for on x86-64 instead of emitting it, and the empty transitions of exported methods. The kernel and every
; component link a copy of their own, so that a component needs nothing of the kernel's mapped for user mode.

%include "constants.inc"
%include "function.inc"

extern  RingfenceFail                       ; void RingfenceFail(int reason), edi; never returns

%define FAILURE_STACK_COOKIE 10

; Frames over a page touch every page on the way down, so that a guard page cannot be stepped over.
; r11: the lowest address of the frame; preserved with every other register but rax.
FUNCTION RhpStackProbe
    mov     rax, rsp
    and     rax, -4096
.next_page:
    test    [rax - 8], eax
    sub     rax, 4096
    cmp     rax, r11
    ja      .next_page
    ret

FUNCTION RhpReversePInvoke
    ret
FUNCTION RhpReversePInvokeReturn
    ret

FUNCTION RhpFallbackFailFast
    mov     edi, FAILURE_STACK_COOKIE
    jmp     RingfenceFail

section .data
align 8
global  __security_cookie
__security_cookie:
    dq      STACK_COOKIE_INITIAL

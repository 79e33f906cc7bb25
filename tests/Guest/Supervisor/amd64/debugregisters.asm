; Debug registers, with which a test makes exceptions in the middle of the kernel's entry.

section .text

; void guest_set_breakpoint(nuint address, nuint control): DR0 and DR7.
global guest_set_breakpoint
align 16
guest_set_breakpoint:
    xor     eax, eax
    mov     dr7, rax
    mov     dr0, rdi
    mov     dr7, rsi
    ret

; nuint guest_take_debug_status(): DR6, which is cleared.
global guest_take_debug_status
align 16
guest_take_debug_status:
    mov     rax, dr6
    xor     ecx, ecx
    mov     dr6, rcx
    ret

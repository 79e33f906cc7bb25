; Starts the driver as a Linux process without any library, and supplies what the compiled code refers to (System V convention).
; Without an argument it runs every case, writes the names of those that fail and exits with their number.
; With an argument it breaks the rule numbered by the count of arguments minus two and exits with 200 + the reason it was given.
bits 64
default rel
global _start, RingfenceFail, RhpReversePInvoke, RhpReversePInvokeReturn, RhpFallbackFailFast, __security_cookie
extern DriverCount, DriverRun, DriverName, DriverFail

section .data
__security_cookie: dq 0x5AFE5AFE12345678
buffer: times 201 db 0

section .text
_start:
    mov rax, [rsp]
    and rsp, -16
    cmp rax, 1
    jne break_rule
    xor ebx, ebx                ; case
    xor r12d, r12d              ; failures
    call DriverCount
    mov r13d, eax
    test eax, eax
    jz no_cases
next:
    mov edi, ebx
    call DriverRun
    test eax, eax
    jnz passed
    inc r12d
    mov edi, ebx
    lea rsi, [buffer]
    call DriverName
    lea rsi, [buffer]
    mov byte [rsi + rax], 10
    lea edx, [rax + 1]
    mov edi, 1
    mov eax, 1                  ; write
    syscall
passed:
    inc ebx
    cmp ebx, r13d
    jl next
    mov edi, r12d
    jmp exit
no_cases:
    mov edi, 199
    jmp exit
break_rule:
    lea edi, [rax - 2]
    call DriverFail
    mov edi, 198
    jmp exit
RingfenceFail:
    add edi, 200
    jmp exit
RhpFallbackFailFast:
    mov edi, 197
exit:
    mov eax, 60
    syscall
RhpReversePInvoke:
RhpReversePInvokeReturn:
    ret

; The same as linux-x64.asm for IA-32, with the helpers that ILC leaves to the image (managed convention: ecx, edx, then the stack; callee pops).
bits 32
global _start, RingfenceFail, RhpReversePInvoke, RhpReversePInvokeReturn, RhpFallbackFailFast, ___security_cookie
global RhpLMul, RhpLLsh, RhpLRsh, RhpLRsz, RingfenceCompareExchange64
extern DriverCount, DriverRun, DriverName, DriverFail

section .data
___security_cookie: dd 0x5AFE1234
buffer: times 201 db 0

section .text
_start:
    mov eax, [esp]
    and esp, -16
    xor ebp, ebp
    cmp eax, 1
    jne break_rule
    xor esi, esi                ; case
    xor edi, edi                ; failures
    call DriverCount
    test eax, eax
    jz no_cases
next:
    call DriverCount
    cmp esi, eax
    jge finished
    mov ecx, esi
    call DriverRun
    test eax, eax
    jnz passed
    inc edi
    mov ecx, esi
    mov edx, buffer
    call DriverName
    mov ecx, buffer
    mov byte [ecx + eax], 10
    lea edx, [eax + 1]
    mov ebx, 1
    mov eax, 4                  ; write
    int 0x80
passed:
    inc esi
    jmp next
finished:
    mov ebx, edi
    jmp exit
no_cases:
    mov ebx, 199
    jmp exit
break_rule:
    lea ecx, [eax - 2]
    call DriverFail
    mov ebx, 198
    jmp exit
RingfenceFail:
    lea ebx, [ecx + 200]
    jmp exit
RhpFallbackFailFast:
    mov ebx, 197
exit:
    mov eax, 1
    int 0x80
RhpReversePInvoke:
RhpReversePInvokeReturn:
    ret

; edx:eax = the low 64 bits of the product of two numbers on the stack.
RhpLMul:
    mov eax, [esp + 4]
    mul dword [esp + 12]
    mov ecx, [esp + 4]
    imul ecx, [esp + 16]
    add edx, ecx
    mov ecx, [esp + 8]
    imul ecx, [esp + 12]
    add edx, ecx
    ret 16

; edx:eax shifted by cl, of which six bits count.
RhpLLsh:
    and ecx, 63
    cmp ecx, 32
    jae .far
    shld edx, eax, cl
    shl eax, cl
    ret
.far:
    mov edx, eax
    xor eax, eax
    shl edx, cl
    ret

RhpLRsz:
    and ecx, 63
    cmp ecx, 32
    jae .far
    shrd eax, edx, cl
    shr edx, cl
    ret
.far:
    mov eax, edx
    xor edx, edx
    shr eax, cl
    ret

RhpLRsh:
    and ecx, 63
    cmp ecx, 32
    jae .far
    shrd eax, edx, cl
    sar edx, cl
    ret
.far:
    mov eax, edx
    sar edx, 31
    sar eax, cl
    ret

; ecx = location; on the stack the comparand, above it the value (pushed first).
RingfenceCompareExchange64:
    push ebx
    push esi
    mov esi, ecx
    mov eax, [esp + 12]
    mov edx, [esp + 16]
    mov ebx, [esp + 20]
    mov ecx, [esp + 24]
    lock cmpxchg8b [esi]
    pop esi
    pop ebx
    ret 16

; Interrupt and exception entry for x86-64.
;
; One short stub a vector pushes the vector number (and a zero where the processor pushes no error code) and joins one common
; path, which saves every general register and the whole FXSAVE state: RyuJIT moves structs through xmm registers, so the
; handler may change any of them. No GS base is used anywhere in this kernel (one processor, data reached relative to rip), so
; there is no swapgs to get wrong when an NMI, debug exception or machine check arrives between two entry instructions.

%include "constants.inc"
%include "counting.inc"

extern  KernelInterrupt                     ; void KernelInterrupt(InterruptFrame* frame)
extern  KernelReturningToUser               ; called before each return to user mode, in builds that audit

global  interrupt_return
global  machine_interrupt_stub
global  machine_supervisor_access_prevention

section .text

%define STUB_SIZE 9

%macro STUB 1
%%start:
%if %1 == 8 || (%1 >= 10 && %1 <= 14) || %1 == 17 || %1 == 21 || %1 == 29 || %1 == 30
    ; the processor has pushed an error code
%else
    push    strict byte 0
%endif
    push    strict byte %1
    jmp     strict near interrupt_common
    times STUB_SIZE - ($ - %%start) int3    ; never reached
%endmacro

align 16
interrupt_stubs:
%assign vector 0
%rep VECTOR_COUNT
    STUB    vector
%assign vector vector + 1
%endrep

align 16
interrupt_common:
    push    rax
    push    rcx
    push    rdx
    push    rbx
    push    rbp
    push    rsi
    push    rdi
    push    r8
    push    r9
    push    r10
    push    r11
    push    r12
    push    r13
    push    r14
    push    r15
    ; Interrupt delivery leaves DF and AC as they were. DF set would reverse the handler's string instructions; AC set would
    ; open SMAP for it.
    cld
    cmp     byte [rel machine_supervisor_access_prevention], 0
    je      .closed
    clac
.closed:
    COUNT_OFF 3 + 15 + 3                    ; the stub, the pushes, and since
    ; The processor aligned rsp to 16 before its five words; with error code, vector and 15 registers the sum is 176.
    sub     rsp, 512
    fxsave64 [rsp]
    lea     rdi, [rsp + 512]
    xor     ebp, ebp
    call    KernelInterrupt

interrupt_return:
%ifdef AUDIT
    test    byte [rsp + 512 + 15 * 8 + 3 * 8], 3
    jz      .not_to_user
    call    KernelReturningToUser
.not_to_user:
%endif
    fxrstor64 [rsp]
    add     rsp, 512
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     r11
    pop     r10
    pop     r9
    pop     r8
    pop     rdi
    pop     rsi
    pop     rbp
    pop     rbx
    pop     rdx
    pop     rcx
    pop     rax
    add     rsp, 16                         ; vector and error code
    COUNT_ON_IF_RETURNED_TO
    iretq

; nuint machine_interrupt_stub(int vector): the address of its stub.
machine_interrupt_stub:
    imul    ecx, edi, STUB_SIZE
    lea     rax, [rel interrupt_stubs]
    add     rax, rcx
    ret

section .data
; 1 while CR4.SMAP is set: CLAC is an invalid opcode on processors without it.
machine_supervisor_access_prevention:
    db      0

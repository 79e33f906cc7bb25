; Interrupt and exception entry for x86-64.
;
; One short stub a vector pushes the vector number (and a zero where the processor pushes no error code) and joins one common
; path, which saves every general register and the whole FXSAVE state: RyuJIT moves structs through xmm registers, so the
; handler may change any of them. No GS base is used anywhere in this kernel (one processor, data reached relative to rip), so
; there is no swapgs to get wrong when an NMI, debug exception or machine check arrives between two entry instructions.

%include "constants.inc"
%include "counting.inc"
%include "stack.inc"
%include "entry.inc"

extern  KernelInterrupt                     ; void KernelInterrupt(InterruptFrame* frame)
extern  KernelReturningToUser               ; called before each return to user mode, in builds that audit

global  interrupt_return
global  machine_interrupt_stub
global  machine_supervisor_access_prevention

%ifdef KPTI
extern  separate_stack_common
global  machine_return_to_user
global  machine_leave_to_user
%endif

section ENTRY_TEXT

%define STUB_SIZE 9

%macro STUB 1
%%start:
%if %1 == 8 || (%1 >= 10 && %1 <= 14) || %1 == 17 || %1 == 21 || %1 == 29 || %1 == 30
    ; the processor has pushed an error code
%else
    push    strict byte 0
%endif
    push    strict byte %1
%ifdef KPTI
%if %1 == 1 || %1 == 2 || %1 == 8 || %1 == 18
    jmp     strict near separate_stack_common
%else
    jmp     strict near interrupt_common
%endif
%else
    jmp     strict near interrupt_common
%endif
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
%ifdef KPTI
    ; From user mode: on the entry stack and the domain's tables. From ring 0: on the kernel's tables, since entry and exit are interrupted only
    ; by what separatestacks.asm serves.
    test    byte [rsp + 3 * 8], 3
    jz      .on_kernel_tables
    push    rax
    mov     rax, [rel entry_kernel_root]
    mov     cr3, rax
    STACK_KERNEL_STACK_TOP
    mov     rsp, [rel machine_kernel_stack_top]
    COUNT_OFF 3 + 2 + 4
    COUNT_EVENT machine_control3_writes
    push    qword [rel ENTRY_STACK_SELECTOR]
    push    qword [rel ENTRY_STACK_POINTER]
    push    qword [rel ENTRY_FLAGS]
    push    qword [rel ENTRY_CODE_SELECTOR]
    push    qword [rel ENTRY_INSTRUCTION]
    push    qword [rel ENTRY_ERROR_CODE]
    push    qword [rel ENTRY_VECTOR]
    push    qword [rel ENTRY_ACCUMULATOR]
    jmp     .accumulator_saved
.on_kernel_tables:
%endif
    push    rax
.accumulator_saved:
    PUSH_REGISTERS
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
%ifdef KPTI
    test    byte [rsp + 512 + 15 * 8 + 3 * 8], 3
    jnz     machine_return_to_user
%elifdef AUDIT
    test    byte [rsp + 512 + 15 * 8 + 3 * 8], 3
    jz      .not_to_user
    call    KernelReturningToUser
.not_to_user:
%endif
    fxrstor64 [rsp]
    add     rsp, 512
    POP_REGISTERS
    pop     rax
    add     rsp, 16                         ; vector and error code
    COUNT_ON_IF_RETURNED_TO
    iretq

%ifdef KPTI
; The same to user mode: the frame goes to the entry stack, which stays mapped when the domain's tables are loaded.
align 16
machine_return_to_user:
%ifdef AUDIT
    call    KernelReturningToUser
%endif
    fxrstor64 [rsp]
    add     rsp, 512
    POP_REGISTERS

; On the stack: rax, vector, error code, and the frame of an interrupt return; all other registers are the user's.
machine_leave_to_user:
    COUNT_EVENT machine_control3_writes
    COUNT_ON 11 + USER_ROOT_INSTRUCTIONS
    pop     qword [rel ENTRY_ERROR_CODE]    ; rax
    add     rsp, 16
    pop     qword [rel ENTRY_INSTRUCTION]
    pop     qword [rel ENTRY_CODE_SELECTOR]
    pop     qword [rel ENTRY_FLAGS]
    pop     qword [rel ENTRY_STACK_POINTER]
    pop     qword [rel ENTRY_STACK_SELECTOR]
    TAKE_USER_ROOT rax
    lea     rsp, [rel ENTRY_ERROR_CODE]
    mov     cr3, rax                        ; every exit writes it: that is what the edits of a domain's tables rely on in place of flushes
    pop     rax
    iretq
%endif

section .text

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

; Entry of the exceptions that have a stack of their own (non-maskable interrupt, double fault, debug, machine check) under KPTI, for x86-64.
;
; They arrive between any two instructions of an entry or an exit: in ring 0 with either set of tables, and with a stack pointer that may be the user's. So nothing is
; concluded from where they came from; the CR3 that is found is the one that is put back. The processor can push only where a domain's set maps memory: on a landing
; in entry data, from which everything is moved on at once to a stack in kernel data.

%include "constants.inc"
%include "counting.inc"
%include "stack.inc"
%include "entry.inc"

%ifdef KPTI

extern  KernelInterrupt                     ; void KernelInterrupt(InterruptFrame* frame)
extern  machine_return_to_user
extern  machine_supervisor_access_prevention

global  separate_stack_common

%define FRAME_WORDS 22                      ; fifteen registers, vector, error code, and what the processor pushes
%define FRAME_ACCUMULATOR   (14 * 8)
%define FRAME_INSTRUCTION   (17 * 8)
%define FRAME_CS            (18 * 8)

section ENTRY_TEXT

align 16
separate_stack_common:
    push    rax
    mov     rax, cr3
    push    rax
    mov     eax, image_base_root            ; without bit 63 here and below: under contexts that forgets more than it must, seldom
    mov     cr3, rax
    mov     rax, rsp
    STACK_SEPARATE_STACK_TOP
    mov     rsp, [rax + LANDING_NEXT_STACK]
    push    qword [rax + LANDING_STACK_SELECTOR]
    push    qword [rax + LANDING_STACK_POINTER]
    push    qword [rax + LANDING_FLAGS]
    push    qword [rax + LANDING_CODE_SELECTOR]
    push    qword [rax + LANDING_INSTRUCTION]
    push    qword [rax + LANDING_ERROR_CODE]
    push    qword [rax + LANDING_VECTOR]
    push    qword [rax + LANDING_ACCUMULATOR]
    PUSH_REGISTERS
    ; Kept over the call by its convention.
    mov     r12, [rax + LANDING_CONTROL3]
    mov     r13, rax
    ; The handler may never return here, so the landing is erased now.
    xor     ecx, ecx
    mov     [rax + LANDING_CONTROL3], rcx
    mov     [rax + LANDING_ACCUMULATOR], rcx
    mov     [rax + LANDING_VECTOR], rcx
    mov     [rax + LANDING_ERROR_CODE], rcx
    mov     [rax + LANDING_INSTRUCTION], rcx
    mov     [rax + LANDING_CODE_SELECTOR], rcx
    mov     [rax + LANDING_FLAGS], rcx
    mov     [rax + LANDING_STACK_POINTER], rcx
    mov     [rax + LANDING_STACK_SELECTOR], rcx
    cld
    cmp     byte [rel machine_supervisor_access_prevention], 0
    je      .closed
    clac
.closed:
    sub     rsp, 512
    fxsave64 [rsp]
    lea     rdi, [rsp + 512]
    xor     ebp, ebp
    call    KernelInterrupt
    ; User mode was interrupted: then the entry stack is free, and the set to load is the one that was noted for it.
    test    byte [rsp + 512 + FRAME_CS], 3
    jnz     machine_return_to_user
    fxrstor64 [rsp]
    add     rsp, 512
    cmp     r12, image_base_root
    jne     .between_sets
    POP_REGISTERS
    pop     rax
    add     rsp, 16                         ; vector and error code
    iretq

    ; An entry or an exit was interrupted while a domain's set was loaded. The interrupt return is made from the landing, which that set maps.
.between_sets:
%assign word 0
%rep 5
    mov     rax, [rsp + FRAME_INSTRUCTION + word * 8]
    mov     [r13 + LANDING_INSTRUCTION + word * 8], rax
%assign word word + 1
%endrep
    mov     rax, [rsp + FRAME_ACCUMULATOR]
    mov     [r13 + LANDING_ERROR_CODE], rax
    mov     [r13 + LANDING_VECTOR], r12
    mov     [rsp + FRAME_ACCUMULATOR], r13
    POP_REGISTERS
    pop     rax
    lea     rsp, [rax + LANDING_VECTOR]
    pop     rax
    mov     cr3, rax
    xchg    rax, [rsp]                      ; the interrupted rax comes back and doesn't stay here
    lea     rsp, [rsp + 8]
    iretq

%endif

; One access on the real MMU, and what came of it. The access ends in one of two ways, both of which abandon the stack that they find: by
; INT PROBE_DONE_VECTOR, which is the instruction behind every access, or by an exception.

%include "constants.inc"

; ProbeBlock, in nuints (ProbeBlock.cs).
%define BLOCK_ADDRESS   0                   ; in: what is accessed
%define BLOCK_CODE      8                   ; in: the instruction that does it
%define BLOCK_IS_USER   16                  ; in: 1 to go to ring 3 for it
%define BLOCK_FLAGS     24                  ; in: RFLAGS during the access
%define BLOCK_VALUE     32                  ; in: what a write writes; out: what was read
%define BLOCK_VECTOR    40                  ; out: 0, or the exception
%define BLOCK_ERROR     48                  ; out: its error code
%define BLOCK_FAULT     56                  ; out: CR2

%define PROBE_DONE_VECTOR 0x81
%define VECTOR_GENERAL_PROTECTION 13
%define VECTOR_PAGE_FAULT 14

extern  machine_interrupt_stub

section .text

; void matrix_probe(ProbeBlock* block). Interrupts are off.
global  matrix_probe
align 16
matrix_probe:
    push    rbx
    push    rbp
    push    r12
    push    r13
    push    r14
    push    r15
    push    rdi
    pushfq
    mov     [rel probe_stack], rsp
    mov     qword [rdi + BLOCK_VECTOR], 0
    mov     rdx, [rdi + BLOCK_ADDRESS]
    mov     ecx, [rdi + BLOCK_VALUE]
    mov     rax, [rdi + BLOCK_FLAGS]
    cmp     qword [rdi + BLOCK_IS_USER], 0
    jne     .user
    push    rax
    mov     rbx, [rdi + BLOCK_CODE]
    popfq
    jmp     rbx
.user:
    push    SELECTOR_USER_DATA
    push    0                               ; nothing in ring 3 uses its stack
    push    rax
    push    SELECTOR_USER_CODE
    push    qword [rdi + BLOCK_CODE]
    iretq

; Entered by the gate of PROBE_DONE_VECTOR, which user mode may use.
align 16
probe_done:
    mov     rsp, [rel probe_stack]
    mov     rdi, [rsp + 8]
    mov     [rdi + BLOCK_VALUE], rax
probe_return:
    mov     qword [rel probe_stack], 0
    popfq
    pop     rdi
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     rbp
    pop     rbx
    cld
    ret

%macro EXCEPTION 2
align 16
%1:
    cmp     qword [rel probe_stack], 0
    je      %%not_a_probe
    pop     rax
    mov     rsp, [rel probe_stack]
    mov     rdi, [rsp + 8]
    mov     [rdi + BLOCK_ERROR], rax
    mov     qword [rdi + BLOCK_VECTOR], %2
    mov     rax, cr2
    mov     [rdi + BLOCK_FAULT], rax
    jmp     probe_return
%%not_a_probe:
    push    rax                             ; a fault of the kernel's own: to its own handler, with every register as it was
    push    rcx
    push    rdi
    mov     edi, %2
    call    machine_interrupt_stub
    mov     [rel kernel_stub], rax
    pop     rdi
    pop     rcx
    pop     rax
    jmp     [rel kernel_stub]
%endmacro

    EXCEPTION probe_page_fault, VECTOR_PAGE_FAULT
    EXCEPTION probe_general_protection, VECTOR_GENERAL_PROTECTION

; nuint matrix_code(int index): addresses of the pieces of code below, in the order of ProbeCode.
global  matrix_code
align 16
matrix_code:
    lea     rax, [rel pieces]
    mov     eax, [rax + rdi * 4]
    ret

; What a probe executes in ring 0, and a copy of it in ring 3. Position independent.
align 16
user_code:
read:
    mov     eax, [rdx]
    int     PROBE_DONE_VECTOR
align 16
write:
    mov     [rdx], ecx
    int     PROBE_DONE_VECTOR
align 16
implicit_read:                              ; of a descriptor in the local table, which lies in the probed page
    lsl     eax, edx
    int     PROBE_DONE_VECTOR
align 16
user_code_end:
load_root:
    mov     cr3, rdx
    int     PROBE_DONE_VECTOR

; The descriptor tables: void (byte*) with limit and base, and a selector for the local one.
global  matrix_store_interrupt_table
align 16
matrix_store_interrupt_table:
    sidt    [rdi]
    ret
global  matrix_load_interrupt_table
align 16
matrix_load_interrupt_table:
    lidt    [rdi]
    ret
global  matrix_store_global_table
align 16
matrix_store_global_table:
    sgdt    [rdi]
    ret
global  matrix_load_global_table
align 16
matrix_load_global_table:
    lgdt    [rdi]
    ret
global  matrix_load_local_table
align 16
matrix_load_local_table:
    lldt    di
    ret

section .rodata
align 8
pieces:
    dd      read, write, implicit_read, load_root, user_code, user_code_end, probe_done, probe_page_fault, probe_general_protection

section .bss
align 8
probe_stack:                                ; where the probing routine stands; 0 when none is
    resq    1
kernel_stub:
    resq    1

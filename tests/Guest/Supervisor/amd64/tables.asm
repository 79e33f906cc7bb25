; Where the processor keeps its descriptor tables: what user mode must not reach.

section .text

; void guest_store_tables(nuint* four): addresses of GDT and IDT, selector of the task segment, limit of the IDT.
global guest_store_tables
align 16
guest_store_tables:
    sub     rsp, 24
    sgdt    [rsp]
    mov     rax, [rsp + 2]
    mov     [rdi], rax
    sidt    [rsp]
    mov     rax, [rsp + 2]
    mov     [rdi + 8], rax
    xor     eax, eax
    str     ax
    mov     [rdi + 16], rax
    movzx   eax, word [rsp]                 ; the limit that SIDT stored
    mov     [rdi + 24], rax
    add     rsp, 24
    ret

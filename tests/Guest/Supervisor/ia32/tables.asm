; Where the processor keeps its descriptor tables: what user mode must not reach.

section .text align=16

; void guest_store_tables(nuint* four): addresses of GDT and IDT, selector of the task segment, limit of the IDT.
global guest_store_tables
align 16
guest_store_tables:
    sub     esp, 8
    sgdt    [esp]
    mov     eax, [esp + 2]
    mov     [ecx], eax
    sidt    [esp]
    mov     eax, [esp + 2]
    mov     [ecx + 4], eax
    xor     eax, eax
    str     ax
    mov     [ecx + 8], eax
    movzx   eax, word [esp]                 ; the limit that SIDT stored
    mov     [ecx + 12], eax
    add     esp, 8
    ret

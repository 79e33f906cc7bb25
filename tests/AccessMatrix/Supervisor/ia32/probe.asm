; One access on the real MMU, and what came of it. The access ends in one of two ways, both of which abandon the stack that they find: by
; INT PROBE_DONE_VECTOR, which is the instruction behind every access, or by an exception.

%include "constants.inc"

; ProbeBlock, in nuints (ProbeBlock.cs).
%define BLOCK_ADDRESS   0                   ; in: what is accessed
%define BLOCK_CODE      4                   ; in: the instruction that does it
%define BLOCK_IS_USER   8                   ; in: 1 to go to ring 3 for it
%define BLOCK_FLAGS     12                  ; in: EFLAGS during the access
%define BLOCK_VALUE     16                  ; in: what a write writes; out: what was read
%define BLOCK_VECTOR    20                  ; out: 0, or the exception
%define BLOCK_ERROR     24                  ; out: its error code
%define BLOCK_FAULT     28                  ; out: CR2

%define PROBE_DONE_VECTOR 0x81
%define VECTOR_GENERAL_PROTECTION 13
%define VECTOR_PAGE_FAULT 14

extern  machine_interrupt_stub

section .text align=16

; void matrix_probe(ProbeBlock* block). Interrupts are off.
global  matrix_probe
align 16
matrix_probe:
    push    ebx
    push    ebp
    push    esi
    push    edi
    push    ecx
    pushfd
    mov     [probe_stack], esp
    mov     edi, ecx
    mov     dword [edi + BLOCK_VECTOR], 0
    mov     edx, [edi + BLOCK_ADDRESS]
    mov     ecx, [edi + BLOCK_VALUE]
    mov     eax, [edi + BLOCK_FLAGS]
    mov     ebx, [edi + BLOCK_CODE]
    cmp     dword [edi + BLOCK_IS_USER], 0
    jne     .user
    push    eax
    popfd
    jmp     ebx
.user:
    push    SELECTOR_USER_DATA
    push    0                               ; nothing in ring 3 uses its stack
    push    eax
    push    SELECTOR_USER_CODE
    push    ebx
    iretd

; Entered by the gate of PROBE_DONE_VECTOR, which user mode may use.
align 16
probe_done:
    mov     esp, [probe_stack]
    mov     edi, [esp + 4]
    mov     [edi + BLOCK_VALUE], eax
probe_return:
    mov     dword [probe_stack], 0
    popfd
    pop     ecx
    pop     edi
    pop     esi
    pop     ebp
    pop     ebx
    cld
    ret

%macro EXCEPTION 2
align 16
%1:
    cmp     dword [probe_stack], 0
    je      %%not_a_probe
    pop     eax
    mov     esp, [probe_stack]
    mov     edi, [esp + 4]
    mov     [edi + BLOCK_ERROR], eax
    mov     dword [edi + BLOCK_VECTOR], %2
    mov     eax, cr2
    mov     [edi + BLOCK_FAULT], eax
    jmp     probe_return
%%not_a_probe:
    push    eax                             ; a fault of the kernel's own: to its own handler, with every register as it was
    push    ecx
    mov     ecx, %2
    call    machine_interrupt_stub
    mov     [kernel_stub], eax
    pop     ecx
    pop     eax
    jmp     [kernel_stub]
%endmacro

    EXCEPTION probe_page_fault, VECTOR_PAGE_FAULT
    EXCEPTION probe_general_protection, VECTOR_GENERAL_PROTECTION

; nuint matrix_code(int index): addresses of the pieces of code below, in the order of ProbeCode.
global  matrix_code
align 16
matrix_code:
    mov     eax, [pieces + ecx * 4]
    ret

; What a probe executes in ring 0, and a copy of it in ring 3. Position independent.
align 16
user_code:
read:
    mov     eax, [edx]
    int     PROBE_DONE_VECTOR
align 16
write:
    mov     [edx], ecx
    int     PROBE_DONE_VECTOR
align 16
implicit_read:                              ; of a descriptor in the local table, which lies in the probed page
    lsl     eax, edx
    int     PROBE_DONE_VECTOR
align 16
user_code_end:
load_root:
    mov     cr3, edx
    int     PROBE_DONE_VECTOR

; The descriptor tables: void (byte*) with limit and base, and a selector for the local one.
global  matrix_store_interrupt_table
align 16
matrix_store_interrupt_table:
    sidt    [ecx]
    ret
global  matrix_load_interrupt_table
align 16
matrix_load_interrupt_table:
    lidt    [ecx]
    ret
global  matrix_store_global_table
align 16
matrix_store_global_table:
    sgdt    [ecx]
    ret
global  matrix_load_global_table
align 16
matrix_load_global_table:
    lgdt    [ecx]
    ret
global  matrix_load_local_table
align 16
matrix_load_local_table:
    lldt    cx
    ret

section .rdata align=16
align 8
pieces:
    dd      read, write, implicit_read, load_root, user_code, user_code_end, probe_done, probe_page_fault, probe_general_protection

section .bss align=16
probe_stack:                                ; where the probing routine stands; 0 when none is
    resd    1
kernel_stub:
    resd    1

; Single instructions that C# cannot say, for x86-64. System V convention: rdi, rsi, rdx in; rax out.

%include "counting.inc"
%include "function.inc"

FUNCTION machine_read_port8
    mov     edx, edi
    xor     eax, eax
    in      al, dx
    ret

FUNCTION machine_write_port8
    mov     edx, edi
    mov     eax, esi
    out     dx, al
    ret

; void machine_write_port_bytes(ushort port, byte* first, nuint count)
FUNCTION machine_write_port_bytes
    mov     rcx, rdx
    mov     edx, edi
    rep outsb
    ret

FUNCTION machine_write_port32
    mov     edx, edi
    mov     eax, esi
    out     dx, eax
    ret

FUNCTION machine_disable_interrupts          ; returns 1 if they were on
    pushfq
    pop     rax
    cli
    COUNT_OFF 0
    shr     eax, 9
    and     eax, 1
    ret

FUNCTION machine_enable_interrupts
    COUNT_ON 1
    sti
    ret

FUNCTION machine_wait_for_interrupt          ; sti takes effect after the next instruction: no interrupt is lost between the two
    COUNT_ON 1
    sti
    hlt
    ret

%ifdef AUDIT
FUNCTION machine_read_flags
    pushfq
    pop     rax
    ret

%endif
FUNCTION machine_invalidate_page
    COUNT_EVENT machine_invalidated_pages
    invlpg  [rdi]
    ret

FUNCTION machine_read_cr0
    mov     rax, cr0
    ret

FUNCTION machine_write_cr0
    mov     cr0, rdi
    ret

FUNCTION machine_read_cr2
    mov     rax, cr2
    ret

FUNCTION machine_read_cr3
    mov     rax, cr3
    ret

FUNCTION machine_write_cr3
    COUNT_EVENT machine_control3_writes
    mov     cr3, rdi
    ret

FUNCTION machine_invalidate_contexts         ; INVPCID of type 3: all contexts, whatever the descriptor says
    COUNT_EVENT machine_control3_writes
    sub     rsp, 24
    mov     qword [rsp], 0
    mov     qword [rsp + 8], 0
    mov     eax, 3
    invpcid rax, [rsp]
    add     rsp, 24
    ret

FUNCTION machine_read_cr4
    mov     rax, cr4
    ret

FUNCTION machine_write_cr4
    mov     cr4, rdi
    ret

FUNCTION machine_read_model_register
    mov     ecx, edi
    rdmsr
    shl     rdx, 32
    or      rax, rdx
    ret

FUNCTION machine_write_model_register
    mov     ecx, edi
    mov     eax, esi
    mov     rdx, rsi
    shr     rdx, 32
    wrmsr
    ret

; void machine_processor_identify(uint leaf, uint subleaf, uint* fourWords): eax, ebx, ecx, edx
FUNCTION machine_processor_identify
    push    rbx
    mov     r8, rdx
    mov     eax, edi
    mov     ecx, esi
    cpuid
    mov     [r8], eax
    mov     [r8 + 4], ebx
    mov     [r8 + 8], ecx
    mov     [r8 + 12], edx
    pop     rbx
    ret

FUNCTION machine_load_descriptor_table       ; rdi: pointer to limit and base
    lgdt    [rdi]
    mov     eax, 0x10
    mov     ss, eax
    pop     rax
    push    0x08
    push    rax
    o64 retf

FUNCTION machine_load_interrupt_table
    lidt    [rdi]
    ret

FUNCTION machine_load_task
    ltr     di
    ret

FUNCTION machine_read_time_stamp
    rdtsc
    shl     rdx, 32
    or      rax, rdx
    ret

FUNCTION machine_halt_forever
    cli
.again:
    hlt
    jmp     .again

extern  machine_supervisor_access_prevention
FUNCTION machine_close_supervisor_access
    mov     byte [rel machine_supervisor_access_prevention], 1
    clac
    ret

; Single instructions that C# cannot say, for IA-32. RyuJIT's register convention: ecx, edx, then the stack (callee pops);
; result in eax or edx:eax.

%include "constants.inc"
%include "counting.inc"
%include "function.inc"

FUNCTION machine_read_port8
    mov     edx, ecx
    xor     eax, eax
    in      al, dx
    ret

FUNCTION machine_write_port8
    mov     eax, edx
    mov     edx, ecx
    out     dx, al
    ret

; void machine_write_port_bytes(ushort port, byte* first, nuint count)
FUNCTION machine_write_port_bytes
    push    esi
    mov     esi, edx
    mov     edx, ecx
    mov     ecx, [esp + 8]
    rep outsb
    pop     esi
    ret     4

FUNCTION machine_write_port32
    mov     eax, edx
    mov     edx, ecx
    out     dx, eax
    ret

FUNCTION machine_disable_interrupts          ; returns 1 if they were on
    pushfd
    pop     eax
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
    pushfd
    pop     eax
    ret

%endif
FUNCTION machine_invalidate_page
    COUNT_EVENT machine_invalidated_pages
    invlpg  [ecx]
    ret

FUNCTION machine_read_cr0
    mov     eax, cr0
    ret

FUNCTION machine_write_cr0
    mov     cr0, ecx
    ret

FUNCTION machine_read_cr2
    mov     eax, cr2
    ret

FUNCTION machine_read_cr3
    mov     eax, cr3
    ret

FUNCTION machine_write_cr3
    COUNT_EVENT machine_control3_writes
    mov     cr3, ecx
    ret

FUNCTION machine_read_cr4
    mov     eax, cr4
    ret

FUNCTION machine_write_cr4
    mov     cr4, ecx
    ret

; ulong machine_read_model_register(uint register)
FUNCTION machine_read_model_register
    rdmsr
    ret

; void machine_write_model_register(uint register, ulong value): the value lies on the stack
FUNCTION machine_write_model_register
    mov     eax, [esp + 4]
    mov     edx, [esp + 8]
    wrmsr
    ret     8

; void machine_processor_identify(uint leaf, uint subleaf, uint* fourWords): eax, ebx, ecx, edx
FUNCTION machine_processor_identify
    push    ebx
    push    edi
    mov     edi, [esp + 12]
    mov     eax, ecx
    mov     ecx, edx
    cpuid
    mov     [edi], eax
    mov     [edi + 4], ebx
    mov     [edi + 8], ecx
    mov     [edi + 12], edx
    pop     edi
    pop     ebx
    ret     4

FUNCTION machine_load_descriptor_table       ; ecx: pointer to limit and base
    lgdt    [ecx]
    jmp     0x08:.reload
.reload:
    mov     eax, SELECTOR_KERNEL_DATA
    mov     ss, eax
    mov     eax, SELECTOR_USER_DATA         ; see interrupts.asm
    mov     ds, eax
    mov     es, eax
    xor     eax, eax
    mov     fs, eax
    mov     gs, eax
    ret

FUNCTION machine_load_interrupt_table
    lidt    [ecx]
    ret

FUNCTION machine_load_task
    ltr     cx
    ret

FUNCTION machine_read_time_stamp
    rdtsc
    ret

FUNCTION machine_halt_forever
    cli
.again:
    hlt
    jmp     .again

extern  machine_supervisor_access_prevention
FUNCTION machine_close_supervisor_access
    mov     byte [machine_supervisor_access_prevention], 1
    clac
    ret

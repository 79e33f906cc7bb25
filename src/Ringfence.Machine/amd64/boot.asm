; Boot entry for x86-64: from the PVH hand-over (32-bit protected mode, no paging) to KernelMain in long mode, on the page tables that the image holds.
;
; PVH (Xen "x86/HVM direct boot ABI"): ebx holds the physical address of hvm_start_info; flat segments; interrupts off.
; Everything the kernel will ask of the processor is checked here, before the first instruction that could need it, so that
; a processor lacking something prints a line instead of dying of a triple fault.

%include "constants.inc"
%include "boot.inc"
%include "counting.inc"

; The structure hvm_start_info, and how many entries of a memory map fit behind it in a page. All of it lies below 4 GiB.
%define START_INFO_BYTE_COUNT   56
%define START_INFO_MAP_ADDRESS  40
%define START_INFO_MAP_COUNT    48
%define START_INFO_MAP_ENTRY_BYTE_COUNT 24
%define START_INFO_MAP_LIMIT    168

section .note.pvh note alloc noexec nowrite align=4
pvh_note:
    dd  4                                   ; name size, with its terminator
    dd  4                                   ; descriptor size
    dd  18                                  ; XEN_ELFNOTE_PHYS32_ENTRY
    db  "Xen", 0
    dd  boot_entry

extern  KernelMain
extern  __security_cookie
extern  image_base_root                     ; of the filled page tables
extern  image_first_stack_frame             ; where the frames of stacks are, the first thread's kernel stack first
extern  image_kernel_stack_start            ; where it will be mapped
extern  image_boot_stack
extern  image_boot_stack_end

section .boot.text progbits alloc exec nowrite align=16
bits 32
global  boot_entry
boot_entry:
    cli
    cld
%ifdef COUNT
    rdtsc
    mov     [machine_boot_stamp], eax
    mov     [machine_boot_stamp + 4], edx
%endif
    mov     esp, image_boot_stack_end
    mov     ebp, ebx                        ; hvm_start_info, kept over CPUID
%ifdef AUDIT
    ; Painted, so that a test can see how deep it was ever used.
    mov     edi, image_boot_stack
    mov     ecx, esp
    sub     ecx, edi
    shr     ecx, 2
    mov     eax, BOOT_STACK_PAINT
    rep stosd
%endif

    ; CPUID itself exists on every processor with long mode; a 486 without it cannot toggle EFLAGS.ID.
    pushfd
    pop     eax
    mov     ecx, eax
    xor     eax, EFLAGS_ID
    push    eax
    popfd
    pushfd
    pop     eax
    xor     eax, ecx
    mov     esi, text_cpuid
    test    eax, EFLAGS_ID
    jz      refuse_requirement

    mov     eax, 1
    cpuid
    mov     esi, text_fxsr
    bt      edx, 24                         ; FXSR
    jnc     refuse_requirement
    mov     esi, text_sse2
    bt      edx, 26                         ; SSE2
    jnc     refuse_requirement

    mov     eax, 0x80000000
    cpuid
    mov     esi, text_long_mode
    cmp     eax, 0x80000001
    jb      refuse_processor
    mov     eax, 0x80000001
    cpuid
    bt      edx, 29                         ; long mode
    jnc     refuse_processor
    mov     esi, text_execute_disable
    bt      edx, 20                         ; NX
    jnc     refuse_requirement

    WIRE_LOCAL_APIC

    ; The loader's memory is not mapped: what is wanted of it is copied to where it will be.
    mov     edi, image_first_stack_frame
    mov     esi, ebp
    mov     ecx, START_INFO_BYTE_COUNT / 4
    rep movsd
    mov     eax, START_INFO_MAP_LIMIT
    cmp     eax, [ebp + START_INFO_MAP_COUNT]
    jb      .copy_map
    mov     eax, [ebp + START_INFO_MAP_COUNT]
.copy_map:
    mov     [edi - START_INFO_BYTE_COUNT + START_INFO_MAP_COUNT], eax
    mov     dword [edi - START_INFO_BYTE_COUNT + START_INFO_MAP_ADDRESS], image_kernel_stack_start + START_INFO_BYTE_COUNT
    imul    ecx, eax, START_INFO_MAP_ENTRY_BYTE_COUNT / 4
    mov     esi, [ebp + START_INFO_MAP_ADDRESS]
    rep movsd

    mov     eax, CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT
    mov     cr4, eax
    mov     eax, image_base_root
    mov     cr3, eax
    mov     ecx, MSR_EFER
    rdmsr
    or      eax, EFER_LME | EFER_NXE | EFER_SCE
    wrmsr
    mov     eax, CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE
    mov     cr0, eax
    lgdt    [boot_descriptor_table_pointer]
    jmp     SELECTOR_KERNEL_CODE:long_mode_entry

    DEFINE_REFUSE

bits 64
long_mode_entry:
    mov     eax, SELECTOR_KERNEL_DATA
    mov     ss, eax
    xor     eax, eax
    mov     ds, eax
    mov     es, eax
    mov     fs, eax
    mov     gs, eax
    mov     esp, image_boot_stack_end       ; the upper half of rsp was undefined at the switch to long mode

    ; Intel's processors say that they have SYSCALL in 64-bit mode only (SDM vol. 2A, CPUID, leaf 80000001H). The code of refuse_requirement means the same here.
    mov     eax, 0x80000001
    cpuid
    mov     esi, text_syscall
    bt      edx, 11                         ; SYSCALL/SYSRET
    jnc     refuse_requirement
    rdtsc                                   ; a stack cookie of this boot's own, before the first frame that checks one
    shl     rdx, 32
    or      rax, rdx
    xor     [rel __security_cookie], rax
    mov     edi, image_kernel_stack_start   ; KernelMain(boot information)
    xor     ebp, ebp
    fninit
    call    KernelMain
    ud2                                     ; KernelMain never returns

section .boot.rodata progbits alloc noexec nowrite align=8
align 8
boot_descriptor_table:
    dq  0
    dq  0x00af9b000000ffff                  ; SELECTOR_KERNEL_CODE: 64-bit, ring 0, accessed already set: the table may be read-only
    dq  0x00cf93000000ffff                  ; SELECTOR_KERNEL_DATA
boot_descriptor_table_end:
boot_descriptor_table_pointer:
    dw  boot_descriptor_table_end - boot_descriptor_table - 1
    dd  boot_descriptor_table

text_lacks:                 db "ringfence: this processor lacks ", 0
text_required:              db ", which x86-64 images require", 13, 10, 0
text_cpuid:                 db "CPUID", 0
text_fxsr:                  db "FXSAVE", 0
text_sse2:                  db "SSE2", 0
text_long_mode:             db "long mode; build the image for pae or ia32", 13, 10, 0
text_execute_disable:       db "execute-disable (NX)", 0
text_syscall:               db "SYSCALL", 0

; Boot entry for IA-32: from a multiboot loader (32-bit protected mode, no paging) to KernelMain, on the page tables that the image holds: no
; C# ever runs without its fences.
;
; Multiboot 1: eax = 0x2BADB002, ebx = physical address of the information structure; flat segments; interrupts off.
; Everything the kernel will ask of the processor is checked here, before the first instruction that could need it, so that
; a processor lacking something prints a line instead of dying of a triple fault.

%include "constants.inc"
%include "boot.inc"
%include "counting.inc"

extern  KernelMain
extern  ___security_cookie
extern  image_base_root                     ; of the filled page tables
extern  image_first_stack_frame             ; where the frames of stacks are, the first thread's kernel stack first
extern  image_kernel_stack_start            ; where it will be mapped
extern  image_boot_stack
extern  image_boot_stack_end

; The multiboot information structure (Multiboot specification 0.6.96, 3.3), as far as it is read, and how much of a memory map fits behind it in a page:
; 160 entries.
%define MULTIBOOT_BYTE_COUNT    52
%define MULTIBOOT_HAS_MAP       (1 << 6)
%define MULTIBOOT_MAP_LENGTH    44
%define MULTIBOOT_MAP_ADDRESS   48
%define MULTIBOOT_MAP_LIMIT     (160 * 24)

section .boot exec align=16

; Flags 0: no aout fields (bit 16), which would make the loader ignore the ELF segments. The memory map comes unasked.
align 4
multiboot_header:
    dd  0x1BADB002
    dd  0
    dd  -0x1BADB002

global  boot_entry
boot_entry:
    cli
    cld
%ifdef COUNT
    mov     esi, eax
    rdtsc
    mov     [machine_boot_stamp], eax
    mov     [machine_boot_stamp + 4], edx
    mov     eax, esi
%endif
    mov     esp, image_boot_stack_end
    mov     ebp, ebx
%ifdef AUDIT
    ; Painted, so that a test can see how deep it was ever used.
    mov     edx, eax
    mov     edi, image_boot_stack
    mov     ecx, esp
    sub     ecx, edi
    shr     ecx, 2
    mov     eax, BOOT_STACK_PAINT
    rep stosd
    mov     eax, edx
%endif

    mov     esi, text_no_multiboot
    cmp     eax, 0x2BADB002
    jne     refuse

    ; A 486 without CPUID cannot toggle EFLAGS.ID.
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
    bt      edx, 26                         ; SSE2: RyuJIT's baseline on IA-32
    jnc     refuse_requirement
%ifdef PAE
    mov     esi, text_pae
    bt      edx, 6                          ; PAE
    jnc     refuse_processor
    mov     esi, text_execute_disable
    mov     eax, 0x80000000
    cpuid
    cmp     eax, 0x80000001
    jb      refuse_processor
    mov     eax, 0x80000001
    cpuid
    bt      edx, 20                         ; NX
    jnc     refuse_processor
%endif

    WIRE_LOCAL_APIC

    ; The loader's memory is not mapped: what is wanted of it is copied to where it will be.
    mov     edi, image_first_stack_frame
    mov     esi, ebp
    mov     ecx, MULTIBOOT_BYTE_COUNT / 4
    rep movsd
    xor     ecx, ecx
    test    byte [ebp], MULTIBOOT_HAS_MAP
    jz      .copy_map
    mov     ecx, MULTIBOOT_MAP_LIMIT
    cmp     ecx, [ebp + MULTIBOOT_MAP_LENGTH]
    jb      .copy_map
    mov     ecx, [ebp + MULTIBOOT_MAP_LENGTH]
.copy_map:
    mov     [edi - MULTIBOOT_BYTE_COUNT + MULTIBOOT_MAP_LENGTH], ecx
    mov     dword [edi - MULTIBOOT_BYTE_COUNT + MULTIBOOT_MAP_ADDRESS], image_kernel_stack_start + MULTIBOOT_BYTE_COUNT
    mov     esi, [ebp + MULTIBOOT_MAP_ADDRESS]
    rep movsb

    mov     eax, cr4
%ifdef PAE
    or      eax, CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT
%else
    or      eax, CR4_OSFXSR | CR4_OSXMMEXCPT
%endif
    mov     cr4, eax
%ifdef PAE
    mov     ecx, MSR_EFER                   ; with NXE, bit 63 of an entry is execute-disable; without, it is reserved
    rdmsr
    or      eax, EFER_NXE
    wrmsr
%endif
    mov     eax, image_base_root
    mov     cr3, eax
    mov     eax, cr0
    and     eax, ~CR0_EM
    or      eax, CR0_PG | CR0_WP | CR0_MP | CR0_NE
    mov     cr0, eax
    fninit
    rdtsc                                   ; a stack cookie of this boot's own, before the first frame that checks one
    xor     [___security_cookie], eax
    mov     ecx, image_kernel_stack_start   ; KernelMain(boot information)
    xor     ebp, ebp
    call    KernelMain
    ud2                                     ; KernelMain never returns

    DEFINE_REFUSE

section .rdata align=4
text_no_multiboot:          db "ringfence: the loader did not follow the multiboot protocol", 13, 10, 0
text_lacks:                 db "ringfence: this processor lacks ", 0
text_required:              db ", which IA-32 images require", 13, 10, 0
text_cpuid:                 db "CPUID", 0
text_fxsr:                  db "FXSAVE", 0
text_sse2:                  db "SSE2", 0
%ifdef PAE
text_pae:                   db "PAE; build the image for ia32", 13, 10, 0
text_execute_disable:       db "execute-disable (NX); build the image for ia32", 13, 10, 0
%endif

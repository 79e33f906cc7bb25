; Boots an x86-64 image on a machine that has GRUB and no PVH: GRUB loads this as a multiboot kernel and the image as its module; this loads the
; image's segments, makes the memory map into a PVH start structure and jumps to the image's PVH entry. Flat binary; no image pays a byte for it.
;
; Multiboot specification 0.6.96, 3.1 and 3.3; ELF-64; Xen "x86/HVM direct boot ABI".

%define LOAD_ADDRESS        0x1800000       ; 24 MiB: above what images take, within 32 MiB
%define FILE_ADDRESS        0x1900000       ; where the file is out of the way of its own segments

%define MULTIBOOT_MAGIC     0x1BADB002
%define MULTIBOOT_ADDRESSES (1 << 16)       ; the header says where to load, not an ELF header
%define MULTIBOOT_MODULES   20              ; in the information structure: count, then the list's address
%define MULTIBOOT_MAP       44              ; bytes, then address

%define ELF_PROGRAM_HEADERS 32              ; offset of the table; the file is below 4 GiB, so low halves suffice
%define ELF_HEADER_COUNT    56
%define ELF_HEADER_SIZE     56
%define SEGMENT_TYPE        0
%define SEGMENT_OFFSET      8
%define SEGMENT_ADDRESS     24              ; physical
%define SEGMENT_FILE_SIZE   32
%define SEGMENT_SIZE        40
%define TYPE_LOAD           1
%define TYPE_NOTE           4
%define NOTE_PVH_ENTRY      18              ; XEN_ELFNOTE_PHYS32_ENTRY
%define NOTE_TYPE           8
%define NOTE_ENTRY          16              ; behind the name "Xen" and its zero

%define START_MAGIC         0x336EC578
%define MAP_CAPACITY        64

bits 32
org LOAD_ADDRESS

align 4
header:
    dd  MULTIBOOT_MAGIC
    dd  MULTIBOOT_ADDRESSES
    dd  -(MULTIBOOT_MAGIC + MULTIBOOT_ADDRESSES)
    dd  header
    dd  LOAD_ADDRESS
    dd  data_end
    dd  bss_end
    dd  entry

entry:
    cli
    cld
    mov     esp, stack_end
    ; The memory map first: a segment may fall on what GRUB left.
    mov     esi, [ebx + MULTIBOOT_MAP + 4]
    mov     edx, [ebx + MULTIBOOT_MAP]
    add     edx, esi                        ; its end
    mov     edi, map
.entry:
    cmp     esi, edx
    jae     .map_done
    cmp     dword [start.map_count], MAP_CAPACITY
    jae     .map_done
    mov     eax, [esi]                      ; size, start, length, type; the size doesn't count itself
    lea     ebp, [esi + eax + 4]
    add     esi, 4
    mov     ecx, 5
    rep movsd
    xor     eax, eax
    stosd                                   ; PVH's entries end in a reserved word
    inc     dword [start.map_count]
    mov     esi, ebp
    jmp     .entry
.map_done:
    mov     eax, [ebx + MULTIBOOT_MODULES + 4]
    mov     esi, [eax]                      ; where GRUB put the file, perhaps at 1 MiB
    mov     ecx, [eax + 4]
    sub     ecx, esi
    mov     ebp, FILE_ADDRESS
    mov     edi, ebp
    rep movsb
    movzx   edx, word [ebp + ELF_HEADER_COUNT]
    mov     ebx, [ebp + ELF_PROGRAM_HEADERS]
    add     ebx, ebp
.segment:
    cmp     dword [ebx + SEGMENT_TYPE], TYPE_NOTE
    je      .note
    cmp     dword [ebx + SEGMENT_TYPE], TYPE_LOAD
    jne     .next
    mov     esi, [ebx + SEGMENT_OFFSET]
    add     esi, ebp
    mov     edi, [ebx + SEGMENT_ADDRESS]
    mov     ecx, [ebx + SEGMENT_FILE_SIZE]
    rep movsb
    mov     ecx, [ebx + SEGMENT_SIZE]
    sub     ecx, [ebx + SEGMENT_FILE_SIZE]
    xor     eax, eax
    rep stosb
    jmp     .next
.note:
    mov     esi, [ebx + SEGMENT_OFFSET]
    add     esi, ebp
    cmp     dword [esi + NOTE_TYPE], NOTE_PVH_ENTRY
    jne     .next
    mov     eax, [esi + NOTE_ENTRY]
    mov     [image_entry], eax
.next:
    add     ebx, ELF_HEADER_SIZE
    dec     edx
    jnz     .segment
    mov     ebx, start
    jmp     [image_entry]

align 8
start:                                      ; hvm_start_info, version 1
    dd  START_MAGIC
    dd  1
    dd  0                                   ; flags
    dd  0                                   ; modules
    dq  0
    dq  0                                   ; command line
    dq  0                                   ; system description
    dq  map
.map_count:
    dd  0
    dd  0
image_entry:
    dd  0
data_end:

absolute data_end
alignb 8
map:
    resb    MAP_CAPACITY * 24
    resb    1024
stack_end:
bss_end:

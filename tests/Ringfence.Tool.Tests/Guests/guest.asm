; A guest small enough to be made by the test that boots it: prints TEXT (bytes, the last a zero) on COM1, then ends as ENDING says.
;   STATUS  writes the exit status to the debug-exit port       HANG  waits for ever       RESET  triple fault       FLOOD  prints for ever
; Multiboot (flags 0, so that QEMU takes the ELF segments), 32-bit, good for both emulators.

bits 32

%define STATUS 1
%define HANG   2
%define RESET  3
%define FLOOD  4

section .text
align 4
    dd  0x1BADB002, 0, -0x1BADB002

global  _start
_start:
    lidt    [no_descriptors]                ; any exception or interrupt from here on is a triple fault
.again:
    mov     esi, text
    mov     dx, 0x3F8
.next:
    lodsb
    test    al, al
    jz      .printed
    out     dx, al
    jmp     .next
.printed:
%if ENDING == STATUS
    mov     dx, 0xF4
    mov     al, EXIT_STATUS
    out     dx, al
%elif ENDING == RESET
    ud2
%elif ENDING == FLOOD
    jmp     .again
%endif
.wait:
    hlt
    jmp     .wait

section .rodata
no_descriptors:
    dw  0
    dd  0
text:
    db  TEXT

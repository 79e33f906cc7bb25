; Copies of page tables, sixteen bytes at a time: most of a small system's tables is empty, and what isn't takes the same few instructions in every entry.
; Images with tables for each domain have it; the others copy none.

%include "constants.inc"

; Entries of 64 bits, of which the processor sets and this file looks at the low half.
%if WORD_BYTE_COUNT == 8
%define WIDE_ENTRIES
%endif
%ifdef PAE
%define WIDE_ENTRIES
%endif

section .text align=16

; uint machine_copy_table(void* source, void* destination, uint marks): both are pages. What isn't present becomes 0. Bits of a present entry that
; are in marks are copied a second time, 5 places up: D stands there for R/W. The result has a bit for each 128 bytes, set if anything is in them.
global  machine_copy_table
align 16
machine_copy_table:
%if WORD_BYTE_COUNT == 4
    %define SOURCE      ecx
    %define DESTINATION edx
    %define SCRATCH     ebx
    movd    xmm5, [esp + 4]
    push    ebx
%else
    %define SOURCE      rdi
    %define DESTINATION rsi
    %define SCRATCH     ecx
    movd    xmm5, edx
%endif
%ifdef WIDE_ENTRIES
    pshufd  xmm5, xmm5, 0x44                ; the low half of each entry
%else
    pshufd  xmm5, xmm5, 0
%endif
    pxor    xmm4, xmm4
    sub     DESTINATION, SOURCE
    mov     eax, 1 << 31                    ; falls out behind the last of 32 lines
.line:
    movdqa  xmm0, [SOURCE]
%assign offset 16
%rep 7
    por     xmm0, [SOURCE + offset]
%assign offset offset + 16
%endrep
    pcmpeqd xmm0, xmm4
    pmovmskb SCRATCH, xmm0
    cmp     SCRATCH, 0xFFFF                 ; carry: something isn't 0
    jne     .copy
%assign offset 0
%rep 8
    movdqa  [SOURCE + DESTINATION + offset], xmm4
%assign offset offset + 16
%endrep
.next:
    lea     SOURCE, [SOURCE + 128]
    rcr     eax, 1
    jnc     .line
%if WORD_BYTE_COUNT == 4
    pop     ebx
    ret     4
%else
    ret
%endif

.copy:
%assign offset 0
%rep 8
    movdqa  xmm0, [SOURCE + offset]
    movdqa  xmm1, xmm0
    pslld   xmm1, 31
    psrad   xmm1, 31                        ; P, in every bit
%ifdef WIDE_ENTRIES
    pshufd  xmm1, xmm1, 0xA0
%endif
    pand    xmm0, xmm1
    movdqa  xmm1, xmm5
    pand    xmm1, xmm0
    pslld   xmm1, 5
    por     xmm0, xmm1
    movdqa  [SOURCE + DESTINATION + offset], xmm0
%assign offset offset + 16
%endrep
    stc
    jmp     .next

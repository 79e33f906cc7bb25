; Counts of images built to count (COUNT): flushes, and the longest run of instructions with interrupts off. The time-stamp
; counter counts instructions in the emulator that these images are for. What the macros of counting.inc call is here.
;
; The counting's own instructions are taken out of a run: every path below knows how many it has, the two of its macro included.

%include "constants.inc"

%ifdef COUNT

global  machine_interrupts_went_off
global  machine_interrupts_go_on
global  machine_invalidated_pages
global  machine_control3_writes
global  machine_interrupts_off_since
global  machine_boot_stamp
global  machine_event_counts
global  machine_measurement_begins
global  machine_measurement_ends
global  machine_measurement_reported

section .text align=16

; Of the macro's push and call, cmp, jne, mov, push, push, rdtsc | sub, add, mov, pop, pop, ret the last six follow the stamp.
align 16
machine_interrupts_went_off:
    cmp     byte [rel interrupts_off], 0
    jne     .already
    mov     byte [rel interrupts_off], 1
    push    ACCUMULATOR
    push    DATA
    rdtsc
    sub     eax, [STACK_POINTER + 3 * WORD_BYTE_COUNT]
    add     eax, 6
    mov     [rel machine_interrupts_off_since], eax
    pop     DATA
    pop     ACCUMULATOR
    ret     WORD_BYTE_COUNT
.already:
    add     dword [rel machine_interrupts_off_since], 6     ; push, call, cmp, jne, add, ret
    ret     WORD_BYTE_COUNT

; Eight instructions up to the stamp: push, call, cmp, je, mov, push, push, rdtsc.
align 16
machine_interrupts_go_on:
    cmp     byte [rel interrupts_off], 0
    je      .done
    mov     byte [rel interrupts_off], 0
    push    ACCUMULATOR
    push    DATA
    rdtsc
    sub     eax, [rel machine_interrupts_off_since]
    sub     eax, 8
    add     eax, [STACK_POINTER + 3 * WORD_BYTE_COUNT]
    cmp     eax, [rel longest_interrupts_off]
    jbe     .shorter
    mov     [rel longest_interrupts_off], eax
.shorter:
    pop     DATA
    pop     ACCUMULATOR
.done:
    ret     WORD_BYTE_COUNT

; nuint machine_event_counts(): address of the counts, Ringfence.Machine.EventCounts.
align 16
machine_event_counts:
    lea     ACCUMULATOR, [rel event_counts]
    ret

; Places that a trace of the emulator shows: the first begin and the last end what is measured, the third follows each figure.
align 16
machine_measurement_begins:
    ret
align 16
machine_measurement_ends:
    ret
align 16
machine_measurement_reported:
    ret

section .bss align=8
align 8
event_counts:
machine_boot_stamp:             resq 1
machine_invalidated_pages:      resd 1
machine_control3_writes:        resd 1
longest_interrupts_off:         resd 1
machine_interrupts_off_since:   resd 1
interrupts_off:                 resb 1

%endif

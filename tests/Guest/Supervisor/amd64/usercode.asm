; Code that tests run in user mode and that C# can't say: registers with known contents across a call or a preemption. The bytes lie in
; the kernel's text, are copied to a page of the probe's and called there with a block of data in rdi (UserBlock.cs has its layout), so
; everything here is position independent.

%define BLOCK_STOP      0                   ; in: not 0 ends the loop
%define BLOCK_CALL      8                   ; in: number of the system call
%define BLOCK_FLAGS     16                  ; in: flags to set; out: flags found
%define BLOCK_BEFORE    24                  ; out: flags that were really set
%define BLOCK_COUNT     32                  ; out: rounds made
%define BLOCK_FAILURE   40                  ; out: number of the check that failed
%define BLOCK_CONTROL   48                  ; in: x87 control word; 4 bytes on: MXCSR
%define BLOCK_NUMBER    56                  ; in: a double for st0
%define BLOCK_REGISTERS 64                  ; in: patterns; out: registers found
%define BLOCK_SCRATCH   208
%define BLOCK_VECTORS   256                 ; in: patterns of xmm registers
%define BLOCK_STATE     512                 ; out: FXSAVE image

%define PATTERN 0x5EED000000000000

section .text

%macro SAVE 0
    push    rbx
    push    rbp
    push    r12
    push    r13
    push    r14
    push    r15
    push    rdi                             ; the block
    pushfq
%endmacro

%macro RESTORE 0
    popfq
    pop     rdi
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     rbp
    pop     rbx
    ret
%endmacro

; Fills every register with a pattern, makes the call, and stores every register as it came back.
align 16
call_and_dump:
    SAVE
    mov     rax, [rdi + BLOCK_CALL]
%assign number 0
%rep 16
    pcmpeqd xmm %+ number, xmm %+ number
%assign number number + 1
%endrep
    mov     rbx, PATTERN + 3
    mov     rbp, PATTERN + 5
    mov     rsi, PATTERN + 6
    mov     rdi, PATTERN + 7
    mov     rdx, PATTERN + 2
    mov     r8, PATTERN + 8
    mov     r9, PATTERN + 9
    mov     r10, PATTERN + 10
    mov     r12, PATTERN + 12
    mov     r13, PATTERN + 13
    mov     r14, PATTERN + 14
    mov     r15, PATTERN + 15
    syscall
.returned:
    push    rax
    mov     rax, [rsp + 16]
%assign offset BLOCK_REGISTERS + 8
%macro STORE_REGISTERS 1-*
%rep %0
    mov     [rax + offset], %1
%assign offset offset + 8
%rotate 1
%endrep
%endmacro
    STORE_REGISTERS rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
    pop     rcx
    mov     [rax + BLOCK_REGISTERS], rcx
    lea     rcx, [rel .returned]
    mov     [rax + BLOCK_SCRATCH], rcx
    fxsave64 [rax + BLOCK_STATE]
    RESTORE
call_and_dump_end:

; Sets flags, makes a call, and stores the flags as they were before and after it.
align 16
flags_across_call:
    SAVE
    mov     rbx, rdi
    mov     rax, [rbx + BLOCK_CALL]
    mov     rdi, [rbx + BLOCK_REGISTERS]
    mov     rsi, [rbx + BLOCK_REGISTERS + 8]
    mov     rdx, [rbx + BLOCK_REGISTERS + 16]
    push    qword [rbx + BLOCK_FLAGS]
    popfq
    pushfq
    pop     qword [rbx + BLOCK_BEFORE]
    syscall
    pushfq
    pop     qword [rbx + BLOCK_FLAGS]
    mov     [rbx + BLOCK_REGISTERS], rax
    RESTORE
flags_across_call_end:

; The call is the first instruction that the trap flag, if it is among the flags, is set for.
align 16
trap_at_call:
    SAVE
    mov     rax, [rdi + BLOCK_CALL]
    push    qword [rdi + BLOCK_FLAGS]
    popfq
    syscall
    times 2 nop
    RESTORE
trap_at_call_end:

; Asks for flags by IRET and stores what came of it.
align 16
flags_by_return:
    SAVE
    mov     rbx, rdi
    mov     ecx, ss
    mov     edx, cs
    mov     rax, rsp
    push    rcx
    push    rax
    push    qword [rbx + BLOCK_FLAGS]
    push    rdx
    lea     rax, [rel .returned]
    push    rax
    iretq
.returned:
    pushfq
    pop     qword [rbx + BLOCK_FLAGS]
    RESTORE
flags_by_return_end:

%macro CHECK 0                              ; follows a comparison that must give "equal"
    jne     .fail %+ check_number
%assign check_number check_number + 1
%endmacro

%macro FAILURES 0
%assign number 1
%rep check_number - 1
.fail %+ number:
    mov     qword [r15 + BLOCK_FAILURE], number
    jmp     .done
%assign number number + 1
%endrep
%endmacro

; One instruction for each register of a list and its word of the block.
%macro LOAD_REGISTERS 1-*
%assign offset BLOCK_REGISTERS
%rep %0
    mov     %1, [r15 + offset]
%assign offset offset + 8
%rotate 1
%endrep
%endmacro

%macro CHECK_REGISTERS 1-*
%assign offset BLOCK_REGISTERS
%rep %0
    cmp     %1, [r15 + offset]
    CHECK
%assign offset offset + 8
%rotate 1
%endrep
%endmacro

%define ALL_REGISTERS rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13

; Holds patterns in all registers and compares them, round after round, until it is stopped.
align 16
pattern_loop:
    SAVE
    mov     r15, rdi
    LOAD_REGISTERS ALL_REGISTERS
%assign number 0
%rep 15
    movdqa  xmm %+ number, [r15 + BLOCK_VECTORS + 16 * number]
%assign number number + 1
%endrep
    fninit
    fldcw   [r15 + BLOCK_CONTROL]
    ldmxcsr [r15 + BLOCK_CONTROL + 4]
    fld     qword [r15 + BLOCK_NUMBER]
%assign check_number 1
.round:
    CHECK_REGISTERS ALL_REGISTERS
    cmp     r15, [rsp + 8]
    CHECK
%assign number 0
%rep 15
    movdqa  xmm15, xmm %+ number
    pcmpeqb xmm15, [r15 + BLOCK_VECTORS + 16 * number]
    pmovmskb r14d, xmm15
    cmp     r14d, 0xFFFF
    CHECK
%assign number number + 1
%endrep
    fnstcw  [r15 + BLOCK_SCRATCH]
    mov     r14w, [r15 + BLOCK_SCRATCH]
    cmp     r14w, [r15 + BLOCK_CONTROL]
    CHECK
    stmxcsr [r15 + BLOCK_SCRATCH]
    mov     r14d, [r15 + BLOCK_SCRATCH]
    cmp     r14d, [r15 + BLOCK_CONTROL + 4]
    CHECK
    fst     qword [r15 + BLOCK_SCRATCH]
    mov     r14, [r15 + BLOCK_SCRATCH]
    cmp     r14, [r15 + BLOCK_NUMBER]
    CHECK
    mov     r14d, 0x8D7                     ; CF, PF, AF, ZF, SF, OF and reserved bit 1, which no instruction below changes
    push    r14
    popfq
    times 4 nop
    pushfq
    pop     r14
    and     r14d, 0x8D7
    cmp     r14d, 0x8D7
    CHECK
    inc     qword [r15 + BLOCK_COUNT]
    cmp     qword [r15 + BLOCK_STOP], 0
    je      .round
.done:
    fninit
    mov     dword [r15 + BLOCK_SCRATCH], 0x1F80
    ldmxcsr [r15 + BLOCK_SCRATCH]
    RESTORE
    FAILURES
pattern_loop_end:

; Makes system calls, round after round, and checks what must be preserved and what must be cleared, until it is stopped.
align 16
call_loop:
    SAVE
    mov     r15, rdi
    LOAD_REGISTERS ALL_REGISTERS
%assign check_number 1
.round:
    mov     rax, [r15 + BLOCK_CALL]
    syscall
    cmp     rbx, [r15 + BLOCK_REGISTERS + 24]
    CHECK
    cmp     rbp, [r15 + BLOCK_REGISTERS + 32]
    CHECK
    cmp     r12, [r15 + BLOCK_REGISTERS + 88]
    CHECK
    cmp     r13, [r15 + BLOCK_REGISTERS + 96]
    CHECK
    cmp     r15, [rsp + 8]
    CHECK
    or      rdx, rsi
    or      rdx, rdi
    or      rdx, r8
    or      rdx, r9
    or      rdx, r10
    cmp     rdx, 0
    CHECK
    inc     qword [r15 + BLOCK_COUNT]
    cmp     qword [r15 + BLOCK_STOP], 0
    je      .round
.done:
    RESTORE
    FAILURES
call_loop_end:

; Stores the x87 and SSE state as it is found.
align 16
dump_state:
    fxsave64 [rdi + BLOCK_STATE]
    ret
dump_state_end:

; Loads the control words of the x87 and the SSE unit and a number, makes the call, and stores the state as it came back.
align 16
state_across_call:
    SAVE
    mov     rbx, rdi
    fninit
    fldcw   [rbx + BLOCK_CONTROL]
    ldmxcsr [rbx + BLOCK_CONTROL + 4]
    fld     qword [rbx + BLOCK_NUMBER]
    mov     rax, [rbx + BLOCK_CALL]
    syscall
    fxsave64 [rbx + BLOCK_STATE]
    fninit
    RESTORE
state_across_call_end:

; nuint guest_user_code(int index): address of a pair of words, where a piece of code begins and ends. UserCodePiece has the order.
global guest_user_code
align 16
guest_user_code:
    mov     edi, edi
    shl     rdi, 4
    lea     rax, [rel pieces]
    add     rax, rdi
    ret

section .rodata
align 8
pieces:
    dq      call_and_dump, call_and_dump_end
    dq      flags_across_call, flags_across_call_end
    dq      trap_at_call, trap_at_call_end
    dq      flags_by_return, flags_by_return_end
    dq      pattern_loop, pattern_loop_end
    dq      call_loop, call_loop_end
    dq      dump_state, dump_state_end
    dq      state_across_call, state_across_call_end

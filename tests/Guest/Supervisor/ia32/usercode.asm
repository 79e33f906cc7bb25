; Code that tests run in user mode and that C# can't say: registers with known contents across a call or a preemption. The bytes lie in
; the kernel's text, are copied to a page of the probe's and called there with a block of data in ecx (UserBlock.cs has its layout), so
; everything here is position independent.

%define BLOCK_STOP      0                   ; in: not 0 ends the loop
%define BLOCK_CALL      8                   ; in: number of the system call
%define BLOCK_FLAGS     16                  ; in: flags to set; out: flags found
%define BLOCK_BEFORE    24                  ; out: flags that were really set
%define BLOCK_COUNT     32                  ; out: rounds made
%define BLOCK_FAILURE   40                  ; out: number of the check that failed
%define BLOCK_CONTROL   48                  ; in: x87 control word; 4 bytes on: MXCSR
%define BLOCK_NUMBER    56                  ; in: a double for st0
%define BLOCK_REGISTERS 64                  ; in: patterns; out: registers found. Each in the low half of 8 bytes.
%define BLOCK_SCRATCH   208
%define BLOCK_VECTORS   256                 ; in: patterns of xmm registers
%define BLOCK_STATE     512                 ; out: FXSAVE image

%define PATTERN 0x5EED0000

section .text align=16

%macro SAVE 0
    push    ebx
    push    ebp
    push    esi
    push    edi
    push    ecx                             ; the block
    pushfd
%endmacro

%macro RESTORE 0
    popfd
    pop     ecx
    pop     edi
    pop     esi
    pop     ebp
    pop     ebx
    ret
%endmacro

; Fills every register with a pattern, makes the call, and stores every register as it came back.
align 16
call_and_dump:
    SAVE
    mov     eax, [ecx + BLOCK_CALL]
%assign number 0
%rep 8
    pcmpeqd xmm %+ number, xmm %+ number
%assign number number + 1
%endrep
    mov     ecx, PATTERN + 1
    mov     edx, PATTERN + 2
    mov     ebx, PATTERN + 3
    mov     ebp, PATTERN + 5
    mov     esi, PATTERN + 6
    mov     edi, PATTERN + 7
    int     0x80
    push    eax
    mov     eax, [esp + 8]
    mov     [eax + BLOCK_REGISTERS + 8], ecx
    mov     [eax + BLOCK_REGISTERS + 16], edx
    mov     [eax + BLOCK_REGISTERS + 24], ebx
    mov     [eax + BLOCK_REGISTERS + 40], ebp
    mov     [eax + BLOCK_REGISTERS + 48], esi
    mov     [eax + BLOCK_REGISTERS + 56], edi
    pop     ecx
    mov     [eax + BLOCK_REGISTERS], ecx
    fxsave  [eax + BLOCK_STATE]
    RESTORE
call_and_dump_end:

; Sets flags, makes a call, and stores the flags as they were before and after it.
align 16
flags_across_call:
    SAVE
    mov     ebp, ecx
    mov     eax, [ebp + BLOCK_CALL]
    mov     ecx, [ebp + BLOCK_REGISTERS]
    mov     edx, [ebp + BLOCK_REGISTERS + 8]
    mov     ebx, [ebp + BLOCK_REGISTERS + 16]
    push    dword [ebp + BLOCK_FLAGS]
    popfd
    pushfd
    pop     dword [ebp + BLOCK_BEFORE]
    int     0x80
    pushfd
    pop     dword [ebp + BLOCK_FLAGS]
    mov     [ebp + BLOCK_REGISTERS], eax
    RESTORE
flags_across_call_end:

; The call is the first instruction that the trap flag, if it is among the flags, is set for.
align 16
trap_at_call:
    SAVE
    mov     eax, [ecx + BLOCK_CALL]
    push    dword [ecx + BLOCK_FLAGS]
    popfd
    int     0x80
    nop
    nop
    RESTORE
trap_at_call_end:

; Asks for flags by IRET and stores what came of it.
align 16
flags_by_return:
    SAVE
    mov     ebx, ecx
    push    dword [ebx + BLOCK_FLAGS]
    mov     edx, cs
    push    edx
    call    .here
.here:
    pop     eax
    add     eax, .returned - .here
    push    eax
    iretd                                   ; to the same privilege level: three words
.returned:
    pushfd
    pop     dword [ebx + BLOCK_FLAGS]
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
    mov     dword [ebp + BLOCK_FAILURE], number
    jmp     .done
%assign number number + 1
%endrep
%endmacro

%macro LOAD_REGISTERS 0
    mov     eax, [ebp + BLOCK_REGISTERS]
    mov     ecx, [ebp + BLOCK_REGISTERS + 8]
    mov     edx, [ebp + BLOCK_REGISTERS + 16]
    mov     ebx, [ebp + BLOCK_REGISTERS + 24]
    mov     esi, [ebp + BLOCK_REGISTERS + 32]
%endmacro

; Holds patterns in all registers and compares them, round after round, until it is stopped.
align 16
pattern_loop:
    SAVE
    mov     ebp, ecx
    LOAD_REGISTERS
%assign number 0
%rep 7
    movdqa  xmm %+ number, [ebp + BLOCK_VECTORS + 16 * number]
%assign number number + 1
%endrep
    fninit
    fldcw   [ebp + BLOCK_CONTROL]
    ldmxcsr [ebp + BLOCK_CONTROL + 4]
    fld     qword [ebp + BLOCK_NUMBER]
%assign check_number 1
.round:
    cmp     eax, [ebp + BLOCK_REGISTERS]
    CHECK
    cmp     ecx, [ebp + BLOCK_REGISTERS + 8]
    CHECK
    cmp     edx, [ebp + BLOCK_REGISTERS + 16]
    CHECK
    cmp     ebx, [ebp + BLOCK_REGISTERS + 24]
    CHECK
    cmp     esi, [ebp + BLOCK_REGISTERS + 32]
    CHECK
    cmp     ebp, [esp + 4]
    CHECK
%assign number 0
%rep 7
    movdqa  xmm7, xmm %+ number
    pcmpeqb xmm7, [ebp + BLOCK_VECTORS + 16 * number]
    pmovmskb edi, xmm7
    cmp     edi, 0xFFFF
    CHECK
%assign number number + 1
%endrep
    fnstcw  [ebp + BLOCK_SCRATCH]
    mov     di, [ebp + BLOCK_SCRATCH]
    cmp     di, [ebp + BLOCK_CONTROL]
    CHECK
    stmxcsr [ebp + BLOCK_SCRATCH]
    mov     edi, [ebp + BLOCK_SCRATCH]
    cmp     edi, [ebp + BLOCK_CONTROL + 4]
    CHECK
    fst     qword [ebp + BLOCK_SCRATCH]
    mov     edi, [ebp + BLOCK_SCRATCH]
    cmp     edi, [ebp + BLOCK_NUMBER]
    CHECK
    mov     edi, [ebp + BLOCK_SCRATCH + 4]
    cmp     edi, [ebp + BLOCK_NUMBER + 4]
    CHECK
    mov     edi, 0x8D7                      ; CF, PF, AF, ZF, SF, OF and reserved bit 1, which no instruction below changes
    push    edi
    popfd
    times 4 nop
    pushfd
    pop     edi
    and     edi, 0x8D7
    cmp     edi, 0x8D7
    CHECK
    inc     dword [ebp + BLOCK_COUNT]
    cmp     dword [ebp + BLOCK_STOP], 0
    je      .round
.done:
    fninit
    mov     dword [ebp + BLOCK_SCRATCH], 0x1F80
    ldmxcsr [ebp + BLOCK_SCRATCH]
    RESTORE
    FAILURES
pattern_loop_end:

; Makes system calls, round after round, and checks what must be preserved and what must be cleared, until it is stopped.
align 16
call_loop:
    SAVE
    mov     ebp, ecx
    LOAD_REGISTERS
    mov     edi, [ebp + BLOCK_REGISTERS + 40]
%assign check_number 1
.round:
    mov     eax, [ebp + BLOCK_CALL]
    int     0x80
    cmp     ebx, [ebp + BLOCK_REGISTERS + 24]
    CHECK
    cmp     esi, [ebp + BLOCK_REGISTERS + 32]
    CHECK
    cmp     edi, [ebp + BLOCK_REGISTERS + 40]
    CHECK
    cmp     ebp, [esp + 4]
    CHECK
    cmp     ecx, 0
    CHECK
    inc     dword [ebp + BLOCK_COUNT]
    cmp     dword [ebp + BLOCK_STOP], 0
    je      .round
.done:
    RESTORE
    FAILURES
call_loop_end:

; Stores the x87 and SSE state as it is found.
align 16
dump_state:
    fxsave  [ecx + BLOCK_STATE]
    ret
dump_state_end:

; Loads the control words of the x87 and the SSE unit and a number, makes the call, and stores the state as it came back.
align 16
state_across_call:
    SAVE
    mov     ebx, ecx
    fninit
    fldcw   [ebx + BLOCK_CONTROL]
    ldmxcsr [ebx + BLOCK_CONTROL + 4]
    fld     qword [ebx + BLOCK_NUMBER]
    mov     eax, [ebx + BLOCK_CALL]
    int     0x80
    fxsave  [ebx + BLOCK_STATE]
    fninit
    RESTORE
state_across_call_end:

; nuint guest_user_code(int index): address of a pair of words, where a piece of code begins and ends. UserCodePiece has the order.
global guest_user_code
align 16
guest_user_code:
    lea     eax, [pieces + ecx * 8]
    ret

section .rdata align=16
align 8
pieces:
    dd      call_and_dump, call_and_dump_end
    dd      flags_across_call, flags_across_call_end
    dd      trap_at_call, trap_at_call_end
    dd      flags_by_return, flags_by_return_end
    dd      pattern_loop, pattern_loop_end
    dd      call_loop, call_loop_end
    dd      dump_state, dump_state_end
    dd      state_across_call, state_across_call_end

; SYSCALL entry and SYSRET exit for x86-64.
;
; Register contract: rax = call number; rdi, rsi, rdx, r10, r8 = arguments; rax = result. rcx and r11 are taken by the
; instruction itself; rdi, rsi, rdx, r8, r9, r10 and all xmm registers are zero on return, so no kernel value can stay in them;
; rbx, rbp and r12 to r15 are preserved.
;
; Interrupts stay off: what a handler does before it gives the processor away or lets them in is short.
;
; SYSCALL does not switch stacks. FMASK clears IF and TF with everything else a caller could have set, so between the
; first instruction and the stack switch only NMI, machine check and debug can arrive, each on a stack of its own (IST).

%include "constants.inc"
%include "counting.inc"
%include "stack.inc"
%include "systemcalls.inc"
%include "entry.inc"

extern  system_call_handlers                ; one a number, made by the image builder; long of each, with up to five arguments
extern  KernelBadSystemCall                 ; long KernelBadSystemCall(number); does not return
extern  KernelReturningToUser
extern  KernelBadReturnAddress
extern  machine_supervisor_access_prevention

global  system_call_entry
global  machine_system_call_entry
global  system_call_absent
%ifndef KPTI
global  machine_kernel_stack_top
%endif

section ENTRY_TEXT
align 16
system_call_entry:
%ifdef KPTI
    mov     [rel entry_user_stack_pointer], rsp
    mov     rsp, [rel entry_kernel_root]    ; the only register that is free
    mov     cr3, rsp
    STACK_KERNEL_STACK_TOP
    mov     rsp, [rel machine_kernel_stack_top]
    push    qword [rel entry_user_stack_pointer]
%else
    mov     [rel user_stack_pointer], rsp
    STACK_KERNEL_STACK_TOP
    mov     rsp, [rel machine_kernel_stack_top]
    push    qword [rel user_stack_pointer]
%endif
    push    r11                             ; rflags of the caller
    push    rcx                             ; return address
    push    rbp
%ifdef KPTI
    COUNT_OFF 8
    COUNT_EVENT machine_control3_writes
%else
    COUNT_OFF 6
%endif
    ; AC is cleared by FMASK, so SMAP is closed; DF likewise.
    cmp     rax, SYSTEM_CALL_COUNT
    jae     .bad_number
    lfence                                  ; no speculation past the bound with a number that failed it
    mov     rcx, r10
    call    [system_call_handlers + rax * 8]
.exit:
%ifdef AUDIT
    push    rax
    sub     rsp, 8
    call    KernelReturningToUser
    add     rsp, 8
    pop     rax
%endif
    pop     rbp
    pop     rcx
    pop     r11
    ; SYSRET with a non-canonical rcx faults in ring 0 on the user's stack on Intel processors (CVE-2012-0217). User text
    ; lies in the lower half; anything else is a corrupted frame.
    mov     rdx, rcx
    shr     rdx, 47
    jnz     .bad_return_address
%ifdef KPTI
    COUNT_EVENT machine_control3_writes
    COUNT_ON USER_ROOT_INSTRUCTIONS + 2 + 5 + 16 + 1    ; from here to SYSRET
    TAKE_USER_ROOT rsi
    pop     rsp
    mov     cr3, rsi
%else
    COUNT_ON 1 + 5 + 16 + 1                 ; from here to SYSRET
    pop     rsp
%endif
    xor     esi, esi
    xor     edi, edi
    xor     r8d, r8d
    xor     r9d, r9d
    xor     r10d, r10d
    xorps   xmm0, xmm0
    xorps   xmm1, xmm1
    xorps   xmm2, xmm2
    xorps   xmm3, xmm3
    xorps   xmm4, xmm4
    xorps   xmm5, xmm5
    xorps   xmm6, xmm6
    xorps   xmm7, xmm7
    xorps   xmm8, xmm8
    xorps   xmm9, xmm9
    xorps   xmm10, xmm10
    xorps   xmm11, xmm11
    xorps   xmm12, xmm12
    xorps   xmm13, xmm13
    xorps   xmm14, xmm14
    xorps   xmm15, xmm15
    o64 sysret

.bad_number:
    mov     rdi, rax
    call    KernelBadSystemCall
    jmp     .exit

.bad_return_address:
    sub     rsp, 8
    mov     rdi, rcx
    call    KernelBadReturnAddress
    ud2

section .text

; The handler of a number that no component of the image calls; the number is still where the caller put it.
system_call_absent:
    mov     rdi, rax
    jmp     KernelBadSystemCall

machine_system_call_entry:
    lea     rax, [rel system_call_entry]
    ret

%ifndef KPTI
section .bss
align 8
machine_kernel_stack_top:   resq 1          ; where the next SYSCALL starts pushing; the TSS says the same for interrupts
user_stack_pointer:         resq 1          ; live only between two instructions with interrupts off
%endif

; Interrupt, exception and system-call entry for IA-32.
;
; One short stub a vector pushes the vector number (and a zero where the processor pushes no error code) and joins one common
; path, which saves every general register and the whole FXSAVE state: RyuJIT moves structs through xmm registers on IA-32
; too, so the handler may change any of them. DS and ES are loaded fresh on entry, for user mode may have left a null or a read-only selector in them, with the selector that is
; user mode's as well: both reach all addresses, what may be accessed is up to the page tables, and an exit has nothing to set back.

%include "constants.inc"
%include "counting.inc"
%include "stack.inc"
%include "systemcalls.inc"
%include "entry.inc"

extern  KernelInterrupt                     ; void KernelInterrupt(InterruptFrame* frame), ecx
extern  system_call_handlers                ; one a number, made by the image builder; long of each: with two arguments at most (a0 ecx, a1 edx), or with all five (then pushed: a2, a3, a4)
extern  KernelBadSystemCall                 ; long KernelBadSystemCall(number ecx); does not return
extern  KernelReturningToUser
extern  machine_supervisor_access_prevention

global  machine_interrupt_stub
global  machine_system_call_entry
global  machine_closing_system_call_entry
global  system_call_absent

extern  anywhere_common
global  interrupt_common
%ifdef KPTI
global  machine_leave_to_user
%endif

section ENTRY_TEXT

%define STUB_SIZE 9

%macro STUB 1
%%start:
%if %1 == 8 || (%1 >= 10 && %1 <= 14) || %1 == 17 || %1 == 21 || %1 == 29 || %1 == 30
    ; the processor has pushed an error code
%else
    push    strict byte 0
%endif
    push    strict byte %1
%if %1 == 1 || %1 == 2 || %1 == 18
    jmp     strict near anywhere_common
%else
    jmp     strict near interrupt_common
%endif
    times STUB_SIZE - ($ - %%start) int3    ; never reached
%endmacro

align 16
interrupt_stubs:
%assign vector 0
%rep VECTOR_COUNT
    STUB    vector
%assign vector vector + 1
%endrep

; Offset of the saved CS in the frame: seven pushed registers (PUSHA's eight with its dummy esp), vector, error code, eip.
%define FRAME_CS (8 * 4 + 4 + 4 + 4)

align 16
interrupt_common:
%ifdef KPTI
    ; From user mode: on the entry stack, the domain's tables and whatever segments user mode left. From ring 0: on the kernel's, since entry and exit are
    ; interrupted only by what anywhere.asm serves.
    test    byte [esp + 3 * 4], 3
    jz      .on_kernel_tables
    push    eax
    mov     eax, image_base_root
    mov     cr3, eax
    mov     eax, SELECTOR_USER_DATA
    mov     ds, eax
    mov     es, eax
    STACK_KERNEL_STACK_TOP
    mov     esp, [machine_kernel_stack_top]
    COUNT_OFF 3 + 2 + 7
    COUNT_EVENT machine_control3_writes
    push    dword [ENTRY_STACK_SELECTOR]
    push    dword [ENTRY_STACK_POINTER]
    push    dword [ENTRY_FLAGS]
    push    dword [ENTRY_CODE_SELECTOR]
    push    dword [ENTRY_INSTRUCTION]
    push    dword [ENTRY_ERROR_CODE]
    push    dword [ENTRY_VECTOR]
    mov     eax, [ENTRY_ACCUMULATOR]
    pushad
    cld
    jmp     .segments_loaded
.on_kernel_tables:
%endif
    pushad
    cld
    mov     eax, SELECTOR_USER_DATA
    mov     ds, eax
    mov     es, eax
.segments_loaded:
    ; Interrupt delivery leaves AC as it was; set, it would open SMAP for the handler.
    cmp     byte [machine_supervisor_access_prevention], 0
    je      .closed
    clac
.closed:
    COUNT_OFF 3 + 1 + 6                     ; the stub, the push, and since
    mov     ebx, esp
    sub     esp, 512
    and     esp, -16
    fxsave  [esp]
    mov     ecx, ebx
    xor     ebp, ebp
    call    KernelInterrupt
    test    byte [ebx + FRAME_CS], 3
    jz      return_to_kernel
%ifdef AUDIT
    call    KernelReturningToUser
%endif
    fxrstor [esp]
    mov     esp, ebx
%ifdef KPTI
    popad
; On the stack: vector, error code, and the frame of an interrupt return to user mode; all registers but the segments are the user's. The frame goes to
; the entry stack, which stays mapped when the domain's tables are loaded.
machine_leave_to_user:
    COUNT_EVENT machine_control3_writes
    COUNT_ON 12
    add     esp, 8
    pop     dword [ENTRY_INSTRUCTION]
    pop     dword [ENTRY_CODE_SELECTOR]
    pop     dword [ENTRY_FLAGS]
    pop     dword [ENTRY_STACK_POINTER]
    pop     dword [ENTRY_STACK_SELECTOR]
    mov     esp, ENTRY_INSTRUCTION
    push    eax
    mov     eax, [machine_user_root]
    mov     cr3, eax                        ; every exit writes it: that is what the edits of a domain's tables rely on in place of flushes
    pop     eax
    iretd
%else
    popad
    add     esp, 8                          ; vector and error code
    COUNT_ON_IF_RETURNED_TO
    iretd
%endif
return_to_kernel:
    fxrstor [esp]
    mov     esp, ebx
    popad
    add     esp, 8
    COUNT_ON_IF_RETURNED_TO
    iretd

; int 0x80. Register contract: eax = call number; ecx, edx, ebx, esi, edi = arguments; edx:eax = result. ecx and all xmm
; registers are zero on return, so no kernel value can stay in them; ebx, esi, edi and ebp are preserved.
; The gate is an interrupt gate: IF, TF, NT, RF and VM are clear here. AC, DF and the segments are the caller's.
; Interrupts stay off: what a handler does before it gives the processor away or lets them in is short.
align 16
closing_system_call_entry:                  ; on processors with SMAP, which AC would open
    clac
system_call_entry:
    push    ebp
%ifdef KPTI
    mov     ebp, image_base_root
    mov     cr3, ebp
%endif
    cld
    mov     ebp, SELECTOR_USER_DATA
    mov     ds, ebp
    mov     es, ebp
%ifdef KPTI
    ; To the kernel stack, but for the two selectors, which the exit knows: user mode has one of each. The word of the error code is ebp's here.
    STACK_KERNEL_STACK_TOP
    mov     esp, [machine_kernel_stack_top]
    push    dword [ENTRY_STACK_POINTER]
    push    dword [ENTRY_FLAGS]
    push    dword [ENTRY_INSTRUCTION]
    push    dword [ENTRY_ERROR_CODE]
    COUNT_OFF 12
    COUNT_EVENT machine_control3_writes
%else
    COUNT_OFF 5
%endif
    cmp     eax, SYSTEM_CALL_COUNT
    jae     .bad_number
    lfence                                  ; no speculation past the bound with a number that failed it
    mov     ebp, esp
    push    ebx
    push    esi
    push    edi
    call    [system_call_handlers + eax * 4]
    mov     esp, ebp                        ; a handler takes as many of the three as it has
.exit:
%ifdef AUDIT
    push    eax
    push    edx
    call    KernelReturningToUser
    pop     edx
    pop     eax
%endif
    xorps   xmm0, xmm0
    xorps   xmm1, xmm1
    xorps   xmm2, xmm2
    xorps   xmm3, xmm3
    xorps   xmm4, xmm4
    xorps   xmm5, xmm5
    xorps   xmm6, xmm6
    xorps   xmm7, xmm7
%ifdef KPTI
    COUNT_EVENT machine_control3_writes
    COUNT_ON 11
    pop     ebp
    pop     dword [ENTRY_INSTRUCTION]
    pop     dword [ENTRY_FLAGS]
    pop     dword [ENTRY_STACK_POINTER]
    mov     dword [ENTRY_CODE_SELECTOR], SELECTOR_USER_CODE
    mov     dword [ENTRY_STACK_SELECTOR], SELECTOR_USER_DATA
    mov     esp, ENTRY_INSTRUCTION
    mov     ecx, [machine_user_root]
    mov     cr3, ecx
    xor     ecx, ecx
    iretd
%else
    xor     ecx, ecx
    pop     ebp
    COUNT_ON 1
    iretd
%endif

.bad_number:
    mov     ecx, eax
    call    KernelBadSystemCall
    jmp     .exit

section .text align=16

; The handler of a number that no component of the image calls; the number is still where the caller put it.
system_call_absent:
    mov     ecx, eax
    jmp     KernelBadSystemCall

; nuint machine_interrupt_stub(int vector): the address of its stub.
machine_interrupt_stub:
    imul    eax, ecx, STUB_SIZE
    add     eax, interrupt_stubs
    ret

machine_system_call_entry:
    mov     eax, system_call_entry
    ret

; The same for processors with SMAP.
machine_closing_system_call_entry:
    mov     eax, closing_system_call_entry
    ret

; Entered by a task switch, on a stack of its own. A task switch sets CR0.TS, and the report is written by code that uses xmm.
; It also sets NT, with which the next IRET would try to go back to the interrupted task.
extern  KernelDoubleFault                   ; void KernelDoubleFault(); never returns
global  machine_double_fault_entry
align 16
double_fault_entry:
    clts
    pushfd
    and     dword [esp], ~EFLAGS_NT
    popfd
    cld
    call    KernelDoubleFault
    ud2

machine_double_fault_entry:
    mov     eax, double_fault_entry
    ret

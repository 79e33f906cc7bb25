; Interrupt, exception and system-call entry for IA-32.
;
; One short stub a vector pushes the vector number (and a zero where the processor pushes no error code) and joins one common
; path, which saves every general register and the whole FXSAVE state: RyuJIT moves structs through xmm registers on IA-32
; too, so the handler may change any of them. Segment registers are loaded fresh on entry (user mode may have left a null or
; a read-only selector in them) and set back to their fixed user values on return to user mode.

%include "constants.inc"
%include "counting.inc"
%include "systemcalls.inc"

extern  KernelInterrupt                     ; void KernelInterrupt(InterruptFrame* frame), ecx
extern  KernelSystemCall                    ; long KernelSystemCall(a0 ecx, a1 edx, then pushed: a2, a3, a4, number)
extern  KernelBadSystemCall                 ; long KernelBadSystemCall(number ecx); does not return
extern  KernelReturningToUser
extern  machine_supervisor_access_prevention

global  machine_interrupt_stub
global  machine_system_call_entry

section .text align=16

%define STUB_SIZE 9

%macro STUB 1
%%start:
%if %1 == 8 || (%1 >= 10 && %1 <= 14) || %1 == 17 || %1 == 21 || %1 == 29 || %1 == 30
    ; the processor has pushed an error code
%else
    push    strict byte 0
%endif
    push    strict byte %1
    jmp     strict near interrupt_common
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
    pushad
    cld
    mov     eax, SELECTOR_KERNEL_DATA
    mov     ds, eax
    mov     es, eax
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
    jz      .to_kernel
%ifdef AUDIT
    call    KernelReturningToUser
%endif
    fxrstor [esp]
    mov     esp, ebx
    mov     eax, SELECTOR_USER_DATA
    mov     ds, eax
    mov     es, eax
    popad
    add     esp, 8                          ; vector and error code
    COUNT_ON_IF_RETURNED_TO
    iretd
.to_kernel:
    fxrstor [esp]
    mov     esp, ebx
    popad
    add     esp, 8
    COUNT_ON_IF_RETURNED_TO
    iretd

; int 0x80. Register contract: eax = call number; ecx, edx, ebx, esi, edi = arguments; edx:eax = result. ecx and all xmm
; registers are zero on return, so no kernel value can stay in them; ebx, esi, edi and ebp are preserved.
; The gate is an interrupt gate: IF, TF, NT, RF and VM are clear here. AC, DF and the segments are the caller's.
align 16
system_call_entry:
    push    ebp
    cld
    push    eax
    mov     ebp, SELECTOR_KERNEL_DATA
    mov     ds, ebp
    mov     es, ebp
    xor     ebp, ebp
    cmp     byte [machine_supervisor_access_prevention], 0
    je      .closed
    clac
.closed:
    COUNT_OFF 9
    cmp     eax, SYSTEM_CALL_COUNT
    jae     .bad_number
    lfence                                  ; no speculation past the bound with a number that failed it
    add     esp, 4
    push    ebx
    push    esi
    push    edi
    push    eax
    COUNT_ON 1
    sti
    call    KernelSystemCall                ; pops its four stack arguments
    cli
    COUNT_OFF 0
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
    mov     ecx, SELECTOR_USER_DATA
    mov     ds, ecx
    mov     es, ecx
    xor     ecx, ecx
    pop     ebp
    COUNT_ON 1
    iretd

.bad_number:
    pop     ecx
    COUNT_ON 1
    sti
    call    KernelBadSystemCall
    cli
    COUNT_OFF 0
    jmp     .exit

; nuint machine_interrupt_stub(int vector): the address of its stub.
machine_interrupt_stub:
    imul    eax, ecx, STUB_SIZE
    add     eax, interrupt_stubs
    ret

machine_system_call_entry:
    mov     eax, system_call_entry
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

; Entry of the exceptions that may come between any two instructions of ring 0 (non-maskable interrupt, debug, machine check), for IA-32.
;
; In ring 0 the processor pushes onto the stack that it finds, with the data segments and, under KPTI, the tables that it finds. So those are saved and put back: the code that was
; interrupted may be an entry that hasn't loaded the kernel's yet, or an exit that has loaded the user's already.

%include "constants.inc"
%include "counting.inc"
%include "stack.inc"
%include "entry.inc"

extern  KernelInterrupt                     ; void KernelInterrupt(InterruptFrame* frame), ecx; preserves ebx, ebp, esi, edi
extern  interrupt_common
extern  machine_supervisor_access_prevention

global  anywhere_common

section ENTRY_TEXT

align 16
anywhere_common:
    test    byte [esp + 3 * 4], 3
    jnz     interrupt_common                ; user mode: like any other
    pushad
%ifdef KPTI
    mov     ebx, cr3
%endif
    mov     esi, ds
    mov     edi, es
%ifdef KPTI
    mov     eax, image_base_root
    mov     cr3, eax
%endif
    mov     eax, SELECTOR_USER_DATA
    mov     ds, eax
    mov     es, eax
    cld
    cmp     byte [machine_supervisor_access_prevention], 0
    je      .closed
    clac
.closed:
    mov     ebp, esp
%ifdef KPTI
    ; The entry stack is small, and domains' sets map it. Whenever it is in use, the thread's kernel stack is empty.
    mov     eax, esp
    sub     eax, entry_stack
    cmp     eax, ENTRY_STACK_BYTE_COUNT
    jae     .on_kernel_stack
    STACK_KERNEL_STACK_TOP
    mov     esp, [machine_kernel_stack_top]
.on_kernel_stack:
%endif
    sub     esp, 512
    and     esp, -16
    fxsave  [esp]
    mov     ecx, ebp
    call    KernelInterrupt
    fxrstor [esp]
    mov     esp, ebp
    mov     ds, esi
    mov     es, edi
%ifdef KPTI
    cmp     ebx, image_base_root
    je      .same_tables
    mov     cr3, ebx
.same_tables:
%endif
    popad
    add     esp, 8                          ; vector and error code
%ifdef KPTI
    ; The interrupted registers don't stay behind on a stack that domains' sets map.
%assign word 1
%rep 10
    mov     dword [esp - word * 4], 0
%assign word word + 1
%endrep
%endif
    iretd

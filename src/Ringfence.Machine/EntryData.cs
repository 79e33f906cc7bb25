// Under KPTI the descriptor tables, and the stack that an entry from user mode starts on, lie in pages of their own, which every set of tables maps. The assembly source
// entrydata.asm of the architecture lays them out; here are their addresses.

#if KPTI
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Where entry data is, and what entry and exit are told.</summary>
/// <remarks>The imports that return nothing and take nothing are data, named as functions because C# has no other way to name a symbol; see <see cref="KernelTables"/>.</remarks>
internal static unsafe class EntryData
{
    /// <summary>The global descriptor table.</summary>
    public static void* GlobalTable => (delegate*<void>)&GlobalTableSymbol;

    /// <summary>The interrupt descriptor table.</summary>
    public static void* InterruptTable => (delegate*<void>)&InterruptTableSymbol;

    /// <summary>The task segment.</summary>
    public static void* Task => (delegate*<void>)&TaskSymbol;

    /// <summary>Where an entry from user mode starts pushing.</summary>
    public static nuint StackTop => (nuint)(delegate*<void>)&StackTopSymbol;

#if ARCHITECTURE_IA32
    /// <summary>The task segment of double faults.</summary>
    public static void* DoubleFaultTask => (delegate*<void>)&DoubleFaultTaskSymbol;
#else
    /// <summary>Where non-maskable interrupts arrive: the processor pushes below, and the entry goes on with the stack whose address is put there.</summary>
    public static nuint* NonMaskableLanding => (nuint*)(delegate*<void>)&NonMaskableLandingSymbol;

    /// <summary>Where double faults and machine checks arrive.</summary>
    public static nuint* DoubleFaultLanding => (nuint*)(delegate*<void>)&DoubleFaultLandingSymbol;

    /// <summary>Where debug exceptions arrive.</summary>
    public static nuint* DebugLanding => (nuint*)(delegate*<void>)&DebugLandingSymbol;
#endif

    /// <summary>The kernel stack of the thread that is in user mode, or goes there next: where an entry moves on to. The address is aligned to 16.</summary>
    public static nuint KernelStackTop
    {
        set => *(nuint*)(delegate*<void>)&KernelStackTopSymbol = value;
    }

    /// <summary>CR3 of the tables that the next exit to user mode loads. Under contexts the exit sets bit 63 for those after it.</summary>
    public static nuint UserRoot
    {
        get => *(nuint*)(delegate*<void>)&UserRootSymbol;
        set => *(nuint*)(delegate*<void>)&UserRootSymbol = value;
    }

#if ARCHITECTURE_AMD64
    /// <summary>CR3 of the kernel's tables, as every entry from user mode writes it.</summary>
    public static nuint KernelRoot
    {
        set => *(nuint*)(delegate*<void>)&KernelRootSymbol = value;
    }

    /// <summary>Whether exits set bit 63 of <see cref="UserRoot"/>.</summary>
    public static bool KeepsTranslations
    {
        set => *(bool*)(delegate*<void>)&KeepsTranslationsSymbol = value;
    }
#endif

    /// <summary>Changes <see cref="UserRoot"/> and erases what entries from user mode have left in entry data. Interrupts are off.</summary>
    [RuntimeImport("*", "machine_set_user_root")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SetUserRoot(nuint root);

    [RuntimeImport("*", "entry_global_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void GlobalTableSymbol();

    [RuntimeImport("*", "entry_interrupt_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void InterruptTableSymbol();

    [RuntimeImport("*", "entry_task")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void TaskSymbol();

    [RuntimeImport("*", "entry_stack_top")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void StackTopSymbol();

#if ARCHITECTURE_IA32
    [RuntimeImport("*", "entry_double_fault_task")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void DoubleFaultTaskSymbol();
#else
    [RuntimeImport("*", "entry_non_maskable_landing")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void NonMaskableLandingSymbol();

    [RuntimeImport("*", "entry_double_fault_landing")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void DoubleFaultLandingSymbol();

    [RuntimeImport("*", "entry_debug_landing")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void DebugLandingSymbol();
#endif

#if ARCHITECTURE_AMD64
    [RuntimeImport("*", "entry_kernel_root")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void KernelRootSymbol();

    [RuntimeImport("*", "machine_keeps_translations")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void KeepsTranslationsSymbol();
#endif

    [RuntimeImport("*", "machine_user_root")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void UserRootSymbol();

    [RuntimeImport("*", "machine_kernel_stack_top")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void KernelStackTopSymbol();
}
#endif

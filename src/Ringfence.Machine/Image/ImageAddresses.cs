// Addresses that the image builder worked out. They are constants of the link: the code that uses one has it as an operand. Only such as are added to or
// compared with: the compiler doesn't know their values, and neither multiplies nor divides by one.

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Where the stacks of threads, the kernel's view and the page tables are: addresses of whole pages unless one says otherwise.</summary>
/// <remarks>The imports are never called: they are what their names say; see <see cref="KernelTables"/>.</remarks>
public static unsafe class ImageAddresses
{
    /// <summary>The root of the base set of page tables: what CR3 holds from the boot entry on. Aligned to its size.</summary>
    public static nuint BaseRoot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportBaseRoot;
    }

#if AUDIT
    /// <summary>Lowest address of the boot stack.</summary>
    public static nuint BootStackStart => (nuint)(delegate*<void>)&ImportBootStackStart;

    /// <summary>First address above the boot stack; not of a page.</summary>
    public static nuint BootStackEnd => (nuint)(delegate*<void>)&ImportBootStackEnd;

#endif
    /// <summary>Where the slots of threads begin: each has a guard, a kernel stack, a guard and a user stack.</summary>
    public static nuint SlotsStart
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportSlotsStart;
    }

    /// <summary>Lowest address of the kernel stack of slot 0.</summary>
    public static nuint KernelStackStart
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportKernelStackStart;
    }

    /// <summary>First address above the kernel stack of slot 0.</summary>
    public static nuint KernelStackEnd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportKernelStackEnd;
    }

    /// <summary>Lowest address of the user stack of slot 0.</summary>
    public static nuint UserStackStart
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportUserStackStart;
    }

    /// <summary>First address above the user stack of slot 0.</summary>
    public static nuint UserStackEnd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportUserStackEnd;
    }

#if STRATEGY_LEAF_LINK
    /// <summary>Where the first page begins that can be granted.</summary>
    public static nuint GrantableStart
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportGrantableStart;
    }

    /// <summary>Where the last user stack ends, and with it what a domain may have a right on.</summary>
    public static nuint GrantableEnd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportGrantableEnd;
    }

#endif
    /// <summary>Added to the address of a grantable page gives the kernel's view of it.</summary>
    public static nuint ViewOffset
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportViewOffset;
    }

    /// <summary>Where the kernel's view begins.</summary>
    public static nuint ViewStart
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportViewStart;
    }

    /// <summary>Where the kernel's view ends; nothing is mapped from here on.</summary>
    public static nuint ViewEnd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ImportViewEnd;
    }

    [RuntimeImport("*", "image_base_root")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportBaseRoot();

    [RuntimeImport("*", "image_slots_start")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportSlotsStart();

#if AUDIT
    [RuntimeImport("*", "image_boot_stack")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportBootStackStart();

    [RuntimeImport("*", "image_boot_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportBootStackEnd();

#endif
    [RuntimeImport("*", "image_kernel_stack_start")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportKernelStackStart();

    [RuntimeImport("*", "image_kernel_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportKernelStackEnd();

    [RuntimeImport("*", "image_user_stack_start")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportUserStackStart();

    [RuntimeImport("*", "image_user_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportUserStackEnd();

#if STRATEGY_LEAF_LINK
    [RuntimeImport("*", "image_grantable_start")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportGrantableStart();

    [RuntimeImport("*", "image_grantable_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportGrantableEnd();

#endif
    [RuntimeImport("*", "image_view_offset")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportViewOffset();

    [RuntimeImport("*", "image_view_start")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportViewStart();

    [RuntimeImport("*", "image_view_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportViewEnd();
}

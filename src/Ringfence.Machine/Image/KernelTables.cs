// Tables of the kernel that are as long as the image needs them: the image builder reserves them, zero-filled, in kernel data; that of the regions is filled, and read-only.

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>
/// Where the tables begin. How many items each has is in the <see cref="ImageDescription"/>; what an item is, only the kernel knows: it tells the builder
/// the size by an exported function, <c>kernel_..._byte_count</c>.
/// </summary>
/// <remarks>
/// The imports are never called: they are data, named as functions because C# has no other way to name a symbol. Their addresses are constants of
/// the link, so that a table of this kind is reached like a static.
/// </remarks>
public static unsafe class KernelTables
{
    /// <summary>Threads: <see cref="ImageDescription.ThreadSlotCount"/> items.</summary>
    public static nuint Threads
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ThreadTable;
    }

    /// <summary>Domains: <see cref="ImageDescription.DomainCapacity"/> items.</summary>
    public static nuint Domains
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&DomainTable;
    }

#if !STRATEGY_COMMON
    /// <summary>What the strategy keeps for each domain: <see cref="ImageDescription.DomainCapacity"/> items.</summary>
    public static nuint DomainTables
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&DomainTablesTable;
    }

#if ROOT_PER_DOMAIN && FORMAT_PAE
    /// <summary>Roots of 32 bytes, aligned to as much: <see cref="ImageDescription.DomainCapacity"/> items.</summary>
    public static nuint SmallRoots
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&SmallRootTable;
    }
#elif STRATEGY_LEAF_LINK
    /// <summary>What the strategy keeps of links to leaf tables: its own two lists, then one for each domain, <see cref="ImageDescription.DomainCapacity"/> of them. An item is as wide as a pointer, and a list has one for each leaf table in which anything can be granted.</summary>
    public static nuint LinkLists
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&LinkListTable;
    }
#endif
#endif

    /// <summary>Regions of the address space: <see cref="ImageDescription.RegionCount"/> items, read-only.</summary>
    public static nuint Regions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&RegionTable;
    }

    /// <summary>Components: <see cref="ImageDescription.ComponentCount"/> items.</summary>
    public static nuint Components
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ComponentTable;
    }

    /// <summary>Kernel objects: <see cref="ImageDescription.ObjectCapacity"/> items.</summary>
    public static nuint Objects
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&ObjectTable;
    }

    [RuntimeImport("*", "thread_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ThreadTable();

    [RuntimeImport("*", "domain_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void DomainTable();

#if !STRATEGY_COMMON
    [RuntimeImport("*", "domain_tables_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void DomainTablesTable();

#if ROOT_PER_DOMAIN && FORMAT_PAE
    [RuntimeImport("*", "small_root_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void SmallRootTable();
#elif STRATEGY_LEAF_LINK
    [RuntimeImport("*", "link_list_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void LinkListTable();
#endif
#endif

    [RuntimeImport("*", "region_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void RegionTable();

    [RuntimeImport("*", "component_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ComponentTable();

    [RuntimeImport("*", "object_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ObjectTable();
}

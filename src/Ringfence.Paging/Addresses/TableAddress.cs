// Where a table or an entry is, as wide as the processor's registers: on a 32-bit processor a physical address takes two of its six.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>The physical address of a table, or of an entry in one. On a 32-bit processor all tables lie below 4 GiB.</summary>
public readonly struct TableAddress
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal TableAddress(nuint value) => Value = value;

    /// <summary>The same address; on a 32-bit processor it must lie below 4 GiB. For allocators of one's own, which reach their pages as tables are reached.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TableAddress(PhysicalAddress address) => Value = (nuint)address.Value;

    /// <summary>The address in bytes.</summary>
    public nuint Value { get; }
}

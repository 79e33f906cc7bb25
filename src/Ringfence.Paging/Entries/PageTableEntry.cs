// An entry is one of three things, and can be taken for no other: absent, a link to a table, or a leaf.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>What an entry is.</summary>
public enum EntryKind : byte
{
    /// <summary>P is 0: whatever else it holds means nothing.</summary>
    Absent,

    /// <summary>It points to a table of the next lower level.</summary>
    Table,

    /// <summary>It maps a page, or a large page at a level above 0.</summary>
    Leaf,
}

/// <summary>An entry together with the level it stands at, which decides what it means.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
public readonly struct PageTableEntry<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>The entry with these bits at this level, 0 to the root's. Every value of the bits is one of the three kinds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PageTableEntry(ulong bits, int level)
    {
        Bits = bits;
        Level = level;
    }

    /// <summary>All bits.</summary>
    public ulong Bits { get; }

    /// <summary>The level: 0 holds the smallest leaves.</summary>
    public int Level { get; }

    /// <summary>Which of the three it is.</summary>
    public EntryKind Kind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Bits & EntryBits.Present) == 0 ? EntryKind.Absent
            : Level == 0 || (Bits & TFormat.Level(Level).LargeLeafBit) != 0 ? EntryKind.Leaf
            : EntryKind.Table;
    }

    /// <summary>The table below, when the entry is a link.</summary>
    /// <param name="table">The table's address.</param>
    /// <param name="isShared">Whether the table belongs to another set.</param>
    public bool TryGetTable(out PhysicalAddress table, out bool isShared)
    {
        bool isTable = Kind == EntryKind.Table;
        table = isTable ? new PhysicalAddress(Bits & TFormat.TableAddressMask) : default;
        isShared = isTable && (Bits & EntryBits.SharedTable) != 0;
        return isTable;
    }

    /// <summary>The frame and rights, when the entry is a leaf.</summary>
    /// <param name="frame">The first frame it maps.</param>
    /// <param name="rights">Its live rights (see <see cref="EntryRights.DecodeLive{TFormat}"/>).</param>
    /// <param name="baseRights">Its base rights.</param>
    public bool TryGetLeaf(out FrameNumber frame, out LeafRights rights, out LeafRights baseRights)
    {
        bool isLeaf = Kind == EntryKind.Leaf;
        frame = isLeaf ? new PhysicalAddress(TFormat.Leaf(Level).AddressOf(Bits)).Frame : default;
        rights = isLeaf ? EntryRights.DecodeLive<TFormat>(Bits) : default;
        baseRights = isLeaf ? EntryRights.DecodeBase(Bits) : default;
        return isLeaf;
    }

    /// <summary>
    /// The bits of this entry that are 1 but reserved, on a processor with these settings: a walk that meets one ends in a page fault with RSVD set, or for PAE's
    /// directory pointers the CR3 write faults (Intel SDM vol. 3A 4.4.1 and 4.7). 0 for an entry that is sound, and for an absent one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReservedBitsSet(ProcessorControls controls)
    {
        EntryKind kind = Kind;
        if (kind == EntryKind.Absent)
        {
            return 0;
        }

        ulong beyondWidth = ~((1ul << controls.PhysicalAddressBits) - 1);
        ulong reserved = controls.NoExecuteEnable ? 0 : TFormat.ExecuteDisableBit;
        if (kind == EntryKind.Table)
        {
            reserved |= TFormat.ReservedInLink(Level) | (TFormat.TableAddressMask & beyondWidth);
        }
        else
        {
            LeafLayout leaf = TFormat.Leaf(Level);
            reserved |= leaf.ReservedBits | (leaf.AddressMask & beyondWidth) | ((beyondWidth >> LeafLayout.HighAddressShift) & leaf.HighAddressMask);
        }

        return Bits & reserved;
    }
}

// Which frames are page tables at the moment and what they map: how a store to memory is known to be a change of translations.

using System.Collections.Generic;

namespace Ringfence.Simulator;

/// <summary>The tables reachable from the loaded root.</summary>
internal sealed class TableMap
{
    private readonly Dictionary<ulong, Table> _tables = [];

    /// <summary>A table: how many bits of the address lie below its index, and the lowest address it maps.</summary>
    internal readonly record struct Table(int Shift, ulong LinearBase);

    /// <summary>Follows every link from the root (or the directory-pointer registers) down.</summary>
    public void Rebuild(StrictMmu mmu)
    {
        _tables.Clear();
        switch (mmu.Settings.Mode)
        {
            case PagingMode.ThirtyTwoBit:
                Follow(mmu, mmu.Cr3 & 0xFFFF_F000, 22, 0);
                break;
            case PagingMode.Pae:
                for (int index = 0; index < 4; index++)
                {
                    ulong pointer = mmu.DirectoryPointer(index);
                    if ((pointer & 1) != 0)
                    {
                        Follow(mmu, pointer & 0x000F_FFFF_FFFF_F000, 21, (ulong)index << 30);
                    }
                }

                break;
            default:
                Follow(mmu, mmu.Cr3 & 0x000F_FFFF_FFFF_F000, 39, 0);
                break;
        }
    }

    /// <summary>The table in the frame that holds this address, if there is one.</summary>
    public bool TryFind(ulong physical, out Table table) => _tables.TryGetValue(physical & ~0xFFFul, out table);

    /// <summary>The addresses of all pages that some leaf table has a present entry for.</summary>
    public IEnumerable<ulong> Pages(StrictMmu mmu)
    {
        int entryBytes = mmu.Settings.Mode == PagingMode.ThirtyTwoBit ? 4 : 8;
        foreach ((ulong address, Table table) in _tables)
        {
            for (int index = 0; table.Shift == 12 && index < 4096 / entryBytes; index++)
            {
                if ((mmu.Memory.Read32(address + (ulong)(index * entryBytes)) & 1) != 0)
                {
                    yield return table.LinearBase + ((ulong)index << 12);
                }
            }
        }
    }

    private void Follow(StrictMmu mmu, ulong table, int shift, ulong linearBase)
    {
        _tables[table] = new Table(shift, linearBase);
        if (shift == 12)
        {
            return;
        }

        bool isNarrow = mmu.Settings.Mode == PagingMode.ThirtyTwoBit;
        for (int index = 0; index < (isNarrow ? 1024 : 512); index++)
        {
            ulong entry = isNarrow ? mmu.Memory.Read32(table + ((ulong)index * 4)) : mmu.Memory.Read64(table + ((ulong)index * 8));
            if ((entry & 0x81) == 1)
            {
                ulong linear = linearBase + ((ulong)index << shift);
                ulong address = entry & (isNarrow ? 0xFFFF_F000ul : 0x000F_FFFF_FFFF_F000ul);
                Follow(mmu, address, shift - (isNarrow ? 10 : 9), SignExtend(mmu, linear));
            }
        }
    }

    private static ulong SignExtend(StrictMmu mmu, ulong linear) =>
        mmu.Settings.Mode == PagingMode.FourLevel ? (ulong)((long)(linear << 16) >> 16) : linear;
}

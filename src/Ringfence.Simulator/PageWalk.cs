// The page walk after the manual's prose: level by level from CR3, asking each entry for what the masks of its level say. It shares no code and no table with the
// library that it judges, nor with the predictor that it is compared with, so that one mistake can't hide in two of them.

using System.Runtime.CompilerServices;

namespace Ringfence.Simulator;

/// <summary>How a walk ended.</summary>
internal enum WalkStatus
{
    /// <summary>With a translation.</summary>
    Mapped,

    /// <summary>At an entry with P = 0.</summary>
    NotPresent,

    /// <summary>At an entry with a reserved bit set.</summary>
    ReservedBit,
}

/// <summary>What a walk found; of no meaning but for the status, unless that is <see cref="WalkStatus.Mapped"/>.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="LeafLevel">The level of the entry that maps the page.</param>
/// <param name="LeafAddress">Physical address of that entry.</param>
/// <param name="PhysicalAddress">Where the linear address leads.</param>
/// <param name="Writable">R/W is set at every level that has it.</param>
/// <param name="User">U/S is set at every level that has it.</param>
/// <param name="ExecuteDisable">XD is set at some level, and obeyed.</param>
/// <param name="Global">G of the leaf.</param>
internal readonly record struct PageWalk(
    WalkStatus Status, int LeafLevel, ulong LeafAddress, ulong PhysicalAddress, bool Writable, bool User, bool ExecuteDisable, bool Global);

/// <summary>Walks the tables of one processor. Allocates nothing after its construction.</summary>
internal sealed class PageWalker
{
    private const int RegisterCount = 4;

    private readonly PhysicalMemory _memory;
    private readonly PagingStructures _structures;
    private readonly EntryMasks[] _levels;
    private readonly ulong[] _registers = new ulong[RegisterCount];
    private readonly int _physicalAddressBits;
    private readonly bool _isNarrow;
    private ulong _root;

    /// <summary>A walker that believes these structures.</summary>
    public PageWalker(PhysicalMemory memory, ProcessorSettings settings, PagingStructures structures)
    {
        _memory = memory;
        _structures = structures;
        _physicalAddressBits = settings.PhysicalAddressBits;
        _isNarrow = structures.EntryByteCount == 4;
        _levels = [.. structures.Levels];
        for (int level = 1; level <= _levels.Length; level++)
        {
            _levels[level - 1] = ForProcessor(_levels[level - 1], level, settings);
        }
    }

    /// <summary>Bits of PAE's directory-pointer registers, as last loaded.</summary>
    public ulong Register(int index) => _registers[index];

    /// <summary>
    /// What a write of CR3 does to the walker. In PAE mode the four directory-pointer entries are loaded into registers; one that is present with a reserved bit set makes
    /// the instruction fault and changes nothing (Intel SDM vol. 3A 4.4.1).
    /// </summary>
    /// <returns>False for that general-protection fault.</returns>
    public bool TryLoadRoot(ulong cr3)
    {
        ulong root = cr3 & _structures.RootAddress;
        if (_structures.RootIsInRegisters)
        {
            EntryMasks masks = _levels[^1];
            ulong first = _memory.Read64(root);
            ulong second = _memory.Read64(root + 8);
            ulong third = _memory.Read64(root + 16);
            ulong fourth = _memory.Read64(root + 24);
            if (!IsSound(first, masks) || !IsSound(second, masks) || !IsSound(third, masks) || !IsSound(fourth, masks))
            {
                return false;
            }

            (_registers[0], _registers[1], _registers[2], _registers[3]) = (first, second, third, fourth);
        }

        _root = root;
        return true;
    }

    /// <summary>Walks to the page of an address.</summary>
    /// <param name="linear">The linear address; canonical.</param>
    /// <param name="setAccessed">
    /// Whether to set A in the entries that lead to another table, as a processor does when it uses them. A of the leaf is left to who checks rights.
    /// </param>
    public PageWalk Walk(ulong linear, bool setAccessed)
    {
        bool writable = true;
        bool user = true;
        bool executeDisable = false;
        ulong table = _root;
        for (int level = _levels.Length; ; level--)
        {
            ref readonly EntryMasks masks = ref _levels[level - 1];
            ulong offset = (linear >> masks.IndexShift) & masks.Index;
            ulong address = table + offset;
            ulong entry = Read(address, offset, level);
            if ((entry & masks.Present) != masks.Present)
            {
                return new PageWalk { Status = WalkStatus.NotPresent };
            }

            bool isLarge = (entry & masks.Size) != 0;
            ulong high = isLarge ? (entry & masks.HighPageAddress) << 19 : 0;
            if ((entry & masks.Reserved) != 0 || (isLarge && (entry & masks.ReservedInLargePage) != 0) || high >> _physicalAddressBits != 0)
            {
                return new PageWalk { Status = WalkStatus.ReservedBit };
            }

            writable &= (entry & masks.Writable) == masks.Writable;
            user &= (entry & masks.User) == masks.User;
            executeDisable |= (entry & masks.ExecuteDisable) != 0;
            if (level == 1 || isLarge)
            {
                ulong physical = (high | (entry & masks.PageAddress)) + (linear & masks.PageOffset);
                return new PageWalk(WalkStatus.Mapped, level, address, physical, writable, user, executeDisable, (entry & masks.Global) != 0);
            }

            if (setAccessed)
            {
                SetBits(address, entry, masks.Accessed);
            }

            table = entry & masks.TableAddress;
        }
    }

    /// <summary>Sets A, and D for a write, in the entry that mapped a page.</summary>
    public void MarkLeaf(PageWalk walk, bool isWrite)
    {
        ref readonly EntryMasks masks = ref _levels[walk.LeafLevel - 1];
        ulong entry = _isNarrow ? _memory.Read32(walk.LeafAddress) : _memory.Read64(walk.LeafAddress);
        SetBits(walk.LeafAddress, entry, masks.Accessed | (isWrite ? masks.Dirty : 0));
    }

    // What the manual makes depend on control bits and capabilities: for one processor it is fixed.
    private static EntryMasks ForProcessor(EntryMasks masks, int level, ProcessorSettings settings)
    {
        if (masks.HighestReservedBit >= settings.PhysicalAddressBits)
        {
            ulong upToHighest = ulong.MaxValue >> (63 - masks.HighestReservedBit);
            masks = masks with { Reserved = masks.Reserved | (upToHighest & ~((1ul << settings.PhysicalAddressBits) - 1)) };
        }

        if (!settings.NoExecuteEnable)
        {
            masks = masks with { Reserved = masks.Reserved | masks.ExecuteDisable, ExecuteDisable = 0 };
        }

        if (settings.Mode == PagingMode.ThirtyTwoBit && !settings.PageSizeExtensions)
        {
            masks = masks with { Size = 0 };
        }

        // Footnote to table 4-16: PS of a PDPTE is reserved where there are no pages of 1 GiB.
        return level == 3 && !settings.GibibytePages ? masks with { Reserved = masks.Reserved | masks.Size, Size = 0 } : masks;
    }

    private static bool IsSound(ulong register, EntryMasks masks) =>
        (register & masks.Present) != masks.Present || (register & masks.Reserved) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Read(ulong address, ulong offset, int level)
    {
        if (_isNarrow)
        {
            return _memory.Read32(address);
        }

        return _structures.RootIsInRegisters && level == _levels.Length ? _registers[offset >> 3] : _memory.Read64(address);
    }

    private void SetBits(ulong address, ulong entry, ulong bits)
    {
        if ((entry & bits) != bits)
        {
            _memory.SetBitsByProcessor(address, bits);
        }
    }
}

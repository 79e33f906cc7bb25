// The page walk, written out mode by mode from the manual's prose with constants of its own: it shares no code and no table with the
// library that it judges, so that one mistake can't hide in both.

using System.Collections.Generic;

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

/// <summary>One walk: collects the entries used and the rights of the levels passed.</summary>
internal sealed class PageWalk
{
    private const ulong P = 1;
    private const ulong ReadWrite = 2;
    private const ulong UserSupervisor = 4;
    private const ulong Size = 0x80;
    private const ulong GlobalBit = 0x100;
    private const ulong Xd = 0x8000_0000_0000_0000;

    private readonly PhysicalMemory _memory;
    private readonly ProcessorSettings _settings;
    private bool _writable = true;
    private bool _user = true;
    private bool _executeDisable;

    private PageWalk(PhysicalMemory memory, ProcessorSettings settings)
    {
        _memory = memory;
        _settings = settings;
    }

    /// <summary>Physical addresses of the upper entries that were used.</summary>
    public List<ulong> UpperEntries { get; } = [];

    /// <summary>Physical address of the entry that maps the page; of no meaning unless <see cref="WalkStatus.Mapped"/>.</summary>
    public ulong LeafEntry { get; private set; }

    /// <summary>How the walk ended.</summary>
    public WalkStatus Status { get; private set; }

    /// <summary>The translation; of no meaning unless <see cref="WalkStatus.Mapped"/>.</summary>
    public CachedTranslation Translation { get; private set; }

    /// <summary>Walks from CR3, or in PAE mode from the four registers that were loaded with it.</summary>
    public static PageWalk Run(PhysicalMemory memory, ProcessorSettings settings, ulong cr3, ulong[] directoryPointers, ulong linear)
    {
        PageWalk walk = new(memory, settings);
        walk.Status = settings.Mode switch
        {
            PagingMode.ThirtyTwoBit => walk.ThirtyTwoBit(cr3, linear),
            PagingMode.Pae => walk.Pae(directoryPointers, linear),
            _ => walk.FourLevel(cr3, linear),
        };
        return walk;
    }

    private WalkStatus ThirtyTwoBit(ulong cr3, ulong linear)
    {
        // 4.3: bits 31:22 of the address select the PDE, bits 21:12 the PTE. No entry has XD.
        ulong pdeAddress = (cr3 & 0xFFFF_F000) | ((linear >> 20) & 0xFFC);
        ulong pde = _memory.Read32(pdeAddress);
        if ((pde & P) == 0)
        {
            return WalkStatus.NotPresent;
        }

        if ((pde & Size) != 0 && _settings.PageSizeExtensions)
        {
            // Table 4-4 with PSE-36: bits 20:13 are address bits 39:32, of which those beyond the physical width are reserved, as is bit 21.
            int highBits = _settings.PhysicalAddressBits > 40 ? 8 : _settings.PhysicalAddressBits - 32;
            ulong reserved = 0x20_0000 | ((0xFFul << highBits & 0xFF) << 13);
            if ((pde & reserved) != 0)
            {
                return WalkStatus.ReservedBit;
            }

            ulong pageAddress = (pde & 0xFFC0_0000) | ((pde >> 13 & 0xFF) << 32);
            return Leaf(pdeAddress, pde, pageAddress | (linear & 0x3F_F000));
        }

        Pass(pdeAddress, pde);
        ulong pteAddress = (pde & 0xFFFF_F000) | ((linear >> 10) & 0xFFC);
        ulong pte = _memory.Read32(pteAddress);
        return (pte & P) == 0 ? WalkStatus.NotPresent : Leaf(pteAddress, pte, pte & 0xFFFF_F000);
    }

    private WalkStatus Pae(ulong[] directoryPointers, ulong linear)
    {
        // 4.4.1: the PDPTE is the register that bits 31:30 select; it has no R/W, U/S, XD, and no A to set.
        ulong pdpte = directoryPointers[(linear >> 30) & 3];
        if ((pdpte & P) == 0)
        {
            return WalkStatus.NotPresent;
        }

        return DirectoryAndTable(pdpte, linear, reservedAlways: 0x7FF0_0000_0000_0000);
    }

    private WalkStatus FourLevel(ulong cr3, ulong linear)
    {
        // 4.5: bits 47:39, 38:30, 29:21, 20:12. Bit 7 of a PML4E is reserved.
        ulong pml4eAddress = (cr3 & 0x000F_FFFF_FFFF_F000) | ((linear >> 36) & 0xFF8);
        ulong pml4e = _memory.Read64(pml4eAddress);
        if ((pml4e & P) == 0)
        {
            return WalkStatus.NotPresent;
        }

        if ((pml4e & (Reserved(0) | Size)) != 0)
        {
            return WalkStatus.ReservedBit;
        }

        Pass(pml4eAddress, pml4e);
        ulong pdpteAddress = Address(pml4e) | ((linear >> 27) & 0xFF8);
        ulong pdpte = _memory.Read64(pdpteAddress);
        if ((pdpte & P) == 0)
        {
            return WalkStatus.NotPresent;
        }

        if ((pdpte & Reserved(0)) != 0)
        {
            return WalkStatus.ReservedBit;
        }

        if ((pdpte & Size) != 0)
        {
            return (pdpte & 0x3FFF_E000) != 0
                ? WalkStatus.ReservedBit
                : Leaf(pdpteAddress, pdpte, (Address(pdpte) & ~0x3FFF_FFFFul) | (linear & 0x3FFF_F000));
        }

        Pass(pdpteAddress, pdpte);
        return DirectoryAndTable(pdpte, linear, reservedAlways: 0);
    }

    private WalkStatus DirectoryAndTable(ulong above, ulong linear, ulong reservedAlways)
    {
        // The last two levels are alike in PAE and 4-level paging, except that PAE reserves bits 62:52 (tables 4-9 to 4-11).
        ulong pdeAddress = Address(above) | ((linear >> 18) & 0xFF8);
        ulong pde = _memory.Read64(pdeAddress);
        if ((pde & P) == 0)
        {
            return WalkStatus.NotPresent;
        }

        if ((pde & Reserved(reservedAlways)) != 0)
        {
            return WalkStatus.ReservedBit;
        }

        if ((pde & Size) != 0)
        {
            return (pde & 0x1F_E000) != 0
                ? WalkStatus.ReservedBit
                : Leaf(pdeAddress, pde, (Address(pde) & ~0x1F_FFFFul) | (linear & 0x1F_F000));
        }

        Pass(pdeAddress, pde);
        ulong pteAddress = Address(pde) | ((linear >> 9) & 0xFF8);
        ulong pte = _memory.Read64(pteAddress);
        if ((pte & P) == 0)
        {
            return WalkStatus.NotPresent;
        }

        return (pte & Reserved(reservedAlways)) != 0 ? WalkStatus.ReservedBit : Leaf(pteAddress, pte, Address(pte));
    }

    private static ulong Address(ulong entry) => entry & 0x000F_FFFF_FFFF_F000;

    private ulong Reserved(ulong always)
    {
        ulong beyondWidth = 0x000F_FFFF_FFFF_FFFF & ~((1ul << _settings.PhysicalAddressBits) - 1);
        return always | beyondWidth | (_settings.NoExecuteEnable ? 0 : Xd);
    }

    private void Pass(ulong entryAddress, ulong entry)
    {
        UpperEntries.Add(entryAddress);
        Combine(entry);
    }

    private WalkStatus Leaf(ulong entryAddress, ulong entry, ulong frameAddress)
    {
        LeafEntry = entryAddress;
        Combine(entry);
        Translation = new CachedTranslation(frameAddress, _writable, _user, _executeDisable, (entry & GlobalBit) != 0);
        return WalkStatus.Mapped;
    }

    private void Combine(ulong entry)
    {
        _writable &= (entry & ReadWrite) != 0;
        _user &= (entry & UserSupervisor) != 0;
        _executeDisable |= (entry & Xd) != 0 && _settings.Mode != PagingMode.ThirtyTwoBit && _settings.NoExecuteEnable;
    }
}

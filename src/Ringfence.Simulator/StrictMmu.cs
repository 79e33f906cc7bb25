// A processor without a translation cache: every access walks the tables as they are at that moment.

namespace Ringfence.Simulator;

/// <summary>The memory management unit as the manual describes it, with CR3, the directory-pointer registers of PAE, A and D, and fault codes.</summary>
public sealed class StrictMmu
{
    private const ulong NoFlush = 0x8000_0000_0000_0000;

    private readonly PagingStructures _structures;
    private readonly PageWalker _walker;

    /// <summary>A processor on this memory. Nothing is mapped until <see cref="LoadCr3"/>.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="structures">What the walk believes about the bits of entries; if null, what the manual says.</param>
    public StrictMmu(PhysicalMemory memory, ProcessorSettings settings, PagingStructures? structures = null)
    {
        Memory = memory;
        Settings = settings;
        _structures = structures ?? PagingStructures.Of(settings.Mode);
        _walker = new PageWalker(memory, settings, _structures);
    }

    /// <summary>The memory.</summary>
    public PhysicalMemory Memory { get; }

    /// <summary>The settings.</summary>
    public ProcessorSettings Settings { get; }

    /// <summary>CR3.</summary>
    public ulong Cr3 { get; private set; }

    /// <summary>
    /// Writes CR3. Bit 63 says something about caches, of which there are none here, and isn't kept. A general-protection fault comes of a bit from MAXPHYADDR up in a 64-bit
    /// mode, and in PAE mode of a present directory-pointer entry with a reserved bit set (Intel SDM vol. 3A 4.4.1, 4.5); it changes nothing.
    /// </summary>
    /// <returns>False for that general-protection fault.</returns>
    public bool LoadCr3(ulong value)
    {
        value &= ~NoFlush;
        if (Settings.Mode >= PagingMode.FourLevel && value >> Settings.PhysicalAddressBits != 0)
        {
            return false;
        }

        if (!_walker.TryLoadRoot(value))
        {
            return false;
        }

        Cr3 = value;
        return true;
    }

    /// <summary>
    /// Carries out one access: translates, checks, and sets A and D. Of an access that faults, entries above the one that stops it have A set, as they were used to
    /// get there; an entry that maps the page has it set only if the access is allowed.
    /// </summary>
    public AccessResult Access(MemoryAccess access)
    {
        if (!IsCanonical(access.Address))
        {
            return new AccessResult(AccessOutcome.GeneralProtection, 0, PageFaultCode.None);
        }

        PageWalk walk = _walker.Walk(access.Address, setAccessed: true);
        if (walk.Status == WalkStatus.Mapped && Translation(walk).Allows(access, Settings))
        {
            _walker.MarkLeaf(walk, access.Kind == AccessKind.Write);
            return new AccessResult(AccessOutcome.Done, walk.PhysicalAddress, PageFaultCode.None);
        }

        return new AccessResult(AccessOutcome.PageFault, 0, FaultCode(walk.Status, access));
    }

    /// <summary>The translation that the tables give a page now, whatever its rights; false when there is none.</summary>
    public bool TryTranslate(ulong linear, out CachedTranslation translation)
    {
        translation = default;
        if (!IsCanonical(linear) || _walker.Walk(linear, setAccessed: false) is not { Status: WalkStatus.Mapped } walk)
        {
            return false;
        }

        translation = Translation(walk);
        return true;
    }

    /// <summary>The directory-pointer register of PAE with this number; used to follow the tables down.</summary>
    internal ulong DirectoryPointer(int index) => _walker.Register(index);

    private static CachedTranslation Translation(PageWalk walk) =>
        new(walk.PhysicalAddress & ~0xFFFul, walk.Writable, walk.User, walk.ExecuteDisable, walk.Global);

    private bool IsCanonical(ulong address)
    {
        int unused = 64 - _structures.LinearAddressBits;
        return Settings.Mode >= PagingMode.FourLevel ? (ulong)((long)(address << unused) >> unused) == address : address <= uint.MaxValue;
    }

    private PageFaultCode FaultCode(WalkStatus status, MemoryAccess access)
    {
        PageFaultCode code = status switch
        {
            WalkStatus.NotPresent => PageFaultCode.None,
            WalkStatus.ReservedBit => PageFaultCode.Present | PageFaultCode.Reserved,
            _ => PageFaultCode.Present,
        };
        bool reportsFetch = Settings.SupervisorExecutionPrevention
            || (Settings.NoExecuteEnable && Settings.Mode != PagingMode.ThirtyTwoBit);
        return code
            | (access.Kind == AccessKind.Write ? PageFaultCode.Write : 0)
            | (access.IsUserMode ? PageFaultCode.User : 0)
            | (access.Kind == AccessKind.Fetch && reportsFetch ? PageFaultCode.Fetch : 0);
    }
}

// A processor without a translation cache: every access walks the tables as they are at that moment.

using System;

namespace Ringfence.Simulator;

/// <summary>The memory management unit as the manual describes it, with CR3, the directory-pointer registers of PAE, A and D, and fault codes.</summary>
public sealed class StrictMmu
{
    private const uint AccessedBit = 0x20;
    private const uint DirtyBit = 0x40;

    private readonly ulong[] _directoryPointers = new ulong[4];

    /// <summary>A processor on this memory. Nothing is mapped until <see cref="LoadCr3"/>.</summary>
    public StrictMmu(PhysicalMemory memory, ProcessorSettings settings)
    {
        Memory = memory;
        Settings = settings;
    }

    /// <summary>The memory.</summary>
    public PhysicalMemory Memory { get; }

    /// <summary>The settings.</summary>
    public ProcessorSettings Settings { get; }

    /// <summary>CR3.</summary>
    public ulong Cr3 { get; private set; }

    /// <summary>
    /// Writes CR3. In PAE mode the four directory-pointer entries are loaded into registers; one that is present with a reserved bit set makes the
    /// instruction fault and changes nothing (Intel SDM vol. 3A 4.4.1).
    /// </summary>
    /// <returns>False for that general-protection fault.</returns>
    public bool LoadCr3(ulong value)
    {
        if (Settings.Mode == PagingMode.Pae)
        {
            // Bits 2:1 and 8:5 are reserved, and all from the physical-address width up.
            ulong reserved = 0x1E6 | ~((1ul << Settings.PhysicalAddressBits) - 1);
            Span<ulong> loaded = stackalloc ulong[4];
            for (int index = 0; index < 4; index++)
            {
                loaded[index] = Memory.Read64((value & 0xFFFF_FFE0) + (ulong)(index * 8));
                if ((loaded[index] & 1) != 0 && (loaded[index] & reserved) != 0)
                {
                    return false;
                }
            }

            loaded.CopyTo(_directoryPointers);
        }

        Cr3 = value;
        return true;
    }

    /// <summary>Carries out one access: translates, checks, and sets A and D.</summary>
    public AccessResult Access(MemoryAccess access)
    {
        if (!IsCanonical(access.Address))
        {
            return new AccessResult(AccessOutcome.GeneralProtection, 0, PageFaultCode.None);
        }

        PageWalk walk = Walk(access.Address);
        foreach (ulong entry in walk.UpperEntries)
        {
            Memory.SetBitsByProcessor(entry, AccessedBit);
        }

        if (walk.Status == WalkStatus.Mapped && walk.Translation.Allows(access, Settings))
        {
            Memory.SetBitsByProcessor(walk.LeafEntry, AccessedBit | (access.Kind == AccessKind.Write ? DirtyBit : 0));
            return new AccessResult(AccessOutcome.Done, walk.Translation.FrameAddress | (access.Address & 0xFFF), PageFaultCode.None);
        }

        return new AccessResult(AccessOutcome.PageFault, 0, FaultCode(walk.Status, access));
    }

    /// <summary>The translation that the tables give a page now, whatever its rights; false when there is none.</summary>
    public bool TryTranslate(ulong linear, out CachedTranslation translation)
    {
        PageWalk? walk = IsCanonical(linear) ? Walk(linear) : null;
        translation = walk?.Translation ?? default;
        return walk?.Status == WalkStatus.Mapped;
    }

    /// <summary>The value that CR3 or the registers give for entry <paramref name="index"/> of the highest table; used to follow the tables down.</summary>
    internal ulong DirectoryPointer(int index) => _directoryPointers[index];

    private PageWalk Walk(ulong linear) => PageWalk.Run(Memory, Settings, Cr3, _directoryPointers, linear);

    private bool IsCanonical(ulong address) => Settings.Mode switch
    {
        PagingMode.FourLevel => (ulong)((long)(address << 16) >> 16) == address,
        _ => address <= uint.MaxValue,
    };

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
            | (access.IsUser ? PageFaultCode.User : 0)
            | (access.Kind == AccessKind.Fetch && reportsFetch ? PageFaultCode.Fetch : 0);
    }
}

// Tables written by hand, with constants that owe nothing to the library or to the simulator: what nearly every test here starts from.

using System.Collections.Generic;

namespace Ringfence.Simulator.Tests.Adversary;

/// <summary>A root with one table linked at its first entry, in 32-bit paging or in 4-level paging (where two more tables stand between).</summary>
internal static class Scene
{
    public const ulong Root = 0x1000;
    public const ulong Table = 0x2000;
    public const ulong OtherTable = 0x3000;
    public const ulong Frame = 0x9000;
    public const ulong OtherFrame = 0xA000;

    /// <summary>P, R/W, U/S.</summary>
    public const uint ReadWrite = 7;

    /// <summary>P, U/S.</summary>
    public const uint ReadOnly = 5;

    /// <summary>P, R/W.</summary>
    public const uint Supervisor = 3;

    public const uint Accessed = 0x20;
    public const uint Dirty = 0x40;
    public const uint Large = 0x80;
    public const uint Global = 0x100;

    /// <summary>The page whose leaf entry is number 5 of <see cref="Table"/>.</summary>
    public const ulong Page = 5 << 12;

    public static ProcessorSettings ThirtyTwoBitSettings { get; } = new() { Mode = PagingMode.ThirtyTwoBit };

    public static ProcessorSettings FourLevelSettings { get; } = new() { Mode = PagingMode.FourLevel };

    /// <summary>32-bit paging. Root entry 0 leads to <see cref="Table"/> with all rights.</summary>
    public static AdversarialCache ThirtyTwoBit(ProcessorSettings? settings = null)
    {
        PhysicalMemory memory = new(0x1_0000);
        AdversarialCache cache = new(memory, TableGeometry.ThirtyTwoBit, settings ?? ThirtyTwoBitSettings);
        memory.Write32(Root, (uint)Table | ReadWrite);
        cache.WriteCr3(Root);
        return cache;
    }

    /// <summary>4-level paging. Two roots, 0x1000 and 0x5000, lead by 0x6000 and 0x7000 to <see cref="Table"/>.</summary>
    public static AdversarialCache FourLevel(ProcessorSettings? settings = null)
    {
        PhysicalMemory memory = new(0x1_0000);
        AdversarialCache cache = new(memory, TableGeometry.FourLevel, settings ?? FourLevelSettings);
        memory.Write64(Root, 0x6000 | ReadWrite);
        memory.Write64(0x5000, 0x6000 | ReadWrite);
        memory.Write64(0x6000, 0x7000 | ReadWrite);
        memory.Write64(0x7000, Table | ReadWrite);
        cache.WriteCr3(Root);
        return cache;
    }

    public static void SetLeaf32(this AdversarialCache cache, ulong page, ulong frame, uint bits) =>
        cache.Memory.Write32(Table + (page >> 12 << 2), (uint)frame | bits);

    public static void SetLeaf64(this AdversarialCache cache, ulong page, ulong frame, uint bits) =>
        cache.Memory.Write64(Table + (page >> 12 << 3), frame | bits);

    public static MemoryAccess Read(ulong page) => new(page, AccessKind.Read, IsUser: true);

    public static MemoryAccess Write(ulong page) => new(page, AccessKind.Write, IsUser: true);

    public static MemoryAccess KernelWrite(ulong page) => new(page, AccessKind.Write, IsUser: false);
}

/// <summary>A law that allows so much as a list says.</summary>
internal sealed class ListedLaw : IAccessLaw
{
    private readonly Dictionary<(ulong Page, AccessKind Kind), ulong> _frames = [];

    public ListedLaw Allow(ulong page, ulong frame, params AccessKind[] kinds)
    {
        foreach (AccessKind kind in kinds)
        {
            _frames[(page, kind)] = frame;
        }

        return this;
    }

    public bool AllowsUser(ulong pageAddress, AccessKind kind, out ulong frameAddress) => _frames.TryGetValue((pageAddress, kind), out frameAddress);
}

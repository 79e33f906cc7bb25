// Where everything lies in the kernel's address space. It follows from the image alone, so it is worked out here and the kernel has it as constants and data.
//
//   0                    nothing: a null reference faults
//   image start          the regions, where they lie; but for the frames of stacks
//   image end            one slot a thread: guard, kernel stack, guard, user stack (guards are addresses without frames; nor has slot 0, the main thread's, frames for a user stack); a last guard
//   view                 the kernel's view of every grantable page, moved up by the view offset: supervisor only, never executable
//
// The image is mapped where it was loaded, so a kernel address is also a physical one. Stack frames are the exception: they lie
// together at the end of the image and are mapped in their slots alone.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Paging;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>The address space of an image whose regions have their addresses.</summary>
internal sealed class AddressPlan
{
    private const int WordsOfBaseRegion = 4;

    // The main thread's (ThreadTable.Main in the kernel), which is no user thread.
    private const ulong SlotWithoutUserStack = 0;

    private readonly List<BaseRegion> _regions = [];
    private readonly ulong _kernelStackBytes;
    private readonly ulong _userStackBytes;

    private AddressPlan(IReadOnlyList<Region> regions, ImageRequest request)
    {
        _kernelStackBytes = (ulong)request.KernelStackPages * Region.PageSize;
        _userStackBytes = (ulong)request.UserStackPages * Region.PageSize;
        SlotsStart = regions[^1].EndAddress;
        SlotBytes = (2 * Region.PageSize) + _kernelStackBytes + _userStackBytes;
        ViewStart = SlotsStart + (SlotBytes * (ulong)request.ThreadCapacity) + Region.PageSize;

        // As little as keeps the view clear of all else: the tables of a small image then have one leaf table.
        ulong grantableStart = regions.First(static region => region.Mapping != RegionMapping.Kernel).StartAddress;
        ViewOffset = ViewStart - grantableStart;
        ViewEnd = SlotsStart + (SlotBytes * (ulong)request.ThreadCapacity) + ViewOffset;
        PageNumber stacksEnd = PageAt(UserStackEnd + (SlotBytes * (ulong)(request.ThreadCapacity - 1)));
        UserStacks = PageRange.FromFirstToEnd(PageAt(UserStackStart), stacksEnd);
        Region[] entry = [.. regions.Where(static region => region.IsEntry)];
        EntryPages = entry.Length == 0
            ? PageRange.OnePage(PageAt(regions[0].StartAddress))
            : PageRange.FromFirstToEnd(PageAt(entry[0].StartAddress), PageAt(entry[^1].EndAddress));
        Grantable = PageRange.FromFirstToEnd(PageAt(grantableStart), stacksEnd);

        foreach (Region region in regions.Where(static region => region.Mapping != RegionMapping.StackFrames))
        {
            Add(region.StartAddress, region.EndAddress, region.StartAddress, RightsOf(region), region.Mapping switch
            {
                RegionMapping.Grantable => GrantObstacleKind.None,
                RegionMapping.PageTables => GrantObstacleKind.PageTable,
                _ => GrantObstacleKind.NotGrantable,
            });
        }

        AddStacks(regions[^1].StartAddress, request.ThreadCapacity);
        AddView();
        if (!BaseMapping.TryCreate(_regions.ToArray(), out _))
        {
            throw new BuildFailedException("RF2031", request.Name, "The regions of the address space overlap or are out of order");
        }
    }

    /// <summary>Where the slots of threads begin.</summary>
    public ulong SlotsStart { get; }

    /// <summary>Bytes of a slot: its two stacks, with a guard below each.</summary>
    public ulong SlotBytes { get; }

    /// <summary>The kernel stack of slot 0.</summary>
    public ulong KernelStackStart => SlotsStart + Region.PageSize;

    /// <inheritdoc cref="KernelStackStart"/>
    public ulong KernelStackEnd => KernelStackStart + _kernelStackBytes;

    /// <summary>The user stack of slot 0.</summary>
    public ulong UserStackStart => KernelStackEnd + Region.PageSize;

    /// <inheritdoc cref="UserStackStart"/>
    public ulong UserStackEnd => UserStackStart + _userStackBytes;

    /// <summary>Added to the address of a grantable page gives the kernel's view of it.</summary>
    public ulong ViewOffset { get; }

    /// <summary>Where the view begins.</summary>
    public ulong ViewStart { get; }

    /// <summary>Where it ends; nothing is mapped from here on.</summary>
    public ulong ViewEnd { get; }

    /// <summary>The pages of all user stacks, and what lies between them.</summary>
    public PageRange UserStacks { get; }

    /// <summary>The pages that every set holds under KPTI. In an image without it the first of kernel text stands for them, beside which they would lie.</summary>
    public PageRange EntryPages { get; }

    /// <summary>From the first page that can be granted to the last of a user stack: what a domain may have a right on lies in here.</summary>
    public PageRange Grantable { get; }

    /// <summary>Every mapped region, ascending: the base mapping.</summary>
    public IReadOnlyList<BaseRegion> Regions => _regions;

    /// <summary>Plans the address space of an image. The last of the regions is the frames of stacks; what is the kernel's alone comes first.</summary>
    public static AddressPlan Of(IReadOnlyList<Region> regions, ImageRequest request) => new(regions, request);

    /// <summary>How many regions the plan will have, known before anything has an address. A component's region may be empty; the kernel's are not.</summary>
    public static int CountRegions(IEnumerable<Region> regions, int threadCapacity) =>
        threadCapacity + (2 * UserStackCount(threadCapacity)) + regions.Sum(static region => region.Mapping switch
        {
            RegionMapping.Grantable => region.UsedBytes == 0 ? 0 : 2,
            RegionMapping.StackFrames => 0,
            _ => 1,
        });

    /// <summary>How many user stacks there are: one for each slot but the main thread's.</summary>
    public static int UserStackCount(int threadCapacity) => threadCapacity - 1;

    /// <summary>The regions as the kernel reads them: an array of <see cref="BaseRegion"/>.</summary>
    public byte[] TableBytes(ImageFormat format)
    {
        byte[] bytes = new byte[_regions.Count * BytesOfBaseRegion(format)];
        int at = 0;
        foreach (BaseRegion region in _regions)
        {
            Put(region.Pages.First.Value);
            Put(region.Pages.End.Value);
            Put(region.FirstFrame.Value);
            LeafRights rights = region.Rights;
            Put(Unsafe.As<LeafRights, byte>(ref rights) | ((nuint)(byte)region.Obstacle << 8));
        }

        return bytes;

        void Put(nuint word)
        {
            if (format.Is64Bit())
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), word);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), checked((uint)word));
            }

            at += format.PointerSize();
        }
    }

    /// <summary>Bytes of a <see cref="BaseRegion"/> in an image.</summary>
    public static int BytesOfBaseRegion(ImageFormat format) => WordsOfBaseRegion * format.PointerSize();

    // What can be granted is read-only to the supervisor where user mode sees it: it writes through its view. So every grant widens,
    // and none needs a flush.
    private static LeafRights RightsOf(Region region) => region.Mapping == RegionMapping.Grantable ? LeafRights.SupervisorRead : region.Rights switch
    {
        RegionRights.ReadExecute => LeafRights.SupervisorReadExecute,
        RegionRights.ReadWrite => LeafRights.SupervisorReadWrite,
        _ => LeafRights.SupervisorRead,
    };

    private void AddStacks(ulong firstFrame, int threadCapacity)
    {
        ulong frame = firstFrame;
        for (ulong slot = 0; slot < (ulong)threadCapacity; slot++)
        {
            ulong offset = slot * SlotBytes;
            Add(KernelStackStart + offset, KernelStackEnd + offset, frame, LeafRights.SupervisorReadWrite, GrantObstacleKind.NotGrantable);
            frame += _kernelStackBytes;
            if (slot == SlotWithoutUserStack)
            {
                continue;
            }

            Add(UserStackStart + offset, UserStackEnd + offset, frame, LeafRights.SupervisorRead, GrantObstacleKind.Stack);
            frame += _userStackBytes;
        }
    }

    // The second mapping of all that can be granted, user stacks included: the supervisor's alone, writable, never executable.
    private void AddView()
    {
        PageCount offset = new((nuint)(ViewOffset / Region.PageSize));
        BaseRegion[] granted = [.. _regions.Where(static region => region.Obstacle is GrantObstacleKind.None or GrantObstacleKind.Stack)];
        foreach (BaseRegion region in granted)
        {
            _regions.Add(new BaseRegion(
                PageRange.CreateTruncated(region.Pages.First + offset, region.Pages.Count), region.FirstFrame, LeafRights.SupervisorReadWrite));
        }
    }

    private static PageNumber PageAt(ulong address) => new VirtualAddress((nuint)address).Page;

    private void Add(ulong start, ulong end, ulong frame, LeafRights rights, GrantObstacleKind obstacle)
    {
        if (end > start)
        {
            PageRange pages = PageRange.FromFirstToEnd(PageAt(start), PageAt(end));
            _regions.Add(new BaseRegion(pages, new PhysicalAddress(frame).Frame, rights, obstacle));
        }
    }
}

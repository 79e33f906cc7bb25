// Where everything lies in the kernel's address space, worked out once at boot from the image's own description.
//
//   0                    nothing: a null reference faults
//   image start          kernel text, read-only data, data; the components' regions; shared partitions; page tables
//   image end            one slot a thread: guard, kernel stack, guard, user stack (guards are addresses without frames); a last guard
//   view                 the kernel's view of every grantable page, moved up by the view offset: supervisor only, never executable
//
// The image is mapped where it was loaded, so a kernel address is also a physical one. Stack frames are the exception: they lie
// together at the end of the image and are mapped in their slots alone.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>The regions of the address space, in ascending order, with their base rights.</summary>
public static class AddressLayout
{
    private static int s_regionCount;
    private static nuint s_slotsStart;
    private static nuint s_slotByteCount;

    // Where the user stack of slot 0 begins and ends: looked up at every switch to a user thread.
    private static nuint s_userStackStart;
    private static nuint s_userStackEnd;

    /// <summary>
    /// Added to the address of a grantable page gives the kernel's view of it. Whole pages, and no more of them than keep the view clear of all else: a small
    /// image then needs one leaf table for everything.
    /// </summary>
    public static nuint ViewOffset { get; private set; }

    /// <summary>Where the kernel's view begins.</summary>
    public static nuint ViewStart { get; private set; }

    /// <summary>Where the kernel's view ends; nothing is mapped from here on.</summary>
    public static nuint ViewEnd => s_userStackEnd + ((ImageTable.Description.ThreadCapacity - 1) * s_slotByteCount) + ViewOffset;

    /// <summary>Where the last leaf table ends: the tables say something of every page below, of which some is that it isn't mapped.</summary>
    public static nuint LeafTablesEnd
    {
        get
        {
            nuint span = PagingFormat.Level(1).EntrySpan.Value * PageSize.ByteCount;
            return (ViewEnd + span - 1) / span * span;
        }
    }

    /// <summary>Every mapped region, ascending.</summary>
    public static ReadOnlySpan<BaseRegion> Regions => KernelMemory.Items<BaseRegion>(KernelTables.Regions, s_regionCount);

    /// <summary>The base mapping, for the law. <see cref="Plan"/> has checked it.</summary>
    public static BaseMapping BaseMapping => BaseMapping.CreateUnchecked(Regions);

#if KPTI
    /// <summary>The pages that every set of tables holds, for entry and exit: text, and the data behind it.</summary>
    public static PageRange EntryPages => Pages(ImageTable.Description.EntryTextStart, ImageTable.Description.EntryDataEnd);
#endif

    /// <summary>Lowest address of the kernel stack of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint KernelStackStart(int slot) => s_slotsStart + ((nuint)(uint)slot * s_slotByteCount) + PageSize.ByteCount;

    /// <summary>First address above the kernel stack of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint KernelStackEnd(int slot) => KernelStackStart(slot) + (ImageTable.Description.KernelStackPageCount * PageSize.ByteCount);

    /// <summary>The pages of the user stack of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageRange UserStackPages(int slot)
    {
        nuint offset = (nuint)(uint)slot * s_slotByteCount;
        return PageRange.FromFirstToEnd(new VirtualAddress(s_userStackStart + offset).Page, new VirtualAddress(s_userStackEnd + offset).Page);
    }

    /// <summary>The slot whose guard page (below its kernel stack, or between its two stacks) holds the address; -1 if none does.</summary>
    public static int FindGuard(nuint address)
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        if (address < s_slotsStart || address >= s_slotsStart + (s_slotByteCount * image.ThreadCapacity))
        {
            return -1;
        }

        nuint offset = (address - s_slotsStart) % s_slotByteCount;
        nuint secondGuard = (image.KernelStackPageCount + 1) * PageSize.ByteCount;
        bool isGuard = offset < PageSize.ByteCount || (offset >= secondGuard && offset < secondGuard + PageSize.ByteCount);
        return isGuard ? (int)((address - s_slotsStart) / s_slotByteCount) : -1;
    }

    /// <summary>Works the layout out. Panics when the image holds more than its own description says.</summary>
    public static void Plan()
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        s_slotsStart = image.ImageEnd;
        s_userStackStart = s_slotsStart + ((2 + image.KernelStackPageCount) * PageSize.ByteCount);
        s_userStackEnd = s_userStackStart + (image.UserStackPageCount * PageSize.ByteCount);
        s_slotByteCount = (2 + image.KernelStackPageCount + image.UserStackPageCount) * PageSize.ByteCount;
        ViewStart = s_slotsStart + (s_slotByteCount * image.ThreadCapacity) + PageSize.ByteCount;
        ViewOffset = ViewStart - image.KernelDataEnd; // what can be granted begins behind kernel data

        Add(image.KernelTextStart, image.KernelTextEnd, LeafRights.SupervisorReadExecute, GrantObstacleKind.NotGrantable);
#if KPTI
        Add(image.EntryTextStart, image.EntryTextEnd, LeafRights.SupervisorReadExecute, GrantObstacleKind.NotGrantable);
        Add(image.EntryDataStart, image.EntryDataEnd, LeafRights.SupervisorReadWrite, GrantObstacleKind.NotGrantable);
#endif
        Add(image.KernelReadOnlyStart, image.KernelReadOnlyEnd, LeafRights.SupervisorRead, GrantObstacleKind.NotGrantable);
        Add(image.KernelDataStart, image.KernelDataEnd, LeafRights.SupervisorReadWrite, GrantObstacleKind.NotGrantable);
        int grantableStart = s_regionCount;
        for (int index = 0; index < (int)image.ComponentCount; index++)
        {
            ref readonly ComponentDescription component = ref ImageTable.Component(index);
            AddGrantable(component.TextStart, component.TextEnd);
            AddGrantable(component.ReadOnlyStart, component.ReadOnlyEnd);
            AddGrantable(component.StaticsStart, component.StaticsEnd);
        }

        for (int index = 0; index < (int)image.SharedPartitionCount; index++)
        {
            ref readonly SharedPartitionDescription partition = ref ImageTable.SharedPartition(index);
            AddGrantable(partition.Start, partition.End);
        }

        Add(image.PageTablesStart, image.PageTablesEnd, LeafRights.SupervisorReadWrite, GrantObstacleKind.PageTable);
        AddStacks(in image);
        AddView(grantableStart);
        if (!BaseMapping.TryCreate(Regions, out _))
        {
            Panic.Stop("the regions of the image overlap or are out of order"u8);
        }
    }

    // What can be granted is read-only to the supervisor where user mode sees it: it writes through its view. So every grant widens,
    // and none needs a flush.
    private static void AddGrantable(nuint start, nuint end) => Add(start, end, LeafRights.SupervisorRead, GrantObstacleKind.None);

    private static void AddStacks(in ImageDescription image)
    {
        nuint frame = image.StackFramesStart;
        for (int slot = 0; slot < (int)image.ThreadCapacity; slot++)
        {
            PageRange kernelStack = Pages(KernelStackStart(slot), KernelStackEnd(slot));
            PageRange userStack = UserStackPages(slot);
            Add(new BaseRegion(kernelStack, FrameAt(frame), LeafRights.SupervisorReadWrite));
            frame += (nuint)kernelStack.Count.ByteCount;
            Add(new BaseRegion(userStack, FrameAt(frame), LeafRights.SupervisorRead, GrantObstacleKind.Stack));
            frame += (nuint)userStack.Count.ByteCount;
        }

        if (frame > image.StackFramesEnd)
        {
            Panic.Stop("the image has too few stack frames for its threads; bytes missing:"u8, frame - image.StackFramesEnd);
        }
    }

    // The second mapping of all that can be granted, user stacks included: the supervisor's alone, writable, never executable.
    private static void AddView(int grantableStart)
    {
        PageCount offset = new(ViewOffset / PageSize.ByteCount);
        int ordinaryCount = s_regionCount;
        for (int index = grantableStart; index < ordinaryCount; index++)
        {
            BaseRegion region = Regions[index];
            if (region.Obstacle is GrantObstacleKind.None or GrantObstacleKind.Stack)
            {
                PageRange pages = PageRange.CreateTruncated(region.Pages.First + offset, region.Pages.Count);
                Add(new BaseRegion(pages, region.FirstFrame, LeafRights.SupervisorReadWrite));
            }
        }
    }

    private static void Add(nuint start, nuint end, LeafRights rights, GrantObstacleKind obstacle)
    {
        if (end > start)
        {
            Add(new BaseRegion(Pages(start, end), FrameAt(start), rights, obstacle));
        }
    }

    private static void Add(BaseRegion region)
    {
        int capacity = (int)ImageTable.Description.RegionCapacity;
        if (s_regionCount == capacity)
        {
            Panic.Stop("the image has more regions than its table has room for; capacity:"u8, (nuint)(uint)capacity);
        }

        KernelMemory.At<BaseRegion>(KernelTables.Regions, s_regionCount++, capacity) = region;
    }

    private static PageRange Pages(nuint start, nuint end) =>
        PageRange.FromFirstToEnd(new VirtualAddress(start).Page, new VirtualAddress(end).Page);

    private static FrameNumber FrameAt(nuint address) => new PhysicalAddress(address).Frame;
}

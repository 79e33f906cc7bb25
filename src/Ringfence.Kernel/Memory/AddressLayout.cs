// Where everything lies in the kernel's address space. The image builder has worked it out (src/Ringfence.Sdk/ImageBuilder/Linking/AddressPlan.cs): what is asked here is a
// constant of the link, or a table in read-only data.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>The regions of the address space, in ascending order, with their base rights.</summary>
public static class AddressLayout
{
    /// <summary>Added to the address of a grantable page gives the kernel's view of it.</summary>
    public static nuint ViewOffset => ImageAddresses.ViewOffset;

    /// <summary>Where the kernel's view begins.</summary>
    public static nuint ViewStart => ImageAddresses.ViewStart;

    /// <summary>Where the kernel's view ends; nothing is mapped from here on.</summary>
    public static nuint ViewEnd => ImageAddresses.ViewEnd;

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
    public static ReadOnlySpan<BaseRegion> Regions => KernelMemory.Items<BaseRegion>(KernelTables.Regions, (int)ImageTable.Description.RegionCount);

    /// <summary>The base mapping, for the law. The image builder has checked it.</summary>
    public static BaseMapping BaseMapping => BaseMapping.CreateUnchecked(Regions);

#if KPTI
    /// <summary>The pages that every set of tables holds, for entry and exit: text, and the data behind it.</summary>
    public static PageRange EntryPages => PageRange.FromFirstToEnd(
        new VirtualAddress(ImageTable.Description.EntryTextStart).Page, new VirtualAddress(ImageTable.Description.EntryDataEnd).Page);
#endif

    /// <summary>Lowest address of the kernel stack of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint KernelStackStart(int slot) => ImageAddresses.KernelStackStart + OffsetOf(slot);

    /// <summary>First address above the kernel stack of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint KernelStackEnd(int slot) => ImageAddresses.KernelStackEnd + OffsetOf(slot);

    /// <summary>Where the kernel stack of a slot begins: below the area for what the processor holds of its user thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint KernelStackTop(int slot) => KernelStackEnd(slot) - ProcessorState.ByteCount;

    /// <summary>The pages of the user stack of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageRange UserStackPages(int slot)
    {
        nuint offset = OffsetOf(slot);
        return PageRange.CreateUnchecked(
            new VirtualAddress(ImageAddresses.UserStackStart + offset).Page, new VirtualAddress(ImageAddresses.UserStackEnd + offset).Page);
    }

    /// <summary>The pages of all user stacks, and what lies between them.</summary>
    public static PageRange UserStacks => PageRange.FromFirstToEnd(UserStackPages(0).First, UserStackPages((int)ImageTable.Description.ThreadCapacity - 1).End);

#if STRATEGY_LEAF_LINK
    /// <summary>From the first page that can be granted to the last of a user stack.</summary>
    public static PageRange Grantable => PageRange.FromFirstToEnd(
        new VirtualAddress(ImageAddresses.GrantableStart).Page, new VirtualAddress(ImageAddresses.GrantableEnd).Page);
#endif

    /// <summary>The slot whose guard page (below its kernel stack, or between its two stacks) holds the address; -1 if none does.</summary>
    public static int FindGuard(nuint address)
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        nuint offset = address - ImageAddresses.SlotsStart;
        if (offset >= image.SlotByteCount * image.ThreadCapacity)
        {
            return -1;
        }

        nuint slot = offset / image.SlotByteCount;
        nuint inSlot = offset - (slot * image.SlotByteCount);
        nuint secondGuard = (image.KernelStackPageCount + 1) * PageSize.ByteCount;
        return inSlot < PageSize.ByteCount || inSlot - secondGuard < PageSize.ByteCount ? (int)slot : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint OffsetOf(int slot) => (nuint)(uint)slot * ImageTable.Description.SlotByteCount;
}

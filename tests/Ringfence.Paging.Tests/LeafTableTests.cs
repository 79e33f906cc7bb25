// Leaf tables that take turns under one link: where the link is, what one store changes and owes, and edits of a table that is linked nowhere.

using System;
using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class LeafTableTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;

    // A leaf table in the middle with its first pages and its last, and the pages on both sides of it.
    private static readonly PageRange s_window = SimulatedMachine<TFormat>.Pages(2 * s_span, s_span);
    private static readonly PageNumber s_first = s_window.First;
    private static readonly PageNumber s_last = new(s_window.End.Value - 1);
    private static readonly PageNumber s_before = new(s_first.Value - 1);

    private readonly SimulatedMachine<TFormat> _machine = new();

    protected LeafTableTests()
    {
        _machine.Map(SimulatedMachine<TFormat>.Pages(s_before.Value, 3), 0x300, LeafRights.UserReadWrite);
        _machine.Map(SimulatedMachine<TFormat>.Pages(s_last.Value, 2), 0x310, LeafRights.UserRead);
    }

    private TableAddress Link
    {
        get
        {
            Assert.True(_machine.Space.TryFindLeafLink(s_first, out TableAddress link));
            return link;
        }
    }

    [Fact]
    public void Every_page_of_a_leaf_table_has_its_link_at_both_ends_of_the_address_space_too()
    {
        SimulatedMachine<TFormat> machine = new();
        HashSet<nuint> links = [];
        foreach (PageNumber first in FirstPagesOfTables())
        {
            PageNumber last = new(first.Value + s_span - 1);
            machine.Map(PageRange.OnePage(first), 0x100, LeafRights.UserRead);
            machine.Map(PageRange.OnePage(last), 0x101, LeafRights.UserRead);
            Assert.True(machine.Space.TryFindLeafLink(first, out TableAddress link));
            Assert.True(machine.Space.TryFindLeafLink(last, out TableAddress again));
            Assert.Equal(link.Value, again.Value);
            Assert.True(links.Add(link.Value));
            ulong table = Tables<TFormat>.LeafAddress(machine, machine.Space, first) & ~0xFFFul;
            Assert.Equal(table | TFormat.Level(1).LinkBits, Read(machine, link));
            Assert.Equal(table, machine.Space.LinkedTable(link).Value);

            // What the processor notes in the link is no part of the address.
            Assert.True(machine.Strict.Access(Reading(last)).Succeeded);
            Assert.NotEqual(table | TFormat.Level(1).LinkBits, Read(machine, link));
            Assert.Equal(table, machine.Space.LinkedTable(link).Value);
        }
    }

    [Fact]
    public void Where_the_set_has_no_leaf_table_of_its_own_there_is_no_link()
    {
        SimulatedMachine<TFormat> machine = new();
        AssertNoLink(machine.Space, s_first);
        machine.Map(PageRange.OnePage(s_first), 0x100, LeafRights.UserRead);
        AssertNoLink(machine.Space, s_before);
        AssertNoLink(machine.Space, s_window.End);
        AssertNoLink(machine.Space, SimulatedMachine<TFormat>.LastPage);
        SimulatedMachine<TFormat> large = new();
        Tables<TFormat>.MapLarge(large, LeafRights.UserRead);
        AssertNoLink(large.Space, Tables<TFormat>.LargePage.First);
        for (int level = 0; level < FormatGeometry<TFormat>.RootLevel; level++)
        {
            AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(_machine);
            TableAccount account = TableAccount.Unlimited;
            _machine.Done(other.ShareTable(ref _machine.Pool, ref account, _machine.Space, s_first, level));
            AssertNoLink(other, s_first);
        }
    }

    [Fact]
    public void One_store_links_another_table_and_nothing_beside_it_changes()
    {
        TableAddress link = Link;
        TableAddress original = _machine.Space.LinkedTable(link);
        TableAddress other = Taken();
        _machine.Space.MapInTable(other, SimulatedMachine<TFormat>.Pages(s_first.Value + 1, 2), new FrameNumber(0x500), LeafRights.UserRead);
        _machine.ResetCounters();
        Assert.True(_machine.Space.TryRelink(link, other));
        Assert.Equal((1, 1), (_machine.StoreCount, _machine.EntriesWritten));
        Assert.Equal(other.Value | TFormat.Level(1).LinkBits, Read(_machine, link));
        Assert.Equal((other.Value, link.Value), (_machine.Space.LinkedTable(link).Value, Link.Value));
        nuint?[] frames = [0x300, null, 0x500, 0x501, null, 0x311];
        PageNumber[] pages = [s_before, s_first, new(s_first.Value + 1), new(s_first.Value + 2), s_last, s_window.End];
        for (int index = 0; index < pages.Length; index++)
        {
            Assert.Equal((frames[index] is not null, frames[index] ?? 0), (Translate(pages[index]).IsMapped, Translate(pages[index]).Frame.Value));
        }

        Assert.True(_machine.Space.TryRelink(link, original));
        Assert.Equal((nuint)0x301, Translate(s_first).Frame.Value);
        Assert.Equal((nuint)0x310, Translate(s_last).Frame.Value);
    }

    [Fact]
    public void A_table_above_4_GiB_is_linked_and_found_where_a_register_has_64_bits()
    {
        // The link is in memory that no table is in.
        TableAddress link = new(new PhysicalAddress(0x7008));
        TableAddress table = new(new PhysicalAddress(TFormat.EntryWidth == EntryWidth.Bits64 ? 0xF_1234_5000ul : 0xF234_5000ul));
        Assert.True(_machine.Space.TryRelink(link, table));
        Assert.Equal(table.Value, _machine.Space.LinkedTable(link).Value);
        Assert.Equal(table.Value | TFormat.Level(1).LinkBits, Read(_machine, link));
        Assert.False(_machine.Space.TryRelink(link, table));
    }

    [Fact]
    public void A_table_that_is_linked_already_is_not_stored_again_whatever_the_processor_noted()
    {
        TableAddress link = Link;
        byte[] before = _machine.Snapshot();
        Assert.False(_machine.Space.TryRelink(link, _machine.Space.LinkedTable(link)));
        Assert.Equal(before, _machine.Snapshot());
        Assert.True(_machine.Strict.Access(Reading(s_first)).Succeeded);
        _machine.ResetCounters();
        Assert.False(_machine.Space.TryRelink(link, _machine.Space.LinkedTable(link)));
        Assert.Equal(0, _machine.StoreCount);
    }

    [Fact]
    public void What_a_relinking_owes_is_everything_below_the_links_and_once_for_any_number_of_them()
    {
        // The second link is that of the table before it, of which only the last page is mapped.
        Assert.True(_machine.Space.TryFindLeafLink(s_before, out TableAddress linkBefore));
        PageNumber[] pages = [s_before, s_first, s_last];
        Assert.All(pages, page => Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(page))));
        TableAddress empty = Taken();
        Assert.True(_machine.Space.TryRelink(Link, empty));
        Assert.True(_machine.Space.TryRelink(linkBefore, Taken()));
        FlushObligation owed = AddressSpace<TFormat, SimulatedTableMemory>.OwedForRelinking;
        Assert.Equal((FlushKind.WholeSet, true, false, false), (owed.Kind, owed.NeedsStructureCacheFlush, owed.NeedsDirectoryPointerReload, owed.LoadsRoot));

        // Until it is done the processor may go on with what it holds, and to the old table by the old link.
        Assert.All(pages, page => Assert.True(_machine.Cpu.MaySucceed(Reading(page))));
        _machine.Discharge(owed);
        Assert.All(pages, page => Assert.False(_machine.Cpu.MaySucceed(Reading(page))));

        // What comes into the table that is linked now is there at once.
        _machine.Space.MapInTable(empty, PageRange.OnePage(s_last), new FrameNumber(0x500), LeafRights.UserRead);
        Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(s_last)));
    }

    [Fact]
    public void Pages_for_copies_are_set_aside_all_or_none()
    {
        nuint available = _machine.Pool.Available.Value;
        TableAccount account = new(new PageCount(3));
        byte[] before = _machine.Snapshot();
        PagingError error = Reserve(ref account, 4);
        Assert.Equal((PagingErrorCode.OutOfTablePages, s_last, 4u, 3u), (error.Code, error.Page, error.TablesNeeded.Value, error.TablesAvailable.Value));
        TableAccount unlimited = TableAccount.Unlimited;
        error = Reserve(ref unlimited, available + 1);
        Assert.Equal((PagingErrorCode.OutOfTablePages, s_last, available + 1, available), (error.Code, error.Page, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal((0u, 0u, available), (account.InUse.Value, unlimited.InUse.Value, _machine.Pool.Available.Value));
        Assert.True(Reserve(ref account, 0).IsNone);
        Assert.True(Reserve(ref account, 3).IsNone);
        Assert.Equal((3u, 0u, available - 3), (account.InUse.Value, account.Left.Value, _machine.Pool.Available.Value));
        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public void A_copy_maps_the_same_and_a_writable_leaf_of_it_counts_as_dirty()
    {
        // Beside the leaves a leaf that was read, and an entry that isn't present but not 0 either.
        Assert.True(_machine.Strict.Access(Reading(s_last)).Succeeded);
        PageNumber absent = new(s_first.Value + 7);
        TableAddress source = _machine.Space.LinkedTable(Link);
        _machine.Memory.Write32(EntryAddress(source, absent), uint.MaxValue - 1);
        byte[] before = Page(source);
        TableAccount account = TableAccount.Unlimited;
        Assert.True(Reserve(ref account, 1).IsNone);
        TableAddress copy = _machine.Space.CopyLeafTable(ref _machine.Pool, source);
        Assert.Equal(before, Page(source));
        for (PageNumber page = s_first; page < s_window.End; page += PageCount.One)
        {
            ulong entry = Read(_machine, new TableAddress(new PhysicalAddress(EntryAddress(source, page))));
            ulong expected = (entry & EntryBits.Present) == 0 ? 0 : (entry & EntryBits.Writable) != 0 ? entry | EntryBits.Dirty : entry;
            Assert.Equal((page, expected), (page, Read(_machine, new TableAddress(new PhysicalAddress(EntryAddress(copy, page))))));
        }

        // It is linked nowhere: what changes in it is not seen until it is.
        FlushObligation owed = default;
        _machine.Space.UnmapInTable(copy, PageRange.OnePage(s_first), ref owed);
        Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(s_first)));
        Assert.True(_machine.Space.TryRelink(Link, copy));
        _machine.Discharge(AddressSpace<TFormat, SimulatedTableMemory>.OwedForRelinking.Combine(owed));
        Assert.False(_machine.Cpu.MaySucceed(Reading(s_first)));
        Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(s_last)));
        Assert.Equal((nuint)0x302, Translate(new PageNumber(s_first.Value + 1)).Frame.Value);
    }

    [Fact]
    public void Pages_are_mapped_in_a_table_with_their_rights_base_and_live_from_its_first_page_to_its_last()
    {
        TableAddress table = Taken();
        nuint offset = 0;
        foreach (LeafRights rights in Rights.All)
        {
            _machine.Space.MapInTable(table, SimulatedMachine<TFormat>.Pages(s_first.Value + offset, 2), new FrameNumber(0x600 + offset), rights);
            offset += 2;
        }

        // To the end of what the format reaches.
        FrameNumber lastFrame = new((nuint)(TFormat.Leaf(0).AddressLimit >> PageSize.Shift) - 1);
        _machine.Space.MapInTable(table, PageRange.FromFirstToEnd(new PageNumber(s_last.Value - 1), s_window.End), new FrameNumber(lastFrame.Value - 1), LeafRights.UserReadWrite);
        Assert.True(_machine.Space.TryRelink(Link, table));
        _machine.Discharge(AddressSpace<TFormat, SimulatedTableMemory>.OwedForRelinking);
        for (nuint page = 0; page < offset; page++)
        {
            LeafRights rights = Rights.All[(int)page / 2];
            Translation translation = Translate(new PageNumber(s_first.Value + page));
            Assert.Equal((0x600 + page, rights), (translation.Frame.Value, translation.BaseRights));
            Assert.Equal(rights.IsUser, _machine.Cpu.MaySucceed(Reading(new PageNumber(s_first.Value + page))));
            Assert.Equal(rights.IsUser && rights.IsWritable, _machine.Cpu.MaySucceed(new MemoryAccess(new PageNumber(s_first.Value + page).Address.Value, AccessKind.Write, IsUser: true)));
        }

        Assert.Equal((lastFrame.Value - 1, lastFrame.Value), (Translate(new PageNumber(s_last.Value - 1)).Frame.Value, Translate(s_last).Frame.Value));
        Assert.False(Translate(new PageNumber(s_first.Value + offset)).IsMapped);
        Assert.False(Translate(new PageNumber(s_last.Value - 2)).IsMapped);
        Assert.Equal(((nuint)0x300, (nuint)0x311), (Translate(s_before).Frame.Value, Translate(s_window.End).Frame.Value));
    }

    [Fact]
    public void The_last_pages_of_the_address_space_are_mapped_in_their_table_and_unmapped_without_wrapping()
    {
        PageNumber last = SimulatedMachine<TFormat>.LastPage;
        PageRange pages = SimulatedMachine<TFormat>.Pages(last.Value - 1, 2);
        _machine.Map(PageRange.OnePage(new PageNumber(last.Value - 2)), 0x700, LeafRights.UserRead);
        Assert.True(_machine.Space.TryFindLeafLink(last, out TableAddress link));
        TableAddress table = _machine.Space.LinkedTable(link);
        byte[] before = _machine.Snapshot();
        _machine.ResetCounters();
        _machine.Space.MapInTable(table, pages, new FrameNumber(0x701), LeafRights.UserRead);
        Assert.Equal(2, _machine.EntriesWritten);
        Assert.Equal((nuint)0x702, Translate(last).Frame.Value);
        Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(last)));
        FlushObligation owed = default;
        _machine.Space.UnmapInTable(table, pages, ref owed);
        Assert.Equal(2, owed.PageTotal);
        Assert.True(owed.Covers(last) && owed.Covers(pages.First));
        _machine.Discharge(owed);
        Assert.False(_machine.Cpu.MaySucceed(Reading(last)));
        Assert.Equal(before, _machine.Snapshot());
        _machine.Space.MapInTable(table, PageRange.Empty, default, LeafRights.UserRead);
        _machine.Space.UnmapInTable(table, PageRange.Empty, ref owed);
        Assert.Equal(2, owed.PageTotal);
        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public void What_was_mapped_and_is_unmapped_is_owed_and_every_entry_is_zero()
    {
        TableAddress table = _machine.Space.LinkedTable(Link);
        Assert.All(new[] { s_first, s_last }, page => Assert.True(_machine.Strict.Access(Reading(page)).Succeeded));
        FlushObligation owed = default;
        PageRange pages = PageRange.FromFirstToEnd(new PageNumber(s_first.Value + 1), s_window.End);
        _machine.Space.UnmapInTable(table, pages, ref owed);
        Assert.Equal((2, false), (owed.PageTotal, owed.NeedsStructureCacheFlush));
        Assert.Equal((true, true, false), (owed.Covers(pages.First), owed.Covers(s_last), owed.Covers(s_first)));
        Assert.True(_machine.Cpu.MaySucceed(Reading(s_last)));
        _machine.Discharge(owed);
        Assert.False(_machine.Cpu.MaySucceed(Reading(pages.First)) || _machine.Cpu.MaySucceed(Reading(s_last)));
        Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(s_first)) && _machine.Cpu.MustSucceedWithRetry(Reading(s_window.End)));
        for (PageNumber page = pages.First; page < s_window.End; page += PageCount.One)
        {
            Assert.Equal(0ul, Read(_machine, new TableAddress(new PhysicalAddress(EntryAddress(table, page)))));
        }

        // Again there is nothing, and nothing is owed for it; more than the list holds is everything.
        owed = default;
        _machine.Space.UnmapInTable(table, pages, ref owed);
        Assert.True(owed.IsNone);
        _machine.Space.MapInTable(table, pages, new FrameNumber(0x500), LeafRights.UserRead);
        _machine.Space.UnmapInTable(table, pages, ref owed);
        Assert.Equal(FlushKind.WholeSet, owed.Kind);
        _machine.Discharge(owed);
    }

    [Fact]
    public void A_leaf_through_which_the_processor_writes_meanwhile_is_zero_when_it_is_unmapped()
    {
        TableAddress table = _machine.Space.LinkedTable(Link);
        ulong entry = EntryAddress(table, s_first);
        FlushObligation owed = default;
        Tables<TFormat>.UnderWalker(_machine, _machine.Space, entry).UnmapInTable(table, PageRange.OnePage(s_first), ref owed);
        Assert.Equal(0ul, Read(_machine, new TableAddress(new PhysicalAddress(entry))));
        Assert.True(owed.Covers(s_first));
        _machine.Discharge(owed);
    }

    [Fact]
    public void A_table_that_ends_is_given_back_after_the_flush_and_comes_out_empty()
    {
        TableAddress original = _machine.Space.LinkedTable(Link);
        TableAccount account = TableAccount.Unlimited;
        Assert.True(Reserve(ref account, 2).IsNone);
        TableAddress copy = _machine.Space.CopyLeafTable(ref _machine.Pool, original);
        TableAddress second = _machine.Space.CopyLeafTable(ref _machine.Pool, original);
        Assert.True(_machine.Space.TryRelink(Link, copy));
        _machine.Discharge(AddressSpace<TFormat, SimulatedTableMemory>.OwedForRelinking);
        nuint available = _machine.Pool.Available.Value;
        Assert.True(_machine.Space.TryRelink(Link, original));
        List<nuint> availableAtFlush = [];
        OrderNotingCache<TFormat> cache = new(_machine, availableAtFlush);
        TableRelease<TFormat, SimulatedTableMemory> release = _machine.Space.ReleaseLeafTable(copy, AddressSpace<TFormat, SimulatedTableMemory>.OwedForRelinking);
        Assert.Equal((true, FlushKind.WholeSet, true), (release.Succeeded, release.Flush.Kind, release.Flush.NeedsStructureCacheFlush));
        Assert.Equal(2u, account.InUse.Value);
        release.Discharge(ref cache, ref _machine.Pool, ref account);
        Assert.Equal([available], availableAtFlush);
        Assert.Equal((1u, available + 1), (account.InUse.Value, _machine.Pool.Available.Value));
        _machine.Discharge(AddressSpace<TFormat, SimulatedTableMemory>.OwedForRelinking);

        // One that was linked nowhere owes nothing.
        _machine.Space.ReleaseLeafTable(second, FlushObligation.None).Discharge(ref cache, ref _machine.Pool, ref account);
        Assert.Single(availableAtFlush);
        Assert.Equal((0u, available + 2), (account.InUse.Value, _machine.Pool.Available.Value));
        Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(s_first)) && _machine.Cpu.MustSucceedWithRetry(Reading(s_last)));
        Assert.All(Page(Taken()), static value => Assert.Equal(0, value));
    }

    private static MemoryAccess Reading(PageNumber page) => new(page.Address.Value, AccessKind.Read, IsUser: true);

    private static void AssertNoLink(AddressSpace<TFormat, SimulatedTableMemory> set, PageNumber page)
    {
        Assert.False(set.TryFindLeafLink(page, out TableAddress link));
        Assert.Equal((nuint)0, link.Value);
    }

    private static List<PageNumber> FirstPagesOfTables()
    {
        PageRange lower = FormatGeometry<TFormat>.LowerPages;
        List<PageNumber> pages = [new(0), new(s_span), new(lower.End.Value / 2), new(lower.End.Value - s_span)];
        if (!FormatGeometry<TFormat>.UpperPages.IsEmpty)
        {
            pages.Add(FormatGeometry<TFormat>.UpperPages.First);
            pages.Add(new PageNumber(SimulatedMachine<TFormat>.LastPage.Value - (s_span - 1)));
        }

        return pages;
    }

    private static ulong EntryAddress(TableAddress table, PageNumber page) =>
        table.Value + ((ulong)TFormat.Level(0).IndexOf(page).Value * (ulong)FormatGeometry<TFormat>.EntryByteCount);

    private static ulong Read(SimulatedMachine<TFormat> machine, TableAddress entry) =>
        FormatGeometry<TFormat>.EntryByteCount == 4 ? machine.Memory.Read32(entry.Value) : machine.Memory.Read64(entry.Value);

    private Translation Translate(PageNumber page) => _machine.Space.Translate(page.Address);

    private PagingError Reserve(ref TableAccount account, nuint count) =>
        AddressSpace<TFormat, SimulatedTableMemory>.ReserveLeafTables(ref _machine.Pool, ref account, s_last, new PageCount(count));

    /// <summary>An empty table.</summary>
    private TableAddress Taken()
    {
        TableAccount account = TableAccount.Unlimited;
        Assert.True(_machine.Pool.TryTake(ref account, out PhysicalAddress table));
        return new TableAddress(table);
    }

    private byte[] Page(TableAddress table) => _machine.Snapshot().AsSpan((int)table.Value, (int)PageSize.ByteCount).ToArray();
}

public sealed class Ia32LeafTableTests : LeafTableTests<Ia32Format>;

public sealed class PaeLeafTableTests : LeafTableTests<PaeFormat>;

public sealed class FourLevelLeafTableTests : LeafTableTests<FourLevelFormat>;

public sealed class FiveLevelLeafTableTests : LeafTableTests<FiveLevelFormat>;

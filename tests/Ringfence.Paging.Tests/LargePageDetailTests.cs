// Large pages where it is easy to be off by a level, a bit or an entry: attributes, the largest size, refusals with their pages, and memory beside the tables.

using System;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class LargePageDetailTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_count = Tables<TFormat>.LargeCount;
    private static readonly PageRange s_large = Tables<TFormat>.LargePage;

    [Theory]
    [InlineData(EntryBits.WriteThrough)]
    [InlineData(EntryBits.CacheDisable)]
    [InlineData(EntryBits.Global)]
    [InlineData(EntryBits.Accessed)]
    [InlineData(EntryBits.Dirty)]
    public void What_else_an_entry_says_of_its_page_is_kept_by_splitting_and_merging(ulong attribute)
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserRead);
        ulong entry = Tables<TFormat>.LeafAddress(machine, machine.Space, s_large.First);
        machine.Memory.Write32(entry, machine.Memory.Read32(entry) | (uint)attribute);
        machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.First));
        foreach (PageNumber page in new[] { s_large.First, new PageNumber(s_large.End.Value - 1) })
        {
            Translation piece = machine.Space.Translate(page.Address);
            Assert.Equal(attribute, piece.Entry & (0x1F8 | EntryBits.LargePage));
            Assert.Equal((4 * s_count) + (page.Value - s_large.First.Value), piece.Frame.Value);
        }

        Assert.True(Merge(machine, s_large.First, Tables<TFormat>.LargeSize).IsNone);
        Assert.Equal(attribute | EntryBits.Accessed | EntryBits.LargePage, machine.Space.Translate(s_large.First.Address).Entry & 0x1F8);
    }

    [Fact]
    public void The_PAT_bit_of_a_large_page_is_no_part_of_its_frame()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserRead);
        ulong entry = Tables<TFormat>.LeafAddress(machine, machine.Space, s_large.First);
        machine.Memory.Write32(entry, machine.Memory.Read32(entry) | (1u << 12));
        Assert.Equal(4 * s_count, machine.Space.Translate(s_large.First.Address).Frame.Value);
        machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.First));
        Assert.Equal(4 * s_count, machine.Space.Translate(s_large.First.Address).Frame.Value);
    }

    [Fact]
    public void Pieces_that_are_not_one_page_are_refused_with_the_first_that_doesnt_fit()
    {
        foreach (nuint index in new nuint[] { 0, 1, s_count / 2, s_count - 1 })
        {
            SimulatedMachine<TFormat> absent = Pieces(4 * s_count);
            absent.Done(absent.Space.Unmap(OnePage(index)));
            AssertRefused(absent, index);
            if (index != 0)
            {
                SimulatedMachine<TFormat> other = Pieces(4 * s_count);
                other.Done(other.Space.SetRights(OnePage(index), LeafRights.SupervisorRead));
                AssertRefused(other, index);
            }
        }

        AssertRefused(Pieces((4 * s_count) + 1), 0);

        static void AssertRefused(SimulatedMachine<TFormat> machine, nuint index)
        {
            foreach (nuint asked in new nuint[] { 0, 5, s_count - 1 })
            {
                PagingError error = Merge(machine, OnePage(asked).First, Tables<TFormat>.LargeSize);
                Assert.Equal((PagingErrorCode.NotUniform, s_large.First.Value + index), (error.Code, error.Page.Value));
            }
        }
    }

    [Fact]
    public void A_page_of_the_smallest_size_is_nothing_to_merge_and_one_under_a_shared_table_nothing_to_split()
    {
        SimulatedMachine<TFormat> machine = Pieces(4 * s_count);
        Assert.Equal(PagingErrorCode.NothingThere, Merge(machine, s_large.First, LeafSize<TFormat>.Page).Code);
        if (FormatGeometry<TFormat>.RootLevel > 1)
        {
            SimulatedMachine<TFormat> shared = new();
            Tables<TFormat>.MapLarge(shared, LeafRights.UserRead);
            AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(shared);
            TableAccount account = TableAccount.Unlimited;
            shared.Done(other.ShareTable(ref shared.Pool, ref account, shared.Space, s_large.First, level: 1));
            PagingError error = other.SplitLargePage(ref shared.Pool, ref account, s_large.First).Error;
            Assert.Equal((PagingErrorCode.UnderSharedTable, s_large.First), (error.Code, error.Page));
            PagingError rights = other.SetRights(s_large, LeafRights.UserReadWrite).Error;
            Assert.Equal((PagingErrorCode.UnderSharedTable, s_large.First), (rights.Code, rights.Page));
        }
    }

    [Fact]
    public void Nothing_beside_the_new_table_and_its_link_is_written_by_a_split_and_by_a_copy()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserRead);
        byte[] before = machine.Snapshot();
        machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.First));
        AssertUnchangedAbove(machine, before, machine.Pool.InUse.Value);

        AddressSpace<TFormat, SimulatedTableMemory> copy = Tables<TFormat>.NewSet(machine);
        before = machine.Snapshot();
        Assert.True(machine.Space.CopyTo(ref machine.Pool, ref machine.Account, copy).IsNone);
        AssertUnchangedAbove(machine, before, machine.Pool.InUse.Value);

        AddressSpace<TFormat, SimulatedTableMemory> sharing = Tables<TFormat>.NewSet(machine);
        machine.Done(sharing.ShareTable(ref machine.Pool, ref machine.Account, machine.Space, s_large.First, level: 0));
        before = machine.Snapshot();
        machine.Done(sharing.UnshareTable(ref machine.Pool, ref machine.Account, s_large.First, level: 0));
        AssertUnchangedAbove(machine, before, machine.Pool.InUse.Value);
    }

    [Fact]
    public void An_unshared_table_has_every_entry_of_the_shared_one_and_D_where_it_may_be_written()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange writable = SimulatedMachine<TFormat>.Pages(0, 2);
        PageRange readable = SimulatedMachine<TFormat>.Pages(s_count - 2, 2);
        machine.Map(writable, 0x100, LeafRights.UserReadWrite);
        machine.Map(readable, 0x200, LeafRights.UserRead);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        machine.Done(other.ShareTable(ref machine.Pool, ref machine.Account, machine.Space, writable.First, level: 0));
        machine.Done(other.UnshareTable(ref machine.Pool, ref machine.Account, writable.First, level: 0));
        foreach (PageRange range in new[] { writable, readable })
        {
            for (PageNumber page = range.First; page < range.End; page += PageCount.One)
            {
                ulong dirty = range == writable ? EntryBits.Dirty : 0;
                Assert.Equal(machine.Space.Translate(page.Address).Entry | dirty, other.Translate(page.Address).Entry);
            }
        }

        Assert.False(other.Translate(writable.End.Address).IsMapped);
    }

    [Fact]
    public void Mapping_large_pages_is_refused_for_each_thing_that_is_not_aligned_and_names_what_is_in_the_way()
    {
        SimulatedMachine<TFormat> machine = new();
        AssertRefused(PagingErrorCode.NotAligned, Range(1, s_count), 4 * s_count);
        AssertRefused(PagingErrorCode.NotAligned, Range(0, s_count + 1), 4 * s_count);
        AssertRefused(PagingErrorCode.NotAligned, Range(0, s_count), (4 * s_count) + 1);
        AssertRefused(PagingErrorCode.NotAligned, Range(s_count / 2, s_count), 4 * s_count);
        AssertRefused(PagingErrorCode.NotAligned, Range(0, s_count), (4 * s_count) + (s_count / 2));
        Assert.True(MapLarge(Range(1, 0), 1).IsNone);
        ulong limit = TFormat.Leaf(1).AddressLimit >> PageSize.Shift;
        AssertRefused(PagingErrorCode.FrameOutOfReach, Range(0, s_count), (nuint)(((limit + s_count - 1) & ~((ulong)s_count - 1)) + (8 * s_count)));
        machine.Map(OnePage(s_count + 3), 1, LeafRights.UserRead);
        PagingError inTheWay = MapLarge(Range(0, 3 * s_count), 4 * s_count);
        Assert.Equal((PagingErrorCode.TableInTheWay, s_large.First.Value + s_count), (inTheWay.Code, inTheWay.Page.Value));
        Assert.True(MapLarge(Range(0, s_count), 4 * s_count).IsNone);
        PagingError under = machine.Space.Map(ref machine.Pool, ref machine.Account, Range(3, 2), new FrameNumber(1), LeafRights.UserRead).Error;
        Assert.Equal((PagingErrorCode.UnderLargePage, s_large.First.Value + 3), (under.Code, under.Page.Value));
        PagingError part = machine.Space.SetRights(Range(3, 2), LeafRights.UserRead).Error;
        Assert.Equal((PagingErrorCode.UnderLargePage, s_large.First.Value + 3), (part.Code, part.Page.Value));

        PagingError MapLarge(PageRange range, nuint frame) =>
            machine.Space.MapLarge(ref machine.Pool, ref machine.Account, range, new FrameNumber(frame), LeafRights.UserRead, Tables<TFormat>.LargeSize).Error;

        void AssertRefused(PagingErrorCode code, PageRange range, nuint frame) => Assert.Equal(code, MapLarge(range, frame).Code);
    }

    [Fact]
    public void A_page_that_is_not_mapped_is_named_exactly_also_where_its_table_is_missing()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(s_count - 1, s_count + 2), 1, LeafRights.UserRead);
        PageRange missing = SimulatedMachine<TFormat>.Pages(3 * s_count, 2);
        foreach (PagingError error in new[] { machine.Space.SetRights(missing, LeafRights.UserRead).Error, machine.Space.Unmap(missing).Error })
        {
            Assert.Equal((PagingErrorCode.NotMapped, missing.First), (error.Code, error.Page));
        }
    }

    [Fact]
    public void Small_pages_are_refused_a_frame_far_out_of_reach()
    {
        SimulatedMachine<TFormat> machine = new();
        nuint limit = (nuint)(TFormat.Leaf(0).AddressLimit >> PageSize.Shift);
        foreach (nuint frame in new[] { limit, limit + 1, 2 * limit, (8 * limit) + 5 })
        {
            Assert.Equal(PagingErrorCode.FrameOutOfReach, machine.Space.Map(ref machine.Pool, ref machine.Account, Range(0, 1), new FrameNumber(frame), LeafRights.UserRead).Error.Code);
        }
    }

    [Fact]
    public void Runs_go_on_through_large_pages_from_their_middle_and_stop_where_sizes_change()
    {
        SimulatedMachine<TFormat> machine = new();
        Assert.True(machine.Space.MapLarge(ref machine.Pool, ref machine.Account, Range(0, 2 * s_count), new FrameNumber(4 * s_count), LeafRights.UserRead, Tables<TFormat>.LargeSize).Succeeded);
        machine.Map(Range(2 * s_count, 4), 6 * s_count, LeafRights.UserRead);
        Assert.True(machine.Space.TryGetRun(Range(5, 4 * s_count), out MappingRun large));
        Assert.Equal((Range(5, (2 * s_count) - 5), (4 * s_count) + 5, 1, true), (large.Range, large.FirstFrame.Value, large.LeafLevel, large.IsMapped));
        Assert.True(machine.Space.TryGetRun(Range(2 * s_count, s_count), out MappingRun small));
        Assert.Equal((Range(2 * s_count, 4), 6 * s_count, 0), (small.Range, small.FirstFrame.Value, small.LeafLevel));
        Assert.True(machine.Space.TryGetRun(Range((2 * s_count) + 4, 3), out MappingRun none));
        Assert.Equal((Range((2 * s_count) + 4, 3), false, 0ul), (none.Range, none.IsMapped, none.FirstEntry));
        Assert.False(machine.Space.TryGetRun(PageRange.Empty, out _));
        Assert.False(machine.Space.TryGetRun(PageRange.OnePage(new PageNumber(FormatGeometry<TFormat>.LowerPages.End.Value + s_large.First.Value)), out _));
    }

    [Fact]
    public void Translating_names_the_level_where_the_way_ends_and_no_alias_of_an_address_is_mapped()
    {
        SimulatedMachine<TFormat> machine = new();
        Assert.Equal(FormatGeometry<TFormat>.RootLevel, machine.Space.Translate(s_large.First.Address).MissingLevel);
        machine.Map(OnePage(0), 0x100, LeafRights.UserRead);
        Assert.Equal(0, machine.Space.Translate(OnePage(1).First.Address).MissingLevel);
        Assert.Equal(1, machine.Space.Translate(new VirtualAddress((nuint)Range(2 * s_count, 1).First.Address.Value)).MissingLevel);
        VirtualAddress alias = new(s_large.First.Address.Value + FormatGeometry<TFormat>.LowerPages.End.Address.Value);
        if (!FormatGeometry<TFormat>.Contains(alias))
        {
            Translation translation = machine.Space.Translate(alias);
            Assert.Equal((false, TFormat.LevelCount), (translation.IsMapped, translation.MissingLevel));
            Assert.Equal(DenyingBit.NonCanonical, machine.Space.EffectiveRights(alias, Access.Read, Privilege.User, default).Bit);
        }
    }

    [Fact]
    public void An_entry_hands_out_a_table_or_a_leaf_only_if_it_is_one()
    {
        PageTableEntry<TFormat> leaf = new(0x5207, level: 0);
        Assert.False(leaf.TryGetTable(out PhysicalAddress table, out bool isShared));
        Assert.Equal((default, false), (table, isShared));
        PageTableEntry<TFormat> link = new(0x5E07, level: 1);
        Assert.False(link.TryGetLeaf(out FrameNumber frame, out LeafRights rights, out LeafRights baseRights));
        Assert.Equal((default, default, default), (frame, rights, baseRights));
        Assert.True(link.TryGetTable(out table, out isShared));
        Assert.Equal((new PhysicalAddress(0x5000), true), (table, isShared));
    }

    [Fact]
    public void The_editor_leaves_pages_alone_that_have_no_table_whatever_it_edited_before()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(Range(s_count - 2, 2), 0x100, LeafRights.UserRead);
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        FlushObligation owed = FlushObligation.None;
        editor.Set(OnePage(s_count - 1).First, OnePage(s_count - 1).End, LeafRights.UserReadWrite, ref owed);
        byte[] before = machine.Snapshot();
        editor.Set(OnePage(s_count).First, Range(s_count, 3).End, LeafRights.UserReadWrite, ref owed);
        editor.Reset(OnePage(2 * s_count).First, OnePage(2 * s_count).End, ref owed);
        Assert.Equal(before, machine.Snapshot());
        editor.Set(OnePage(s_count - 2).First, Range(s_count - 2, 4).End, LeafRights.SupervisorRead, ref owed);
        Assert.Equal(2, owed.PageTotal);
        Assert.Equal(LeafRights.SupervisorRead, machine.Space.Translate(OnePage(s_count - 2).First.Address).Rights.IsUser ? LeafRights.UserRead : LeafRights.SupervisorRead);
    }

    private static PageRange Range(nuint offset, nuint count) => SimulatedMachine<TFormat>.Pages(s_large.First.Value + offset, count);

    private static PageRange OnePage(nuint offset) => Range(offset, 1);

    private static SimulatedMachine<TFormat> Pieces(nuint firstFrame)
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_large, firstFrame, LeafRights.UserRead);
        return machine;
    }

    private static PagingError Merge(SimulatedMachine<TFormat> machine, PageNumber page, LeafSize<TFormat> size)
    {
        TableRelease<TFormat, SimulatedTableMemory> release = machine.Space.MergeIntoLargePage(page, size);
        SimulatedTranslationCache cache = new(machine.Cpu);
        release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
        return release.Error;
    }

    /// <summary>In the pages of the pool that are in no use.</summary>
    private static void AssertUnchangedAbove(SimulatedMachine<TFormat> machine, byte[] before, nuint pagesInUse)
    {
        const int PoolAddress = 0x1_0000;
        int from = PoolAddress + ((int)pagesInUse * 4096);
        Assert.Equal(before.AsSpan(from).ToArray(), machine.Snapshot().AsSpan(from).ToArray());
    }
}

public class LargestPageTests
{
    private const nuint SmallPagesPerPage = 512 * 512;
    private static readonly PageRange s_page = SimulatedMachine<FourLevelFormat>.Pages(2 * SmallPagesPerPage, SmallPagesPerPage);

    [Fact]
    public void A_page_of_a_gibibyte_is_split_into_large_pages_and_merged_again()
    {
        SimulatedMachine<FourLevelFormat> machine = new();
        Assert.True(LeafSize<FourLevelFormat>.TryCreate(2, out LeafSize<FourLevelFormat> size));
        Assert.True(LeafSize<FourLevelFormat>.TryCreate(1, out LeafSize<FourLevelFormat> pieceSize));
        machine.Done(machine.Space.MapLarge(ref machine.Pool, ref machine.Account, s_page, new FrameNumber(4 * SmallPagesPerPage), LeafRights.UserRead, size));
        machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_page.First));
        foreach (nuint offset in new nuint[] { 0, 700, SmallPagesPerPage - 1 })
        {
            Translation piece = machine.Space.Translate(new PageNumber(s_page.First.Value + offset).Address);
            Assert.Equal((1, (4 * SmallPagesPerPage) + offset, LeafRights.UserRead), (piece.LeafLevel, piece.Frame.Value, piece.BaseRights));
        }

        nuint before = machine.Account.InUse.Value;
        TableRelease<FourLevelFormat, SimulatedTableMemory> release = machine.Space.MergeIntoLargePage(new PageNumber(s_page.First.Value + 700), size);
        Assert.True(release.Succeeded);
        SimulatedTranslationCache cache = new(machine.Cpu);
        release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
        Assert.Equal(before - 1, machine.Account.InUse.Value);
        Assert.Equal((2, 4 * SmallPagesPerPage), (machine.Space.Translate(s_page.First.Address).LeafLevel, machine.Space.Translate(s_page.First.Address).Frame.Value));

        // With a piece that is no large page itself, and with one whose rights differ.
        machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_page.First));
        PageRange third = SimulatedMachine<FourLevelFormat>.Pages(s_page.First.Value + (3 * 512), 512);
        machine.Done(machine.Space.SetRights(third, LeafRights.UserReadWrite));
        AssertRefused(third.First);
        machine.Done(machine.Space.SetRights(third, LeafRights.UserRead));
        machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_page.First));
        AssertRefused(s_page.First);
        Assert.True(machine.Space.MergeIntoLargePage(s_page.First, pieceSize).Succeeded);

        void AssertRefused(PageNumber page)
        {
            PagingError error = machine.Space.MergeIntoLargePage(s_page.First, size).Error;
            Assert.Equal((PagingErrorCode.NotUniform, page), (error.Code, error.Page));
        }
    }

    [Fact]
    public void A_run_stops_where_pages_of_another_large_size_begin()
    {
        SimulatedMachine<FourLevelFormat> machine = new();
        Assert.True(LeafSize<FourLevelFormat>.TryCreate(2, out LeafSize<FourLevelFormat> size));
        Assert.True(LeafSize<FourLevelFormat>.TryCreate(1, out LeafSize<FourLevelFormat> smaller));
        PageRange next = SimulatedMachine<FourLevelFormat>.Pages(s_page.End.Value, 1024);
        machine.Done(machine.Space.MapLarge(ref machine.Pool, ref machine.Account, s_page, new FrameNumber(4 * SmallPagesPerPage), LeafRights.UserRead, size));
        machine.Done(machine.Space.MapLarge(ref machine.Pool, ref machine.Account, next, new FrameNumber(5 * SmallPagesPerPage), LeafRights.UserRead, smaller));
        Assert.True(machine.Space.TryGetRun(PageRange.FromFirstToEnd(s_page.First, next.End), out MappingRun run));
        Assert.Equal(s_page, run.Range);
        Assert.True(machine.Space.TryGetRun(next, out MappingRun rest));
        Assert.Equal(next, rest.Range);
    }

    [Fact]
    public void An_ia32_large_page_above_4_GiB_is_mapped_and_runs_go_on_across_it()
    {
        SimulatedMachine<Ia32Format> machine = new();
        Assert.True(LeafSize<Ia32Format>.TryCreate(1, out LeafSize<Ia32Format> size));
        PageRange pages = SimulatedMachine<Ia32Format>.Pages(4096, 3 * 1024);
        nuint frame = (nuint)((1ul << 20) - 1024);
        machine.Done(machine.Space.MapLarge(ref machine.Pool, ref machine.Account, pages, new FrameNumber(frame), LeafRights.UserRead, size));
        Assert.Equal(frame + (2 * 1024) + 7, machine.Space.Translate(new PageNumber(4096 + (2 * 1024) + 7).Address).Frame.Value);
        Assert.True(machine.Space.TryGetRun(pages, out MappingRun run));
        Assert.Equal((pages, frame), (run.Range, run.FirstFrame.Value));
        Assert.Equal(
            ((1ul << 20) + 5) << 12,
            machine.Strict.Access(new MemoryAccess((4096ul + 1024 + 5) << 12, AccessKind.Read, IsUser: true)).PhysicalAddress);
    }
}

public sealed class Ia32LargePageDetailTests : LargePageDetailTests<Ia32Format>;

public sealed class PaeLargePageDetailTests : LargePageDetailTests<PaeFormat>;

public sealed class FourLevelLargePageDetailTests : LargePageDetailTests<FourLevelFormat>;

public sealed class FiveLevelLargePageDetailTests : LargePageDetailTests<FiveLevelFormat>;

// Splitting a large page and merging pages into one: what is mapped stays the same, nothing that the processor notes is lost, and the table's page is reused only after the flush.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class SplitAndMergeTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly PageRange s_large = Tables<TFormat>.LargePage;

    [Fact]
    public void A_split_keeps_frames_rights_accessed_and_dirty()
    {
        foreach (LeafRights live in Rights.All)
        {
            SimulatedMachine<TFormat> machine = new();
            Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
            bool isMarked = machine.Strict.Access(new MemoryAccess(s_large.First.Address.Value, AccessKind.Write, IsUser: true)).Succeeded;
            machine.Done(machine.Space.SetRights(s_large, live));
            machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.First + new PageCount(7)));
            Assert.True(isMarked);
            for (nuint offset = 0; offset < s_large.Count.Value; offset++)
            {
                Translation piece = machine.Space.Translate((s_large.First + new PageCount(offset)).Address);
                Assert.Equal((0, (4 * Tables<TFormat>.LargeCount) + offset), (piece.LeafLevel, piece.Frame.Value));
                Assert.Equal(EntryRights.Live<TFormat>(live), piece.Entry & EntryRights.LiveMask<TFormat>());
                Assert.Equal(LeafRights.UserReadWrite, piece.BaseRights);
                Assert.Equal(Tables<TFormat>.AccessedAndDirty, piece.Entry & Tables<TFormat>.AccessedAndDirty);
            }
        }
    }

    [Fact]
    public void What_the_processor_notes_while_a_page_is_split_is_kept()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
        AddressSpace<TFormat, WalkerMemory> walked =
            Tables<TFormat>.UnderWalker(machine, machine.Space, Tables<TFormat>.LeafAddress(machine, machine.Space, s_large.First));
        machine.Done(walked.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.First));
        ulong last = machine.Space.Translate(new PageNumber(s_large.End.Value - 1).Address).Entry;
        Assert.Equal(Tables<TFormat>.AccessedAndDirty, last & Tables<TFormat>.AccessedAndDirty);
    }

    [Fact]
    public void A_split_owes_the_whole_set_and_what_is_held_of_upper_entries()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
        FlushObligation flush = machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.First));
        Assert.Equal(FlushKind.WholeSet, flush.Kind);
        Assert.True(flush.NeedsStructureCacheFlush);
    }

    [Fact]
    public void Only_a_large_page_can_be_split_and_a_split_without_a_table_page_changes_nothing()
    {
        SimulatedMachine<TFormat> machine = new(poolPageCount: TFormat.LevelCount);
        machine.Map(SimulatedMachine<TFormat>.Pages(0, 1), 1, LeafRights.UserRead);
        Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
        TableAccount full = new(PageCount.Zero);
        byte[] before = machine.Snapshot();
        Assert.Equal(PagingErrorCode.NothingThere, machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, new PageNumber(0)).Error.Code);
        Assert.Equal(PagingErrorCode.NothingThere, machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.End).Error.Code);
        Assert.Equal(PagingErrorCode.OutOfTablePages, machine.Space.SplitLargePage(ref machine.Pool, ref full, s_large.First).Error.Code);
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void Merging_the_pieces_of_a_split_maps_the_same_by_one_leaf()
    {
        SimulatedMachine<TFormat> machine = Split(LeafRights.UserRead);
        Release(machine, machine.Space.MergeIntoLargePage(s_large.First + new PageCount(5), Tables<TFormat>.LargeSize));
        Translation merged = machine.Space.Translate((s_large.First + new PageCount(9)).Address);
        Assert.Equal((1, (4 * Tables<TFormat>.LargeCount) + 9), (merged.LeafLevel, merged.Frame.Value));
        Assert.Equal(EntryRights.Live<TFormat>(LeafRights.UserRead), merged.Entry & EntryRights.LiveMask<TFormat>());
        Assert.Equal(LeafRights.UserRead, merged.BaseRights);
        Assert.Equal(EntryBits.Accessed, merged.Entry & Tables<TFormat>.AccessedAndDirty);
    }

    [Fact]
    public void A_merged_page_is_dirty_if_a_piece_was_or_if_it_can_be_written_meanwhile()
    {
        SimulatedMachine<TFormat> machine = Split(LeafRights.UserReadWrite);
        Release(machine, machine.Space.MergeIntoLargePage(s_large.First, Tables<TFormat>.LargeSize));
        Assert.NotEqual(0ul, machine.Space.Translate(s_large.First.Address).Entry & EntryBits.Dirty);

        machine = Split(LeafRights.UserReadWrite);
        Assert.True(machine.Strict.Access(new MemoryAccess(s_large.First.Address.Value + 0x5000, AccessKind.Write, IsUser: true)).Succeeded);
        machine.Done(machine.Space.SetRights(s_large, LeafRights.UserRead));
        Release(machine, machine.Space.MergeIntoLargePage(s_large.First, Tables<TFormat>.LargeSize));
        Assert.NotEqual(0ul, machine.Space.Translate(s_large.First.Address).Entry & EntryBits.Dirty);
    }

    [Fact]
    public void Pages_that_are_not_alike_are_not_merged_and_the_first_of_them_is_named()
    {
        const nuint Odd = 11;
        PageRange odd = PageRange.OnePage(s_large.First + new PageCount(Odd));
        AssertNotUniform(machine => machine.Done(machine.Space.Unmap(odd)), Odd);
        AssertNotUniform(machine => machine.Done(machine.Space.SetRights(odd, LeafRights.UserRead)), Odd);
        AssertNotUniform(
            machine =>
            {
                machine.Done(machine.Space.SetBaseRights(odd, LeafRights.UserRead));
                machine.Done(machine.Space.SetRights(odd, LeafRights.UserReadWrite));
            },
            Odd);
        AssertNotUniform(
            machine =>
            {
                machine.Done(machine.Space.Unmap(odd));
                machine.Map(odd, 5, LeafRights.UserReadWrite);
            },
            Odd);

        // All follow on each other, but not from a multiple of the size.
        SimulatedMachine<TFormat> shifted = new();
        shifted.Map(s_large, (4 * Tables<TFormat>.LargeCount) + 1, LeafRights.UserReadWrite);
        PagingError error = shifted.Space.MergeIntoLargePage(s_large.First, Tables<TFormat>.LargeSize).Error;
        Assert.Equal((PagingErrorCode.NotUniform, s_large.First), (error.Code, error.Page));
    }

    [Fact]
    public void Where_there_is_no_table_nothing_is_merged()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
        Assert.Equal(PagingErrorCode.NothingThere, machine.Space.MergeIntoLargePage(s_large.First, Tables<TFormat>.LargeSize).Error.Code);
        Assert.Equal(PagingErrorCode.NothingThere, machine.Space.MergeIntoLargePage(s_large.End, Tables<TFormat>.LargeSize).Error.Code);
        Assert.Equal(PagingErrorCode.NothingThere, machine.Space.MergeIntoLargePage(s_large.First, LeafSize<TFormat>.Page).Error.Code);
    }

    [Fact]
    public void The_page_of_a_merged_table_is_given_back_after_the_flush_and_not_before()
    {
        SimulatedMachine<TFormat> machine = Split(LeafRights.UserReadWrite);
        nuint available = machine.Pool.Available.Value;
        TableRelease<TFormat, SimulatedTableMemory> release = machine.Space.MergeIntoLargePage(s_large.First, Tables<TFormat>.LargeSize);
        Assert.Equal(available, machine.Pool.Available.Value);
        List<nuint> availableAtFlush = [];
        OrderNotingCache<TFormat> cache = new(machine, availableAtFlush);
        release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
        Assert.Equal([available], availableAtFlush);
        Assert.Equal(available + 1, machine.Pool.Available.Value);
        Assert.Equal(machine.Pool.InUse, machine.Account.InUse);
    }

    [Fact]
    public void A_large_page_is_edited_whole_by_one_entry_and_never_in_part()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
        machine.ResetCounters();
        FlushObligation flush = machine.Done(machine.Space.SetRights(s_large, LeafRights.UserRead));
        Assert.Equal(1, machine.EntriesWritten);
        Assert.True(flush.Covers(new PageNumber(s_large.End.Value - 1)));
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(s_large.End.Value - 1 << 12, AccessKind.Write, IsUser: true)));
        foreach (PageRange part in new[]
        {
            SimulatedMachine<TFormat>.Pages(s_large.First.Value, s_large.Count.Value - 1),
            SimulatedMachine<TFormat>.Pages(s_large.First.Value + 1, s_large.Count.Value - 1),
        })
        {
            PagingError error = machine.Space.Unmap(part).Error;
            Assert.Equal((PagingErrorCode.UnderLargePage, part.First), (error.Code, error.Page));
        }

        machine.Done(machine.Space.ResetRights(s_large));
        Assert.Equal(LeafRights.UserReadWrite, machine.Space.Translate(s_large.First.Address).Rights);
        machine.Done(machine.Space.Unmap(s_large));
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(s_large.First.Address.Value, AccessKind.Read, IsUser: true)));
    }

    private static void AssertNotUniform(System.Action<SimulatedMachine<TFormat>> spoil, nuint offset)
    {
        SimulatedMachine<TFormat> machine = Split(LeafRights.UserReadWrite);
        spoil(machine);
        byte[] before = machine.Snapshot();
        TableRelease<TFormat, SimulatedTableMemory> release = machine.Space.MergeIntoLargePage(s_large.First, Tables<TFormat>.LargeSize);
        Assert.Equal((PagingErrorCode.NotUniform, s_large.First.Value + offset), (release.Error.Code, release.Error.Page.Value));
        Assert.True(release.Flush.IsNone);
        Assert.Equal(before, machine.Snapshot());
    }

    private static SimulatedMachine<TFormat> Split(LeafRights rights)
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, rights);
        machine.Done(machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, s_large.First));
        return machine;
    }

    private static void Release(SimulatedMachine<TFormat> machine, TableRelease<TFormat, SimulatedTableMemory> release)
    {
        Assert.Equal(PagingErrorCode.None, release.Error.Code);
        SimulatedTranslationCache cache = new(machine.Cpu);
        release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
    }
}

public sealed class Ia32SplitAndMergeTests : SplitAndMergeTests<Ia32Format>;

public sealed class PaeSplitAndMergeTests : SplitAndMergeTests<PaeFormat>;

public sealed class FourLevelSplitAndMergeTests : SplitAndMergeTests<FourLevelFormat>;

public sealed class FiveLevelSplitAndMergeTests : SplitAndMergeTests<FiveLevelFormat>;

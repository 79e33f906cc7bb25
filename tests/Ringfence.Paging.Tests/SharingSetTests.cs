// A set that shares every table in which nothing differs: what it takes, when it gets tables of its own, and how it follows the set that it shares with.

using System;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class SharingSetTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;

    // On both sides of a border between leaf tables; alone in a table; where no format has a table but the root at first.
    private static readonly PageRange s_straddling = SimulatedMachine<TFormat>.Pages((2 * s_span) - 3, 6);
    private static readonly PageRange s_elsewhere = SimulatedMachine<TFormat>.Pages(5 * s_span, 4);
    private static readonly PageRange s_far = SimulatedMachine<TFormat>.Pages(((nuint)1 << 19) + 3, 2);
    private static readonly PhysicalAddress s_smallRoot = new(0x7000 + 0x60);

    private readonly SimulatedMachine<TFormat> _machine = new();
    private TableAccount _account = TableAccount.Unlimited;

    protected SharingSetTests()
    {
        _machine.Map(s_straddling, 0x300, LeafRights.UserReadWrite);
        _machine.Map(s_elsewhere, 0x310, LeafRights.UserRead);
    }

    private static nuint RootPages => FormatGeometry<TFormat>.RootIsPage ? 1u : 0u;

    private static nuint UpperTables => (nuint)(TFormat.LevelCount - 2);

    [Fact]
    public void Without_pages_of_its_own_it_takes_a_root_and_maps_the_same()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(PageRange.Empty);
        Assert.Equal(RootPages, _account.InUse.Value);
        Assert.Equal(0, Tables<TFormat>.CountOwn(set));
        foreach (PageRange pages in new[] { s_straddling, s_elsewhere })
        {
            for (PageNumber page = pages.First; page < pages.End; page += PageCount.One)
            {
                Assert.Equal(_machine.Space.Translate(page.Address).Frame, set.Translate(page.Address).Frame);
            }
        }

        _machine.Done(_machine.Space.SetRights(s_straddling, LeafRights.UserRead));
        Assert.False(set.Translate(s_straddling.First.Address).Rights.IsWritable);
        Assert.Equal(PagingErrorCode.UnderSharedTable, set.SetRights(s_straddling, LeafRights.SupervisorRead).Error.Code);
    }

    [Fact]
    public void It_has_a_table_of_its_own_at_each_level_on_the_way_to_its_pages_and_no_other()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        Assert.Equal(RootPages + UpperTables + 2, _account.InUse.Value);
        _machine.Done(set.SetRights(s_straddling, LeafRights.SupervisorRead));
        Assert.Equal(LeafRights.UserReadWrite, _machine.Space.Translate(s_straddling.First.Address).Rights);
        Assert.Equal(PagingErrorCode.UnderSharedTable, set.SetRights(s_elsewhere, LeafRights.SupervisorRead).Error.Code);
    }

    [Fact]
    public void All_its_tables_are_made_or_none()
    {
        nuint needed = RootPages + UpperTables + 2;
        _account = new TableAccount(new PageCount(needed - 1));
        byte[] before = _machine.Snapshot();
        PagingError error = _machine.Space.CreateSharing(ref _machine.Pool, ref _account, s_straddling, s_smallRoot, out AddressSpace<TFormat, SimulatedTableMemory> set);
        Assert.Equal((PagingErrorCode.OutOfTablePages, needed, needed - 1), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal((0ul, PageCount.Zero), (set.Root.Value, _account.InUse));
        Assert.Equal(before, _machine.Snapshot());
        _account = new TableAccount(new PageCount(needed));
        Sharing(s_straddling);
        Assert.Equal(PageCount.Zero, _account.Left);
    }

    [Fact]
    public void Addresses_that_no_entry_maps_are_refused()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(PageRange.Empty);
        PageRange beyond = PageRange.OnePage(FormatGeometry<TFormat>.LowerPages.End);
        Assert.Equal(PagingErrorCode.RangeNotCanonical, set.UnshareTables(ref _machine.Pool, ref _account, beyond).Error.Code);
        Assert.Equal(PagingErrorCode.RangeNotCanonical, _machine.Space.CreateSharing(ref _machine.Pool, ref _account, beyond, s_smallRoot, out _).Code);
    }

    [Fact]
    public void Tables_become_its_own_all_or_none_and_what_is_owed_takes_the_others_off_the_processor()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(PageRange.Empty);
        _machine.Cpu.LoadCr3(set.Root.Value);
        nuint needed = UpperTables + 2;
        nuint before = _account.InUse.Value;
        TableAccount limited = new(new PageCount(needed - 1));
        byte[] memory = _machine.Snapshot();
        PagingError error = set.UnshareTables(ref _machine.Pool, ref limited, s_straddling).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, needed), (error.Code, error.TablesNeeded.Value));
        Assert.Equal(memory, _machine.Snapshot());

        FlushObligation owed = _machine.Done(set.UnshareTables(ref _machine.Pool, ref _account, s_straddling));
        Assert.Equal(before + needed, _account.InUse.Value);
        Assert.True(owed.NeedsStructureCacheFlush);
        Assert.Equal(TFormat.RootIsHeldInRegisters, owed.NeedsDirectoryPointerReload);
        _machine.Done(set.SetRights(s_straddling, LeafRights.SupervisorRead));
        Assert.False(_machine.Cpu.MaySucceed(Reading(s_straddling.First)));
        Assert.False(_machine.Cpu.MaySucceed(Reading(new PageNumber(s_straddling.End.Value - 1))));

        // Again there is nothing to do; and elsewhere one table is lacking.
        Assert.True(set.UnshareTables(ref _machine.Pool, ref _account, s_straddling).Flush.IsNone);
        _machine.Done(set.UnshareTables(ref _machine.Pool, ref _account, SimulatedMachine<TFormat>.Pages(s_elsewhere.First.Value + 1, 1)));
        Assert.Equal(before + needed + 1, _account.InUse.Value);
    }

    [Fact]
    public void A_range_that_begins_and_ends_within_tables_counts_each_of_them_once()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(PageRange.Empty);
        PageRange all = PageRange.FromFirstToEnd(s_straddling.First, s_elsewhere.End);
        nuint needed = UpperTables + 3;
        TableAccount exact = new(new PageCount(needed));
        _machine.Done(set.UnshareTables(ref _machine.Pool, ref exact, all));
        Assert.Equal(PageCount.Zero, exact.Left);
    }

    [Fact]
    public void Where_there_is_no_table_none_is_made()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(PageRange.Empty);
        nuint before = _account.InUse.Value;
        PageRange hole = SimulatedMachine<TFormat>.Pages(8 * s_span, 2 * s_span);
        _machine.Done(set.UnshareTables(ref _machine.Pool, ref _account, hole));

        // The tables above are on the way, too.
        Assert.InRange(_account.InUse.Value - before, 0u, UpperTables);
        Assert.False(set.Translate(hole.First.Address).IsMapped);
    }

    [Fact]
    public void A_leaf_that_is_new_appears_and_one_that_is_lost_goes_with_its_flush()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        _machine.Cpu.LoadCr3(set.Root.Value);
        PageRange more = SimulatedMachine<TFormat>.Pages(s_straddling.End.Value, 3);
        _machine.Map(more, 0x320, LeafRights.UserRead);
        _machine.Strict.Access(Reading(more.First));
        Assert.False(set.Translate(more.First.Address).IsMapped);
        FlushObligation owed = set.FollowSource(_machine.Space, more);
        Assert.True(owed.IsNone);
        for (PageNumber page = more.First; page < more.End; page += PageCount.One)
        {
            Assert.Equal(_machine.Space.Translate(page.Address).Frame, set.Translate(page.Address).Frame);
            Assert.Equal(LeafRights.UserRead, set.Translate(page.Address).BaseRights);
            Assert.Equal(_machine.Space.Translate(page.Address).Rights, set.Translate(page.Address).Rights);
            Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(page)));
        }

        _machine.Done(_machine.Space.Unmap(more));
        owed = set.FollowSource(_machine.Space, more);
        Assert.Equal(3, owed.PageTotal);
        Assert.True(_machine.Cpu.MaySucceed(Reading(more.First)));
        _machine.Discharge(owed);
        Assert.False(_machine.Cpu.MaySucceed(Reading(more.First)));
        Assert.False(_machine.Cpu.MaySucceed(Reading(new PageNumber(more.End.Value - 1))));
        Assert.True(set.FollowSource(_machine.Space, more).IsNone);
    }

    [Fact]
    public void A_leaf_that_both_have_keeps_the_rights_that_it_has()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        _machine.Done(set.SetRights(s_straddling, LeafRights.SupervisorRead));
        byte[] before = _machine.Snapshot();
        Assert.True(set.FollowSource(_machine.Space, s_straddling).IsNone);
        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public void Under_a_table_that_is_shared_there_is_nothing_to_follow()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        _machine.Map(SimulatedMachine<TFormat>.Pages(s_elsewhere.End.Value, 2), 0x330, LeafRights.UserRead);
        byte[] before = _machine.Snapshot();
        Assert.True(set.FollowSource(_machine.Space, PageRange.FromFirstToEnd(s_elsewhere.First, s_elsewhere.End + new PageCount(2))).IsNone);
        Assert.Equal(before, _machine.Snapshot());
        Assert.True(set.Translate(s_elsewhere.End.Address).IsMapped);
    }

    [Fact]
    public void A_table_that_is_new_is_linked_and_stays_the_sources()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        _machine.Cpu.LoadCr3(set.Root.Value);
        nuint own = _account.InUse.Value;
        _machine.Map(s_far, 0x340, LeafRights.UserRead);
        FlushObligation owed = set.FollowSource(_machine.Space, s_far);
        Assert.Equal(TFormat.RootIsHeldInRegisters, owed.NeedsDirectoryPointerReload);
        _machine.Discharge(owed);
        Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(s_far.First)));
        Assert.Equal(own, _account.InUse.Value);
        Assert.Equal(PagingErrorCode.UnderSharedTable, set.SetRights(s_far, LeafRights.SupervisorRead).Error.Code);

        // What its owner takes out of it is gone here, too.
        _machine.Done(_machine.Space.Unmap(s_far));
        Assert.False(set.Translate(s_far.First.Address).IsMapped);
    }

    [Fact]
    public void What_a_new_leaf_maps_was_not_accessed_through_it()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        PageRange more = SimulatedMachine<TFormat>.Pages(s_straddling.End.Value, 1);
        _machine.Map(more, 0x320, LeafRights.UserReadWrite);
        Assert.True(_machine.Strict.Access(new MemoryAccess(more.First.Address.Value, AccessKind.Write, IsUser: true)).Succeeded);
        Assert.Equal(Tables<TFormat>.AccessedAndDirty, _machine.Space.Translate(more.First.Address).Entry & Tables<TFormat>.AccessedAndDirty);
        set.FollowSource(_machine.Space, more).WaiveForSetNeverLoaded();
        Assert.Equal(0ul, set.Translate(more.First.Address).Entry & Tables<TFormat>.AccessedAndDirty);
        Assert.Equal(LeafRights.UserReadWrite, set.Translate(more.First.Address).Rights);
    }

    [Fact]
    public void What_is_not_present_in_the_root_is_not_copied_whatever_its_bits()
    {
        int index = TFormat.Level(FormatGeometry<TFormat>.RootLevel).EntryCount - 1;
        ulong offset = (ulong)(index * FormatGeometry<TFormat>.EntryByteCount);
        _machine.Memory.Write32(_machine.Space.Root.Value + offset, uint.MaxValue - 1);
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(PageRange.Empty);
        Assert.Equal(0u, _machine.Memory.Read32(set.Root.Value + offset));
    }

    [Fact]
    public void What_lies_behind_the_root_is_no_part_of_it()
    {
        ulong behind = (ulong)FormatGeometry<TFormat>.RootByteCount;
        _machine.Memory.Write32(_machine.Space.Root.Value + behind, 0x00AB_C007);
        byte[] before = _machine.Snapshot();
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(PageRange.Empty);
        Assert.Equal(BitConverter.ToUInt32(before, (int)(set.Root.Value + behind)), _machine.Memory.Read32(set.Root.Value + behind));
    }

    [Fact]
    public void Where_neither_set_has_anything_nothing_is_stored_and_nothing_is_owed()
    {
        // In a table of the set's own the source has an entry that isn't present but not 0 either; and where both have none above level 0.
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        ulong absent = Tables<TFormat>.LeafAddress(_machine, _machine.Space, s_straddling.First) - (ulong)FormatGeometry<TFormat>.EntryByteCount;
        _machine.Memory.Write32(absent, uint.MaxValue - 1);
        byte[] before = _machine.Snapshot();
        Assert.True(set.FollowSource(_machine.Space, SimulatedMachine<TFormat>.Pages(s_straddling.First.Value - 1, 1)).IsNone);
        Assert.True(set.FollowSource(_machine.Space, s_far).IsNone);
        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public void Only_the_pages_that_were_asked_for_are_followed()
    {
        // To the end of a leaf table: the page behind it, in the next one, is new in the source as well.
        PageRange pages = SimulatedMachine<TFormat>.Pages((2 * s_span) - 5, 1);
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        _machine.Map(SimulatedMachine<TFormat>.Pages(pages.First.Value, 2), 0x320, LeafRights.UserRead);
        Assert.True(set.FollowSource(_machine.Space, pages).IsNone);
        Assert.True(set.Translate(pages.First.Address).IsMapped);
        Assert.False(set.Translate(pages.End.Address).IsMapped);
        Assert.True(set.FollowSource(_machine.Space, PageRange.Empty).IsNone);
    }

    [Fact]
    public void A_large_leaf_that_is_new_appears_and_one_that_is_lost_goes_with_everything_below_it()
    {
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(s_straddling);
        _machine.Cpu.LoadCr3(set.Root.Value);
        PageRange large = SimulatedMachine<TFormat>.Pages(6 * s_span, 2 * s_span);
        _machine.Done(_machine.Space.MapLarge(ref _machine.Pool, ref _machine.Account, large, new FrameNumber(8 * s_span), LeafRights.UserRead, Tables<TFormat>.LargeSize));
        PageNumber last = new(large.End.Value - 1);
        Assert.True(set.FollowSource(_machine.Space, large).IsNone);
        foreach (PageNumber page in new[] { large.First, new(large.First.Value + s_span - 1), new(large.First.Value + s_span), last })
        {
            Assert.Equal(_machine.Space.Translate(page.Address).Entry & ~Tables<TFormat>.AccessedAndDirty, set.Translate(page.Address).Entry & ~Tables<TFormat>.AccessedAndDirty);
            Assert.True(_machine.Cpu.MustSucceedWithRetry(Reading(page)));
        }

        _machine.Done(_machine.Space.Unmap(large));
        FlushObligation owed = set.FollowSource(_machine.Space, large);
        Assert.Equal(FlushKind.WholeSet, owed.Kind);
        _machine.Discharge(owed);
        Assert.False(_machine.Cpu.MaySucceed(Reading(large.First)) || _machine.Cpu.MaySucceed(Reading(last)));
    }

    [Fact]
    public void A_link_of_the_root_and_a_leaf_that_appear_together_owe_what_the_link_owes()
    {
        // The first page behind a border of every level below the root is in a table of the set's own, and before it nothing is.
        nuint border = (nuint)2 << 18;
        _machine.Map(SimulatedMachine<TFormat>.Pages(border, 1), 0x320, LeafRights.UserRead);
        AddressSpace<TFormat, SimulatedTableMemory> set = Sharing(SimulatedMachine<TFormat>.Pages(border, 1));
        _machine.Map(SimulatedMachine<TFormat>.Pages(border - 1, 1), 0x330, LeafRights.UserRead);
        _machine.Map(SimulatedMachine<TFormat>.Pages(border + 1, 1), 0x331, LeafRights.UserRead);
        FlushObligation owed = set.FollowSource(_machine.Space, SimulatedMachine<TFormat>.Pages(border - 1, 3));
        Assert.Equal((TFormat.RootIsHeldInRegisters, FlushKind.None), (owed.NeedsDirectoryPointerReload, owed.Kind));
        Assert.Equal(((nuint)0x330, (nuint)0x331), (set.Translate(new PageNumber(border - 1).Address).Frame.Value, set.Translate(new PageNumber(border + 1).Address).Frame.Value));
    }

    private static MemoryAccess Reading(PageNumber page) => new(page.Address.Value, AccessKind.Read, IsUser: true);

    private AddressSpace<TFormat, SimulatedTableMemory> Sharing(PageRange ownPages)
    {
        PagingError error = _machine.Space.CreateSharing(ref _machine.Pool, ref _account, ownPages, s_smallRoot, out AddressSpace<TFormat, SimulatedTableMemory> set);
        return error.IsNone ? set : throw new InvalidOperationException($"no set: {error.Code}");
    }
}

public sealed class Ia32SharingSetTests : SharingSetTests<Ia32Format>;

public sealed class PaeSharingSetTests : SharingSetTests<PaeFormat>;

public sealed class FourLevelSharingSetTests : SharingSetTests<FourLevelFormat>;

public sealed class FiveLevelSharingSetTests : SharingSetTests<FiveLevelFormat>;

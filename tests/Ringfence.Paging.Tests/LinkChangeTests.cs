// Whatever links, relinks or unlinks a table owes everything that may be held below it; of PAE's four directory pointers the registers, too; and of others not.

using System;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class LinkChangeTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly PageRange s_pages = SimulatedMachine<TFormat>.Pages(FirstPage, 3);
    private static readonly PageNumber s_page = s_pages.First;

    // Another index at each level, so that no level can stand in for another.
    private static nuint FirstPage
    {
        get
        {
            nuint page = 5;
            for (int level = 1; level < FormatGeometry<TFormat>.RootLevel; level++)
            {
                page += (nuint)(level + 6) << TFormat.Level(level).PageShift;
            }

            return page + ((nuint)1 << TFormat.Level(FormatGeometry<TFormat>.RootLevel).PageShift);
        }
    }

    [Fact]
    public void A_table_that_is_shared_unshared_and_unlinked_owes_it_at_every_level()
    {
        for (int level = 0; level < FormatGeometry<TFormat>.RootLevel; level++)
        {
            SimulatedMachine<TFormat> machine = new();
            machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
            AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
            TableAccount account = TableAccount.Unlimited;
            FlushObligation shared = other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, level).Flush;
            Assert.Equal((FlushKind.None, false), (shared.Kind, shared.NeedsStructureCacheFlush));
            Assert.Equal(TFormat.RootIsHeldInRegisters, shared.NeedsDirectoryPointerReload);
            Assert.Equal(EntryBits.SharedTable | TFormat.Level(level + 1).LinkBits, LinkBits(machine, other, level + 1));
            AssertEverything(other.UnshareTable(ref machine.Pool, ref account, s_page, level).Flush, level);
            Assert.Equal(TFormat.Level(level + 1).LinkBits, LinkBits(machine, other, level + 1));
            Assert.Equal(level == 0 ? PagingErrorCode.None : PagingErrorCode.UnderSharedTable, other.SetRights(s_pages, LeafRights.UserRead).Error.Code);
            Assert.Equal(PagingErrorCode.NothingThere, other.UnshareTable(ref machine.Pool, ref account, s_page, level).Error.Code);

            AddressSpace<TFormat, SimulatedTableMemory> third = Tables<TFormat>.NewSet(machine);
            machine.Done(third.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, level));
            AssertEverything(third.UnlinkSharedTable(s_page, level).Flush, level);
            Assert.False(third.Translate(s_page.Address).IsMapped);
            Assert.Equal(PagingErrorCode.NothingThere, third.UnlinkSharedTable(s_page, level).Error.Code);
        }
    }

    [Fact]
    public void An_empty_table_that_is_detached_owes_it_at_every_level_and_a_shared_one_is_not_detached()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
        machine.Done(machine.Space.Unmap(s_pages));
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, FormatGeometry<TFormat>.RootLevel - 1));
        Assert.Equal(PagingErrorCode.NothingThere, other.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages).Error.Code);
        for (int level = 0; level < FormatGeometry<TFormat>.RootLevel; level++)
        {
            TableRelease<TFormat, SimulatedTableMemory> release = machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages);
            AssertEverything(release.Flush, level);
            SimulatedTranslationCache cache = new(machine.Cpu);
            release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
        }

        Assert.Equal((nuint)0, machine.Account.InUse.Value);
        Assert.Equal(PagingErrorCode.NothingThere, machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages).Error.Code);
    }

    [Fact]
    public void An_empty_table_is_found_that_is_the_first_after_a_stretch_without_tables()
    {
        nuint first = TFormat.Level(FormatGeometry<TFormat>.RootLevel).EntrySpan.Value;
        SimulatedMachine<TFormat> machine = new();
        PageRange page = SimulatedMachine<TFormat>.Pages(first, 1);
        machine.Map(page, 0x100, LeafRights.UserRead);
        machine.Done(machine.Space.Unmap(page));
        AssertEverything(machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages).Flush, level: 0);
    }

    [Fact]
    public void An_entry_without_P_doesnt_keep_a_table_from_being_empty()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
        machine.Memory.Write32(Tables<TFormat>.LeafAddress(machine, machine.Space, s_page), uint.MaxValue - 1);
        machine.Done(machine.Space.Unmap(SimulatedMachine<TFormat>.Pages(s_page.Value + 1, 2)));
        Assert.True(machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages).Succeeded);
    }

    [Fact]
    public void The_editor_of_a_switch_leaves_a_shared_table_to_its_owner()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, 0));
        byte[] before = machine.Snapshot();
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(other);
        FlushObligation owed = FlushObligation.None;
        editor.Set(s_pages.First, s_pages.End, LeafRights.SupervisorRead, ref owed);
        Assert.True(owed.IsNone);
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void What_is_beyond_the_address_space_is_refused_by_every_change_of_a_link()
    {
        PageNumber beyond = new(FormatGeometry<TFormat>.LowerPages.End.Value + 5);
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
        Tables<TFormat>.MapLarge(machine, LeafRights.UserRead);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, 0));
        byte[] before = machine.Snapshot();
        PageNumber beyondLarge = new(FormatGeometry<TFormat>.LowerPages.End.Value + Tables<TFormat>.LargePage.First.Value);
        PagingError[] errors =
        [
            other.ShareTable(ref machine.Pool, ref account, machine.Space, beyond, 0).Error,
            other.UnshareTable(ref machine.Pool, ref account, beyond, 0).Error,
            other.UnlinkSharedTable(beyond, 0).Error,
            machine.Space.SplitLargePage(ref machine.Pool, ref machine.Account, beyondLarge).Error,
            machine.Space.MergeIntoLargePage(beyond, Tables<TFormat>.LargeSize).Error,
            machine.Space.DetachEmptyTable(PageRange.OnePage(beyond)).Error,
        ];
        Assert.All(errors, static error => Assert.Equal(PagingErrorCode.RangeNotCanonical, error.Code));
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void A_level_that_has_no_table_of_the_kind_is_refused()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
        TableAccount account = TableAccount.Unlimited;
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, FormatGeometry<TFormat>.RootLevel - 1));
        byte[] before = machine.Snapshot();
        foreach (int level in new[] { -2, -1, FormatGeometry<TFormat>.RootLevel, FormatGeometry<TFormat>.RootLevel + 1 })
        {
            Assert.Equal(PagingErrorCode.NothingThere, other.UnlinkSharedTable(s_page, level).Error.Code);
            Assert.Equal(PagingErrorCode.NothingThere, other.UnshareTable(ref machine.Pool, ref account, s_page, level).Error.Code);
        }

        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void A_table_that_the_source_lacks_is_not_looked_for_in_memory_that_holds_none()
    {
        // Frame 0, where an absent entry would lead, holds what looks like links and leaves.
        SimulatedMachine<TFormat> machine = new();
        machine.Memory.Fill(0, (int)PageSize.ByteCount, 0x67);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        byte[] before = machine.Snapshot();
        for (int level = 0; level < FormatGeometry<TFormat>.RootLevel; level++)
        {
            Assert.Equal(PagingErrorCode.NothingThere, other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, level).Error.Code);
        }

        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void A_table_is_not_shared_where_a_large_page_is_or_without_the_tables_above_it()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(Tables<TFormat>.LargePage, 0x100, LeafRights.UserReadWrite);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        PageNumber page = Tables<TFormat>.LargePage.First;
        TableAccount poor = new(new PageCount((nuint)(TFormat.LevelCount - 3 + (TFormat.LevelCount == 2 ? 1 : 0))));
        if (TFormat.LevelCount > 2)
        {
            byte[] before = machine.Snapshot();
            PagingError error = other.ShareTable(ref machine.Pool, ref poor, machine.Space, page, 0).Error;
            Assert.Equal((PagingErrorCode.OutOfTablePages, page), (error.Code, error.Page));
            Assert.Equal((nuint)(TFormat.LevelCount - 2), error.TablesNeeded.Value);
            Assert.Equal(before, machine.Snapshot());
        }

        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.MapLarge(ref machine.Pool, ref account, Tables<TFormat>.LargePage, new FrameNumber(0), LeafRights.UserRead, Tables<TFormat>.LargeSize));
        Assert.Equal(PagingErrorCode.UnderLargePage, other.ShareTable(ref machine.Pool, ref account, machine.Space, page, 0).Error.Code);
    }

    [Fact]
    public void A_copy_links_shared_tables_as_shared_and_writes_nothing_outside_its_tables()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, 0));
        AddressSpace<TFormat, SimulatedTableMemory> copy = Tables<TFormat>.NewSet(machine);
        nuint before = account.InUse.Value;
        Assert.True(other.CopyTo(ref machine.Pool, ref account, copy).IsNone);
        Assert.Equal((nuint)(TFormat.LevelCount - 2), account.InUse.Value - before);
        Assert.Equal(Tables<TFormat>.CountOwn(other), Tables<TFormat>.CountOwn(copy));
        Assert.Equal(PagingErrorCode.UnderSharedTable, copy.SetRights(s_pages, LeafRights.UserRead).Error.Code);
        Assert.Equal(s_page, copy.SetRights(s_pages, LeafRights.UserRead).Error.Page);
        Assert.Equal((nuint)0x100, copy.Translate(s_page.Address).Frame.Value);
    }

    [Fact]
    public void What_lies_below_a_shared_table_counts_as_shared()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x100, LeafRights.UserReadWrite);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, FormatGeometry<TFormat>.RootLevel - 1));
        Assert.Equal(0, Tables<TFormat>.CountOwn(other));
        nuint rootPages = FormatGeometry<TFormat>.RootIsPage ? 1u : 0u;
        Assert.Equal((rootPages, (ulong)FormatGeometry<TFormat>.RootByteCount), (other.CountTables().Pages.Value, other.CountTables().ByteCount));
        nuint own = rootPages + (nuint)FormatGeometry<TFormat>.RootLevel;
        Assert.Equal(own, machine.Space.CountTables().Pages.Value);
    }

    private static ulong LinkBits(SimulatedMachine<TFormat> machine, AddressSpace<TFormat, SimulatedTableMemory> set, int level)
    {
        ulong table = set.Root.Value;
        for (int above = FormatGeometry<TFormat>.RootLevel; above > level; above--)
        {
            table = machine.Memory.Read32(table + Offset(above)) & 0xFFFF_F000;
        }

        return machine.Memory.Read32(table + Offset(level)) & 0xFFF;

        static ulong Offset(int level) => (ulong)(TFormat.Level(level).IndexOf(s_page).Value * FormatGeometry<TFormat>.EntryByteCount);
    }

    /// <summary>For a table of this level.</summary>
    private static void AssertEverything(FlushObligation owed, int level)
    {
        Assert.Equal((FlushKind.WholeSet, true), (owed.Kind, owed.NeedsStructureCacheFlush));
        Assert.Equal(TFormat.RootIsHeldInRegisters && level + 1 == FormatGeometry<TFormat>.RootLevel, owed.NeedsDirectoryPointerReload);
    }
}

public sealed class Ia32LinkChangeTests : LinkChangeTests<Ia32Format>;

public sealed class PaeLinkChangeTests : LinkChangeTests<PaeFormat>;

public sealed class FourLevelLinkChangeTests : LinkChangeTests<FourLevelFormat>;

public sealed class FiveLevelLinkChangeTests : LinkChangeTests<FiveLevelFormat>;

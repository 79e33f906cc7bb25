// Whole sets: copies, and tables that go back to where they came from.

using System.Collections.Generic;
using System.Linq;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class SetTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_straddling = SimulatedMachine<TFormat>.Pages(s_span - 2, 4);

    [Fact]
    public void A_copy_maps_the_same_and_is_edited_alone()
    {
        SimulatedMachine<TFormat> machine = Filled();
        AddressSpace<TFormat, SimulatedTableMemory> copy = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        Assert.True(machine.Space.CopyTo(ref machine.Pool, ref account, copy).IsNone);
        Assert.Equal(machine.Account.InUse, account.InUse);
        Assert.Equal(Tables<TFormat>.CountOwn(machine.Space), Tables<TFormat>.CountOwn(copy));
        foreach (PageNumber page in new[] { s_straddling.First, s_straddling.First + new PageCount(3), Tables<TFormat>.LargePage.First, SimulatedMachine<TFormat>.LastPage })
        {
            Assert.Equal(machine.Space.Translate(page.Address).Entry, copy.Translate(page.Address).Entry);
        }

        machine.Done(copy.SetRights(s_straddling, LeafRights.SupervisorRead));
        Assert.Equal(LeafRights.UserReadWrite, machine.Space.Translate(s_straddling.First.Address).Rights);
    }

    [Fact]
    public void A_copy_that_runs_out_leaves_nothing_behind()
    {
        SimulatedMachine<TFormat> machine = Filled();
        AddressSpace<TFormat, SimulatedTableMemory> copy = Tables<TFormat>.NewSet(machine);
        nuint needed = machine.Account.InUse.Value;
        TableAccount account = new(new PageCount(needed - 1));
        byte[] before = machine.Snapshot();
        PageCount available = machine.Pool.Available;
        PagingError error = machine.Space.CopyTo(ref machine.Pool, ref account, copy);
        Assert.Equal((PagingErrorCode.OutOfTablePages, needed), (error.Code, error.TablesNeeded.Value));
        Assert.Equal(before, machine.Snapshot());
        Assert.Equal((available, PageCount.Zero), (machine.Pool.Available, account.InUse));
    }

    [Fact]
    public void A_set_is_copied_only_into_an_empty_one()
    {
        SimulatedMachine<TFormat> machine = Filled();
        TableAccount account = TableAccount.Unlimited;
        Assert.Equal(PagingErrorCode.TableInTheWay, machine.Space.CopyTo(ref machine.Pool, ref account, machine.Space).Code);
    }

    [Fact]
    public void Freeing_a_set_gives_back_its_own_tables_after_the_flush_and_leaves_shared_ones()
    {
        SimulatedMachine<TFormat> machine = Filled();
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_straddling.First, level: 0));
        machine.Done(other.Map(ref machine.Pool, ref account, PageRange.OnePage(SimulatedMachine<TFormat>.LastPage), new FrameNumber(3), LeafRights.UserRead));
        nuint available = machine.Pool.Available.Value;
        nuint own = account.InUse.Value;
        List<nuint> availableAtFlush = [];
        OrderNotingCache<TFormat> cache = new(machine, availableAtFlush);
        other.DetachAll().Discharge(ref cache, ref machine.Pool, ref account);
        Assert.Equal([available], availableAtFlush);
        Assert.Equal((available + own, PageCount.Zero), (machine.Pool.Available.Value, account.InUse));
        Assert.False(other.Translate(SimulatedMachine<TFormat>.LastPage.Address).IsMapped);
        Assert.Equal(0, Tables<TFormat>.CountOwn(other));
        Assert.True(machine.Space.Translate(s_straddling.First.Address).IsMapped);
    }

    [Fact]
    public void Tables_that_map_nothing_are_given_back_one_by_one_until_none_is_left()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_straddling, 0x40, LeafRights.UserReadWrite);
        machine.Done(machine.Space.Unmap(s_straddling));
        int tables = Tables<TFormat>.CountOwn(machine.Space);
        int released = 0;
        while (TryReleaseEmpty(machine, FormatGeometry<TFormat>.LowerPages))
        {
            released++;
        }

        Assert.Equal(tables, released);
        Assert.Equal((PageCount.Zero, PageCount.Zero), (machine.Pool.InUse, machine.Account.InUse));
    }

    [Fact]
    public void A_table_that_maps_something_or_reaches_out_of_the_window_stays()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_straddling, 0x40, LeafRights.UserReadWrite);
        machine.Done(machine.Space.Unmap(SimulatedMachine<TFormat>.Pages(s_span, 2)));
        Assert.False(TryReleaseEmpty(machine, SimulatedMachine<TFormat>.Pages(0, (2 * s_span) - 1)));
        Assert.False(TryReleaseEmpty(machine, SimulatedMachine<TFormat>.Pages(s_span + 1, s_span)));
        Assert.True(TryReleaseEmpty(machine, SimulatedMachine<TFormat>.Pages(s_span, s_span)));
        Assert.False(TryReleaseEmpty(machine, SimulatedMachine<TFormat>.Pages(0, 4 * s_span)));
        Assert.True(machine.Space.Translate(s_straddling.First.Address).IsMapped);
    }

    [Fact]
    public void An_empty_table_behind_a_stretch_without_tables_is_found()
    {
        // The first page behind what an entry of the level above the directories spans, where a format has such a level.
        SimulatedMachine<TFormat> machine = new();
        nuint behind = TFormat.LevelCount == 2 ? s_span : TFormat.Level(2).EntrySpan.Value;
        PageRange page = SimulatedMachine<TFormat>.Pages(behind, 1);
        machine.Map(page, 0x40, LeafRights.UserRead);
        machine.Done(machine.Space.Unmap(page));
        Assert.True(TryReleaseEmpty(machine, SimulatedMachine<TFormat>.Pages(0, behind + s_span)));
    }

    [Fact]
    public void Looking_for_an_empty_table_in_the_whole_address_space_reads_only_tables_that_exist()
    {
        SimulatedMachine<TFormat> machine = Filled();
        ReadLog log = new();
        AddressSpace<TFormat, LoggingMemory> logged = new(new LoggingMemory(machine.Memory, log), machine.Space.Root);
        Assert.Equal(PagingErrorCode.NothingThere, logged.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages).Error.Code);

        // An entry is looked at once for each level below it, by a walk from the root.
        int entries = (Tables<TFormat>.CountOwn(machine.Space) + 1) * TFormat.Level(0).EntryCount;
        Assert.True(log.ReadsOf.Values.Sum() < entries * 2 * TFormat.LevelCount * TFormat.LevelCount);
    }

    private static SimulatedMachine<TFormat> Filled()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_straddling, 0x40, LeafRights.UserReadWrite);
        machine.Map(PageRange.OnePage(SimulatedMachine<TFormat>.LastPage), 0x50, LeafRights.UserRead);
        Tables<TFormat>.MapLarge(machine, LeafRights.SupervisorReadExecute);
        return machine;
    }

    private static bool TryReleaseEmpty(SimulatedMachine<TFormat> machine, PageRange window)
    {
        TableRelease<TFormat, SimulatedTableMemory> release = machine.Space.DetachEmptyTable(window);
        SimulatedTranslationCache cache = new(machine.Cpu);
        release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
        return release.Succeeded;
    }
}

public sealed class Ia32SetTests : SetTests<Ia32Format>;

public sealed class PaeSetTests : SetTests<PaeFormat>;

public sealed class FourLevelSetTests : SetTests<FourLevelFormat>;

public sealed class FiveLevelSetTests : SetTests<FiveLevelFormat>;

// Tables that two sets have in common: mapped through both, edited by their owner alone, copied when one set goes its own way.

using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class SharingTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly PageRange s_pages = SimulatedMachine<TFormat>.Pages(5, 3);
    private static readonly PageNumber s_page = s_pages.First;

    [Fact]
    public void A_shared_table_maps_the_same_pages_and_costs_only_the_tables_above_it()
    {
        SimulatedMachine<TFormat> machine = Mapped(out AddressSpace<TFormat, SimulatedTableMemory> other);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, level: 0));
        Assert.Equal(machine.Space.Translate(s_page.Address).Frame, other.Translate(s_page.Address).Frame);
        Assert.Equal((nuint)(TFormat.LevelCount - 2), account.InUse.Value);
        Assert.Equal(TFormat.LevelCount - 2, Tables<TFormat>.CountOwn(other));
    }

    [Fact]
    public void A_table_of_any_level_below_the_root_can_be_shared()
    {
        for (int level = 0; level < TFormat.LevelCount - 1; level++)
        {
            SimulatedMachine<TFormat> machine = Mapped(out AddressSpace<TFormat, SimulatedTableMemory> other);
            TableAccount account = TableAccount.Unlimited;
            machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, level));
            Assert.Equal((nuint)(TFormat.LevelCount - 2 - level), account.InUse.Value);
            machine.Cpu.LoadCr3(other.Root.Value);
            Assert.True(machine.Strict.Access(new MemoryAccess(s_page.Address.Value, AccessKind.Write, IsUser: true)).Succeeded);
        }
    }

    [Fact]
    public void Pages_under_a_shared_table_are_edited_by_its_owner_alone()
    {
        SimulatedMachine<TFormat> machine = Shared(out AddressSpace<TFormat, SimulatedTableMemory> other, out TableAccount account);
        byte[] before = machine.Snapshot();
        foreach (PagingError error in new[]
        {
            other.SetRights(s_pages, LeafRights.UserRead).Error,
            other.ResetRights(s_pages).Error,
            other.SetBaseRights(s_pages, LeafRights.UserRead).Error,
            other.Unmap(s_pages).Error,
            other.Map(ref machine.Pool, ref account, PageRange.OnePage(s_pages.End), new FrameNumber(1), LeafRights.UserRead).Error,
            other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, level: 0).Error,
        })
        {
            Assert.Equal(PagingErrorCode.UnderSharedTable, error.Code);
        }

        Assert.Equal(before, machine.Snapshot());
        Assert.Equal(PagingErrorCode.NothingThere, other.MergeIntoLargePage(s_page, Tables<TFormat>.LargeSize).Error.Code);
        machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserRead));
        Assert.False(other.Translate(s_page.Address).Rights.IsWritable);
    }

    [Fact]
    public void What_can_not_be_shared_is_refused_with_the_reason()
    {
        SimulatedMachine<TFormat> machine = Mapped(out AddressSpace<TFormat, SimulatedTableMemory> other);
        TableAccount account = TableAccount.Unlimited;
        PageNumber elsewhere = new(3 * SimulatedMachine<TFormat>.LeafTableSpan);
        Assert.Equal(PagingErrorCode.NothingThere, Share(elsewhere, 0));
        Assert.Equal(PagingErrorCode.NothingThere, Share(s_page, TFormat.LevelCount - 1));
        Assert.Equal(PagingErrorCode.NothingThere, Share(s_page, -1));
        Tables<TFormat>.MapLarge(machine, LeafRights.UserRead);
        Assert.Equal(PagingErrorCode.NothingThere, Share(Tables<TFormat>.LargePage.First, 0));
        machine.Done(other.Map(ref machine.Pool, ref account, PageRange.OnePage(new PageNumber(0)), new FrameNumber(1), LeafRights.UserRead));
        Assert.Equal(PagingErrorCode.TableInTheWay, Share(s_page, 0));

        PagingErrorCode Share(PageNumber page, int level) => other.ShareTable(ref machine.Pool, ref account, machine.Space, page, level).Error.Code;
    }

    [Fact]
    public void An_unshared_table_maps_the_same_and_is_edited_alone()
    {
        SimulatedMachine<TFormat> machine = Shared(out AddressSpace<TFormat, SimulatedTableMemory> other, out TableAccount account);
        machine.Cpu.LoadCr3(other.Root.Value);
        nuint before = account.InUse.Value;
        FlushObligation flush = machine.Done(other.UnshareTable(ref machine.Pool, ref account, s_page, level: 0));
        Assert.True(flush.NeedsStructureCacheFlush);
        Assert.Equal(before + 1, account.InUse.Value);
        machine.Done(other.SetRights(s_pages, LeafRights.SupervisorRead));
        Assert.Equal(machine.Space.Translate(s_page.Address).Frame, other.Translate(s_page.Address).Frame);
        Assert.Equal(LeafRights.UserReadWrite, machine.Space.Translate(s_page.Address).Rights);
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(s_page.Address.Value, AccessKind.Read, IsUser: true)));
        Assert.Equal(PagingErrorCode.NothingThere, other.UnshareTable(ref machine.Pool, ref account, s_page, level: 0).Error.Code);
    }

    [Fact]
    public void What_is_written_while_a_table_is_unshared_counts_as_written_in_the_copy()
    {
        SimulatedMachine<TFormat> machine = Shared(out AddressSpace<TFormat, SimulatedTableMemory> other, out TableAccount account);
        AddressSpace<TFormat, WalkerMemory> walked =
            Tables<TFormat>.UnderWalker(machine, other, Tables<TFormat>.LeafAddress(machine, machine.Space, s_page));
        machine.Done(walked.UnshareTable(ref machine.Pool, ref account, s_page, level: 0));
        Assert.NotEqual(0ul, machine.Space.Translate(s_page.Address).Entry & EntryBits.Dirty);
        Assert.NotEqual(0ul, other.Translate(s_page.Address).Entry & EntryBits.Dirty);
    }

    [Fact]
    public void Unlinking_unmaps_the_pages_here_and_nowhere_else()
    {
        SimulatedMachine<TFormat> machine = Shared(out AddressSpace<TFormat, SimulatedTableMemory> other, out _);
        machine.Cpu.LoadCr3(other.Root.Value);
        FlushObligation flush = other.UnlinkSharedTable(s_page, level: 0).Flush;
        MemoryAccess access = new(s_page.Address.Value, AccessKind.Read, IsUser: true);
        Assert.True(machine.Cpu.MaySucceed(access));
        machine.Discharge(flush);
        Assert.False(machine.Cpu.MaySucceed(access));
        Assert.True(machine.Space.Translate(s_page.Address).IsMapped);
        Assert.Equal(PagingErrorCode.NothingThere, other.UnlinkSharedTable(s_page, level: 0).Error.Code);
        Assert.Equal(PagingErrorCode.NothingThere, machine.Space.UnlinkSharedTable(s_page, level: 0).Error.Code);
    }

    private static SimulatedMachine<TFormat> Mapped(out AddressSpace<TFormat, SimulatedTableMemory> other)
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, 0x40, LeafRights.UserReadWrite);
        other = Tables<TFormat>.NewSet(machine);
        return machine;
    }

    private static SimulatedMachine<TFormat> Shared(out AddressSpace<TFormat, SimulatedTableMemory> other, out TableAccount account)
    {
        SimulatedMachine<TFormat> machine = Mapped(out other);
        account = TableAccount.Unlimited;
        machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, s_page, level: 0));
        return machine;
    }
}

public sealed class Ia32SharingTests : SharingTests<Ia32Format>;

public sealed class PaeSharingTests : SharingTests<PaeFormat>;

public sealed class FourLevelSharingTests : SharingTests<FourLevelFormat>;

public sealed class FiveLevelSharingTests : SharingTests<FiveLevelFormat>;

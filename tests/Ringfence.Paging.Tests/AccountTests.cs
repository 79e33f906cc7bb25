// Accounts: every table page is on one, exactly, and a limit is as good as an empty pool.

using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class AccountTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_straddling = SimulatedMachine<TFormat>.Pages(s_span - 2, 4);

    [Fact]
    public void A_limit_refuses_as_an_empty_pool_does_and_the_error_names_the_lesser_of_the_two()
    {
        nuint needed = (nuint)TFormat.LevelCount;
        for (nuint limit = 0; limit < needed; limit++)
        {
            SimulatedMachine<TFormat> machine = new();
            TableAccount account = new(new PageCount(limit));
            byte[] before = machine.Snapshot();
            PagingError error = machine.Space.Map(ref machine.Pool, ref account, s_straddling, new FrameNumber(1), LeafRights.UserRead).Error;
            Assert.Equal(PagingErrorCode.OutOfTablePages, error.Code);
            Assert.Equal((needed, limit), (error.TablesNeeded.Value, error.TablesAvailable.Value));
            Assert.Equal(before, machine.Snapshot());
            Assert.Equal((PageCount.Zero, PageCount.Zero), (account.InUse, machine.Pool.InUse));
        }

        SimulatedMachine<TFormat> small = new(poolPageCount: 1);
        TableAccount wide = new(new PageCount(2));
        Assert.Equal((nuint)1, small.Space.Map(ref small.Pool, ref wide, s_straddling, new FrameNumber(1), LeafRights.UserRead).Error.TablesAvailable.Value);
    }

    [Fact]
    public void What_was_given_back_can_be_taken_again_up_to_the_limit()
    {
        SimulatedMachine<TFormat> machine = new();
        TableAccount account = new(new PageCount((nuint)TFormat.LevelCount));
        for (int round = 0; round < 3; round++)
        {
            machine.Done(machine.Space.Map(ref machine.Pool, ref account, s_straddling, new FrameNumber(1), LeafRights.UserRead));
            Assert.Equal(PageCount.Zero, account.Left);
            machine.Done(machine.Space.Unmap(s_straddling));
            SimulatedTranslationCache cache = new(machine.Cpu);
            TableRelease<TFormat, SimulatedTableMemory> release = machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages);
            while (release.Succeeded)
            {
                release.Discharge(ref cache, ref machine.Pool, ref account);
                release = machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages);
            }

            Assert.Equal((PageCount.Zero, PageCount.Zero), (account.InUse, machine.Pool.InUse));
        }
    }

    [Fact]
    public void A_release_that_was_refused_gives_nothing_back()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_straddling, 1, LeafRights.UserRead);
        PageCount inUse = machine.Account.InUse;
        SimulatedTranslationCache cache = new(machine.Cpu);
        machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages).Discharge(ref cache, ref machine.Pool, ref machine.Account);
        Assert.Equal((inUse, inUse), (machine.Account.InUse, machine.Pool.InUse));
    }

    [Fact]
    public void Several_sets_can_be_on_one_account_and_each_on_its_own()
    {
        SimulatedMachine<TFormat> machine = new();
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount apart = TableAccount.Unlimited;
        machine.Map(s_straddling, 1, LeafRights.UserRead);
        machine.Done(other.Map(ref machine.Pool, ref machine.Account, s_straddling, new FrameNumber(1), LeafRights.UserRead));
        machine.Done(other.Map(ref machine.Pool, ref apart, SimulatedMachine<TFormat>.Pages(3 * s_span, 1), new FrameNumber(1), LeafRights.UserRead));
        Assert.Equal((nuint)(2 * TFormat.LevelCount), machine.Account.InUse.Value);
        Assert.Equal((nuint)1, apart.InUse.Value);
    }
}

public sealed class Ia32AccountTests : AccountTests<Ia32Format>;

public sealed class PaeAccountTests : AccountTests<PaeFormat>;

public sealed class FourLevelAccountTests : AccountTests<FourLevelFormat>;

public sealed class FiveLevelAccountTests : AccountTests<FiveLevelFormat>;

// What a change of rights owes under each of the terms, for every pair of rights, by three sentences that owe nothing to bits.

using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class OwedRightsTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly PageRange s_page = SimulatedMachine<TFormat>.Pages(SimulatedMachine<TFormat>.LeafTableSpan + 9, 1);

    [Fact]
    public void A_flush_is_owed_for_a_right_taken_for_any_change_where_faults_are_fatal_and_for_a_page_given_to_user_mode_where_that_takes_it_from_the_supervisor()
    {
        foreach (LeafRights before in Rights.All)
        {
            foreach (LeafRights after in Rights.All)
            {
                bool isTaken = (before.IsUser && !after.IsUser) || (before.IsWritable && !after.IsWritable) || (Executes(before) && !Executes(after));
                bool isChanged = before.IsUser != after.IsUser || before.IsWritable != after.IsWritable || Executes(before) != Executes(after);
                bool isGivenToUser = after.IsUser && !before.IsUser;
                Assert.Equal(isTaken, IsOwed(before, after, default));
                Assert.Equal(isChanged, IsOwed(before, after, new EditTerms(spuriousFaultsAreFatal: true)));
                Assert.Equal(isTaken || isGivenToUser, IsOwed(before, after, new EditTerms(supervisorIsKeptFromUserPages: true)));
                Assert.False(IsOwed(before, after, new EditTerms(holdsOnlyAccessed: true, spuriousFaultsAreFatal: true, supervisorIsKeptFromUserPages: true)));
            }
        }
    }

    [Fact]
    public void An_edit_of_base_rights_alone_leaves_A_whatever_the_terms_since_nothing_is_flushed()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_page, 0x100, LeafRights.UserRead);
        Assert.True(machine.Strict.Access(new MemoryAccess(s_page.First.Address.Value, AccessKind.Read, IsUser: true)).Succeeded);
        machine.Done(machine.Space.SetRights(s_page, LeafRights.UserReadWrite));
        EditTerms terms = new(holdsOnlyAccessed: true, spuriousFaultsAreFatal: true, supervisorIsKeptFromUserPages: true);
        Assert.True(machine.Done(machine.Space.SetBaseRights(s_page, LeafRights.UserReadWrite, terms)).IsNone);
        Assert.Equal(EntryBits.Accessed, machine.Space.Translate(s_page.First.Address).Entry & EntryBits.Accessed);
    }

    private static bool Executes(LeafRights rights) => rights.IsExecutable && FormatGeometry<TFormat>.HasExecuteDisable;

    // On pages that were never used; of base rights nothing is owed.
    private static bool IsOwed(LeafRights before, LeafRights after, EditTerms terms)
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_page, 0x100, before);
        bool isOwed = !machine.Space.SetRights(s_page, after, terms).Flush.IsNone;
        Assert.True(machine.Space.SetBaseRights(s_page, after, terms).Flush.IsNone);
        machine.Done(machine.Space.SetBaseRights(s_page, before));
        Assert.Equal(isOwed, !machine.Space.SetBaseRights(s_page, after, terms).Flush.IsNone);
        return isOwed;
    }
}

public sealed class Ia32OwedRightsTests : OwedRightsTests<Ia32Format>;

public sealed class PaeOwedRightsTests : OwedRightsTests<PaeFormat>;

public sealed class FourLevelOwedRightsTests : OwedRightsTests<FourLevelFormat>;

public sealed class FiveLevelOwedRightsTests : OwedRightsTests<FiveLevelFormat>;

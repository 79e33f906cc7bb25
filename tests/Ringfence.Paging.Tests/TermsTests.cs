// What an edit owes depends on what it may count on: what the A bit proves, whether a fault is retried, whether the supervisor is kept from user pages.

using System;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class TermsTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly PageRange s_pages = SimulatedMachine<TFormat>.Pages(SimulatedMachine<TFormat>.LeafTableSpan - 2, 4);
    private static readonly PageNumber s_used = s_pages.First + PageCount.One;
    private static readonly EditTerms s_onlyAccessed = new(holdsOnlyAccessed: true);

    [Fact]
    public void Widening_memory_whose_faults_are_fatal_is_flushed()
    {
        foreach (LeafRights before in Rights.All)
        {
            foreach (LeafRights after in Rights.All)
            {
                SimulatedMachine<TFormat> machine = Mapped(before);
                FlushObligation flush = machine.Space.SetRights(s_pages, after, new EditTerms(spuriousFaultsAreFatal: true)).Flush;
                bool differ = EntryRights.Live<TFormat>(before) != EntryRights.Live<TFormat>(after);
                Assert.Equal(differ, flush.Covers(s_used));
                machine.Discharge(flush);
                Assert.True(machine.Cpu.MustSucceedWithoutRetry(new MemoryAccess(s_used.Address.Value, AccessKind.Read, IsUser: false)));
                if (after.IsWritable)
                {
                    Assert.True(machine.Cpu.MustSucceedWithoutRetry(new MemoryAccess(s_used.Address.Value, AccessKind.Write, IsUser: false)));
                }
            }
        }
    }

    [Fact]
    public void Without_that_term_a_widening_owes_nothing_and_the_first_access_may_fault()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.SupervisorRead);
        Assert.True(machine.Done(machine.Space.SetRights(s_pages, LeafRights.SupervisorReadWrite)).IsNone);
        MemoryAccess access = new(s_used.Address.Value, AccessKind.Write, IsUser: false);
        Assert.False(machine.Cpu.MustSucceedWithoutRetry(access));
        Assert.True(machine.Cpu.MustSucceedWithRetry(access));
    }

    [Fact]
    public void Giving_pages_to_user_mode_is_flushed_where_the_supervisor_is_kept_from_them()
    {
        ProcessorSettings settings = new()
        {
            Mode = SimulatedMachine<TFormat>.Mode,
            SupervisorAccessPrevention = true,
            SupervisorExecutionPrevention = true,
            HoldsOnlyAccessed = false,
        };
        foreach (bool isTold in new[] { false, true })
        {
            SimulatedMachine<TFormat> machine = new(settings: settings);
            machine.Map(s_pages, 0x200, LeafRights.SupervisorRead);
            FlushObligation flush = machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserRead, new EditTerms(supervisorIsKeptFromUserPages: isTold)));
            Assert.Equal(isTold, flush.Covers(s_used));
            Assert.NotEqual(isTold, machine.Cpu.MaySucceed(new MemoryAccess(s_used.Address.Value, AccessKind.Read, IsUser: false)));
        }
    }

    [Fact]
    public void Where_only_accessed_entries_are_held_pages_that_were_not_used_owe_nothing()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserReadWrite, holdsOnlyAccessed: true);
        Use(machine);
        FlushObligation flush = machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserRead, s_onlyAccessed));
        Assert.Equal((FlushKind.Pages, 1), (flush.Kind, flush.PageTotal));
        Assert.True(flush.Covers(s_used));
        foreach (PageNumber page in new[] { s_pages.First, s_used })
        {
            Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(page.Address.Value, AccessKind.Write, IsUser: true)));
        }
    }

    [Fact]
    public void On_such_a_processor_a_narrowing_clears_A_with_the_flush_so_that_the_next_one_owes_nothing()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserReadWrite, holdsOnlyAccessed: true);
        Use(machine);
        machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserRead, s_onlyAccessed));
        Assert.Equal(EntryBits.Dirty, Marks(machine));
        Assert.True(machine.Done(machine.Space.SetRights(s_pages, LeafRights.SupervisorRead, s_onlyAccessed)).IsNone);
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(s_used.Address.Value, AccessKind.Read, IsUser: true)));
    }

    [Fact]
    public void A_widening_and_an_edit_of_base_rights_alone_leave_A_as_it_is()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserReadWrite);
        Use(machine);
        machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserRead));
        machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserReadWrite, s_onlyAccessed));
        Assert.Equal(Tables<TFormat>.AccessedAndDirty, Marks(machine));
        machine.Done(machine.Space.SetRights(s_pages, LeafRights.SupervisorRead));
        machine.Done(machine.Space.SetBaseRights(s_pages, LeafRights.SupervisorRead, s_onlyAccessed));
        Assert.Equal(Tables<TFormat>.AccessedAndDirty, Marks(machine));
    }

    [Fact]
    public void A_that_is_set_between_the_read_and_the_store_is_seen_and_owed()
    {
        Action<SimulatedMachine<TFormat>, AddressSpace<TFormat, WalkerMemory>>[] edits =
        [
            static (machine, walked) => AssertOwed(walked.SetRights(s_pages, LeafRights.UserRead, s_onlyAccessed).Flush),
            static (machine, walked) => AssertOwed(walked.SetRights(s_pages, LeafRights.SupervisorRead, s_onlyAccessed).Flush),
            static (machine, walked) => AssertOwed(walked.SetBaseRights(s_pages, LeafRights.UserRead, s_onlyAccessed).Flush),
            static (machine, walked) => AssertOwed(walked.Unmap(s_pages, s_onlyAccessed).Flush),
        ];
        foreach (Action<SimulatedMachine<TFormat>, AddressSpace<TFormat, WalkerMemory>> edit in edits)
        {
            SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserReadWrite);
            edit(machine, Tables<TFormat>.UnderWalker(machine, machine.Space, Tables<TFormat>.LeafAddress(machine, machine.Space, s_used)));
        }

        static void AssertOwed(FlushObligation flush) => Assert.Equal((true, 1), (flush.Covers(s_used), flush.PageTotal));
    }

    [Fact]
    public void What_the_processor_notes_between_the_read_and_the_store_survives_every_edit()
    {
        foreach (EditTerms terms in new[] { default, s_onlyAccessed })
        {
            foreach (int edit in new[] { 0, 1, 2, 3, 4 })
            {
                SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserReadWrite);
                machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserReadExecute));
                AddressSpace<TFormat, WalkerMemory> walked =
                    Tables<TFormat>.UnderWalker(machine, machine.Space, Tables<TFormat>.LeafAddress(machine, machine.Space, s_used));
                FlushObligation owed = FlushObligation.None;
                RightsEditor<TFormat, WalkerMemory> editor = new(walked);
                switch (edit)
                {
                    case 0:
                        machine.Done(walked.SetRights(s_pages, LeafRights.SupervisorRead, terms));
                        break;
                    case 1:
                        machine.Done(walked.ResetRights(s_pages, terms));
                        break;
                    case 2:
                        machine.Done(walked.SetBaseRights(s_pages, LeafRights.SupervisorReadExecute, terms));
                        break;
                    case 3:
                        editor.Set(s_pages.First, s_pages.End, LeafRights.SupervisorReadWrite, ref owed);
                        break;
                    default:
                        editor.Reset(s_pages.First, s_pages.End, ref owed);
                        break;
                }

                machine.Discharge(owed);
                Assert.Equal(EntryBits.Dirty, Marks(machine) & EntryBits.Dirty);
            }
        }
    }

    private static SimulatedMachine<TFormat> Mapped(LeafRights rights, bool holdsOnlyAccessed = false)
    {
        SimulatedMachine<TFormat> machine = new(settings: new ProcessorSettings { Mode = SimulatedMachine<TFormat>.Mode, HoldsOnlyAccessed = holdsOnlyAccessed });
        machine.Map(s_pages, 0x200, rights);
        return machine;
    }

    private static void Use(SimulatedMachine<TFormat> machine) =>
        Assert.True(machine.Strict.Access(new MemoryAccess(s_used.Address.Value, AccessKind.Write, IsUser: true)).Succeeded);

    private static ulong Marks(SimulatedMachine<TFormat> machine) => machine.Space.Translate(s_used.Address).Entry & Tables<TFormat>.AccessedAndDirty;
}

public sealed class Ia32TermsTests : TermsTests<Ia32Format>;

public sealed class PaeTermsTests : TermsTests<PaeFormat>;

public sealed class FourLevelTermsTests : TermsTests<FourLevelFormat>;

public sealed class FiveLevelTermsTests : TermsTests<FiveLevelFormat>;

// The traps that were found in the system this project comes from, each shown to be absent under every strategy on every format. Where a trap is a mistake of a
// strategy or of the kernel that uses it, it is put back in here: the same scene runs with the mistake, and must be judged wrong. What was checked in another way says so.
//
// Traps that have no meaning on a host are held by tests of the guest and of the build:
//   T4  in the kernel: RandomSwitchTests (guest), and the audit at every return to user mode; its part on the host is below.
//   T11 the switch's data is plain kernel memory, mapped from the first instruction on and never paged: KernelTableTests.ThePageTablesTakeExactlyTheFramesThatWereReserved (guest).
//   T13 FlagTests.TheSystemCallMasksEveryFlagThatACallerCanSet, NonMaskableInterruptTests, RegisterTests, NowhereTests (guest).
//   T15 addresses are types (PhysicalAddress, VirtualAddress): a mix-up doesn't compile; sums are checked before they are made (T12 below).
//   T16 there is no demand paging, so no fault pulls in a page.
//   T19 PreemptionTests.ANewThreadStartsWithACleanFloatingPointStateWhateverOthersHold and the tests of new threads' stacks (guest).
//   T21 ImageTests.Every_page_of_the_image_has_one_owner (build).

using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Verification.Equivalence;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class TrapTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int Common = StrategyScene<TFormat>.Common;
    private const int PerDomain = StrategyScene<TFormat>.PerDomain;
    private const int Kpti = StrategyScene<TFormat>.Kpti;
    private const int LeafLink = StrategyScene<TFormat>.LeafLink;
    private const int SharedSubtree = StrategyScene<TFormat>.SharedSubtree;
    private const int SharedSubtreeKpti = StrategyScene<TFormat>.SharedSubtreeKpti;
    private const int Grantable = StrategyScene<TFormat>.Grantable;

    private static readonly ModelPartition s_first = new(Grantable, 3, PartitionRights.ReadWrite);
    private static readonly ModelPartition s_second = new(Grantable + 6, 2, PartitionRights.ReadOnly);

    [Theory]
    [InlineData(Common, StrategyMistake.DomainNumberReused)]
    [InlineData(PerDomain, StrategyMistake.DestroyedWhileLoaded)]
    [InlineData(Kpti, StrategyMistake.DestroyedWhileLoaded)]
    [InlineData(SharedSubtree, StrategyMistake.DestroyedWhileLoaded)]
    [InlineData(SharedSubtreeKpti, StrategyMistake.DestroyedWhileLoaded)]
    [InlineData(LeafLink, StrategyMistake.DestroyedWhileLoaded)]
    public void T1_a_domain_at_the_address_of_another_is_another_and_none_of_the_old_ones_pages_stay(int strategy, object trap) =>
        HoldsAndIsBrokenBy(strategy, trap, static scene =>
        {
            scene.Domain(0, s_first);
            scene.Thread(0, domain: 0, stackFirst: 0);
            scene.Run(0);
            scene.Destroy(0);
            scene.Domain(0, s_second);
            scene.Thread(0, domain: 0, stackFirst: 0, generation: 99);
            scene.Run(0);
        });

    [Theory]
    [InlineData(Common, StrategyMistake.ExitNotTold)]
    [InlineData(Common, StrategyMistake.StaleStackGeneration)]
    [InlineData(PerDomain, StrategyMistake.ExitNotTold)]
    [InlineData(PerDomain, StrategyMistake.StaleStackGeneration)]
    [InlineData(Kpti, StrategyMistake.ExitNotTold)]
    [InlineData(Kpti, StrategyMistake.StaleStackGeneration)]
    [InlineData(SharedSubtree, StrategyMistake.ExitNotTold)]
    [InlineData(SharedSubtree, StrategyMistake.StaleStackGeneration)]
    [InlineData(SharedSubtreeKpti, StrategyMistake.ExitNotTold)]
    [InlineData(SharedSubtreeKpti, StrategyMistake.StaleStackGeneration)]
    [InlineData(LeafLink, StrategyMistake.ExitNotTold)]
    [InlineData(LeafLink, StrategyMistake.StaleStackGeneration)]
    public void T2_a_dead_threads_stack_is_nobodys_and_a_new_one_at_its_place_is_granted_anew(int strategy, object trap) =>
        HoldsAndIsBrokenBy(strategy, trap, static scene =>
        {
            scene.Domain(0, s_first);
            scene.Domain(1, s_second);
            scene.Thread(0, domain: 0, stackFirst: 0);
            scene.Run(0);
            scene.End(0);

            // The pages go to another domain's thread, and come back.
            scene.Thread(1, domain: 1, stackFirst: 0);
            scene.Run(1);
            scene.End(1);
            scene.Thread(0, domain: 0, stackFirst: 0, generation: 99);
            Assert.False(scene.IsCurrent(0));
            scene.Run(0);
        });

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T3_a_running_thread_that_is_moved_has_its_new_rights_and_no_others_without_a_switch(int strategy) =>
        HoldsAndIsBrokenBy(strategy, StrategyMistake.MoveNotTold, static scene =>
        {
            scene.Domain(0, s_first);
            scene.Domain(1, s_second);
            scene.Thread(0, domain: 0, stackFirst: 0);
            scene.Run(0);
            scene.Move(0, 1);
        });

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T4_a_stack_that_is_granted_in_part_is_nobodys_and_a_switch_may_be_left_at_any_step(int strategy)
    {
        for (int steps = 1; steps < 6; steps++)
        {
            StrategyScene<TFormat> scene = CreateSwitchInSteps(strategy, steps);

            // Whoever comes next, also the one that was left, gets its rights and no others; the pages after a stack are another's all the time.
            scene.Run(steps % 3);
            scene.Run((steps + 1) % 3);
            Assert.Null(scene.Violation);
        }

        // The trap: user mode entered between two steps.
        StrategyScene<TFormat> broken = CreateSwitchInSteps(strategy, 1);
        broken.EnterUnasked(1);
        Assert.NotNull(broken.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T5_partitions_over_stacks_and_guards_are_refused_and_a_shared_one_is_never_revoked_on_the_way(int strategy)
    {
        World<TFormat> world = new();
        Domain domain = world.NewDomain();
        foreach (int page in new[] { (int)world.FirstStackPage - 1, (int)world.FirstStackPage, (int)world.FirstStackPage + 3 })
        {
            PageRange pages = PageRange.OnePage(new PageNumber(world.FirstStackPage + (nuint)(page - (int)world.FirstStackPage)));
            Assert.True(Partition.TryCreate<TFormat>(pages, PartitionRights.ReadWrite, out Partition partition).IsNone);
            DomainErrorCode code = domain.Add(in partition, world.Map).Code;
            Assert.Equal(page < (int)world.FirstStackPage ? DomainErrorCode.OverlapsGuard : DomainErrorCode.OverlapsStack, code);
        }

        StrategyScene<TFormat> scene = new(strategy);
        scene.Domain(0, s_first);
        scene.Domain(1, s_first);
        scene.Thread(0, domain: 0, stackFirst: 0);
        scene.Thread(1, domain: 1, stackFirst: 4);
        scene.Run(0);
        scene.Run(1);
        scene.Run(0);
        Assert.Equal(strategy switch { Common => 4, LeafLink => 1, _ => 0 }, scene.Run(1).EntriesWritten);
        Assert.Null(scene.Violation);

        // The trap: nobody objects to a partition over a stack, and the end of the thread takes the partition's page.
        scene.Add(1, new ModelPartition(AddressPlan.FirstStackPage + 4, 2, PartitionRights.ReadOnly));
        scene.End(1);
        scene.Thread(1, domain: 1, stackFirst: 8, generation: 99);
        scene.Run(1);
        Assert.NotNull(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T6_what_the_kernel_reaches_does_not_depend_on_the_user_thread_that_ran_last(int strategy)
    {
        StrategyScene<TFormat> scene = new(strategy);
        bool[] atBoot = scene.KernelMatrix();
        scene.Domain(0, new ModelPartition(Grantable, 16, PartitionRights.ReadOnly));
        scene.Domain(1, new ModelPartition(StrategyScene<TFormat>.Top, 6, PartitionRights.ReadOnly));
        scene.Thread(0, domain: 0, stackFirst: 0);
        scene.Thread(1, domain: 1, stackFirst: 4);
        foreach (int thread in new[] { 0, 1, 0 })
        {
            scene.Run(thread);
            Assert.Equal(atBoot, scene.KernelMatrix());
        }

        scene.End(0);
        Assert.Equal(atBoot, scene.KernelMatrix());
        Assert.Null(scene.Violation);

        // The trap: a page that the kernel writes at its own address is made read-only for a domain. A kernel with tables of its own doesn't notice.
        scene.Run(1);
        scene.Add(1, new ModelPartition(4, 1, PartitionRights.ReadOnly));
        Assert.Equal(!StrategyScene<TFormat>.KernelHasOwnSet(strategy), !atBoot.SequenceEqual(scene.KernelMatrix()));
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T7_a_guard_is_one_for_good_whatever_is_reset_around_it(int strategy) =>
        HoldsAndIsBrokenBy(strategy, StrategyMistake.GuardLost, static scene =>
        {
            scene.Domain(0, s_first);
            scene.Domain(1, s_second);
            scene.Thread(0, domain: 0, stackFirst: 0);
            scene.Thread(1, domain: 1, stackFirst: 2);
            scene.Run(0);
            scene.Run(1);
            scene.Run(0);
            scene.End(0);
            Assert.False(scene.Violation is null && scene.KernelMay(AddressPlan.MappedGuardPage, AccessKind.Write));
        });

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T8_an_entry_that_maps_nothing_stays_zero_whatever_rights_are_edited_over_it(int strategy)
    {
        // Validation refuses such a partition (DomainTests); here nobody asks it. The trap was put back by leaving out the editors' look at P: this failed.
        StrategyScene<TFormat> scene = new(strategy);
        scene.Domain(0, new ModelPartition(10, 1, PartitionRights.ReadWrite), s_first);
        scene.Domain(1, s_second);
        scene.Thread(0, domain: 0, stackFirst: 0);
        scene.Thread(1, domain: 1, stackFirst: 4);
        scene.Run(0);
        Assert.Equal(0ul, scene.World.UserEntry(0, 10));
        scene.Run(1);
        scene.Run(0);
        scene.Remove(0, 0);
        Assert.Equal(0ul, scene.World.UserEntry(0, 10));
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T9_a_switch_costs_what_differs_in_steps_that_are_bounded_and_one_flush_where_that_is_cheaper(int strategy)
    {
        // The exact price of every transition: TransitionTests. Here the shape: it doesn't grow with what two domains have in common, nor with free slots.
        int[] entries = new int[2];
        foreach (int shared in new[] { 0, 1 })
        {
            StrategyScene<TFormat> scene = new(strategy);
            ModelPartition[] common = shared == 0 ? [] : [new ModelPartition(Grantable + 2, 10, PartitionRights.ReadWrite)];
            scene.Domain(0, [.. common, new ModelPartition(Grantable, 1, PartitionRights.ReadWrite)]);
            scene.Domain(1, [.. common, new ModelPartition(Grantable + 14, 1, PartitionRights.ReadWrite)]);
            scene.Thread(0, domain: 0, stackFirst: 0);
            scene.Thread(1, domain: 1, stackFirst: 4);
            scene.Run(0);
            scene.Run(1);
            entries[shared] = scene.Run(0).EntriesWritten;
            Assert.True(scene.Cost.PagesFlushed <= FlushObligation.WholeSetCrossoverPageCount);
            Assert.Null(scene.Violation);

            // The trap: everything of the one is taken back, then everything of the other is given. The count would tell.
            if (strategy == Common && shared == 1)
            {
                scene.Remove(0, 0);
                int taken = scene.Cost.EntriesWritten;
                scene.Add(0, common[0]);
                Assert.True(taken + scene.Cost.EntriesWritten > entries[0]);
            }
        }

        Assert.Equal(entries[0], entries[1]);
    }

    [Fact]
    public void T10_what_a_switch_could_fail_on_is_refused_before_it_is_part_of_a_domain()
    {
        // A switch has no error to ignore: its result has none. So everything must be refused here, and the domain stays as it was.
        // The trap, one of these refusals left out, is a mutant of each (`./ringfence verify mutants`).
        World<TFormat> world = new();
        Domain domain = world.NewDomain((2, 3, PartitionRights.ReadWrite));
        DomainIdentity before = domain.Identity;
        VirtualAddress start = world.Grantable[0].First.Address;
        Assert.Equal(DomainErrorCode.MisalignedStart, Partition.TryCreate<TFormat>(new VirtualAddress(start.Value + 8), 4096, PartitionRights.ReadOnly, out _).Code);
        Assert.Equal(DomainErrorCode.MisalignedSize, Partition.TryCreate<TFormat>(start, 4097, PartitionRights.ReadOnly, out _).Code);
        Assert.Equal(DomainErrorCode.EmptyPartition, Partition.TryCreate<TFormat>(start, 0, PartitionRights.ReadOnly, out Partition nothing).Code);
        Assert.Equal(DomainErrorCode.EmptyPartition, domain.Add(in nothing, world.Map).Code);
        Assert.True(Partition.TryCreate<TFormat>(PageRange.OnePage(new PageNumber(world.Regions[^1].Pages.First.Value - 1)), PartitionRights.ReadOnly, out Partition unmapped).IsNone);
        Assert.Equal(DomainErrorCode.NotMapped, domain.Add(in unmapped, world.Map).Code);
        Assert.Equal((before, 1), (domain.Identity, domain.PartitionCount));
    }

    [Fact]
    public void T12_a_range_that_wraps_is_denied_and_one_of_no_bytes_is_defined()
    {
        World<TFormat> world = new();
        Domain domain = world.NewDomain((0, 16, PartitionRights.ReadWrite));
        Assert.True(Partition.TryCreate<TFormat>(world.Grantable[1], PartitionRights.ReadWrite, out Partition top).IsNone);
        Assert.True(domain.Add(in top, world.Map).IsNone);
        UserStack stack = default;
        nuint lastByte = (SimulatedLastPage << PageSize.Shift) | PageSize.OffsetMask;
        foreach ((nuint address, nuint byteCount) in new[] { (lastByte, (nuint)2), (lastByte - 4095, (nuint)4097), (lastByte, nuint.MaxValue), (lastByte - 1, nuint.MaxValue - 4095) })
        {
            LawVerdict verdict = Law.Check<TFormat>(in domain, in stack, world.BaseMapping, new VirtualAddress(address), byteCount, Access.Read);
            Assert.Equal(DenialReason.WrapsAround, verdict.Reason);

            // The trap: the end rounded up to a page without a look at the carry. In this range it finds no page to object to.
            nuint mask = nuint.MaxValue;
            mask = FormatGeometry<TFormat>.EntryByteCount == 8 && TFormat.LevelCount > 3 ? mask : uint.MaxValue;
            nuint end = unchecked(address + byteCount + PageSize.OffsetMask) & ~PageSize.OffsetMask & mask;
            Assert.True(end <= (address & mask), "this range does not show the trap");
        }

        Assert.True(Law.Check<TFormat>(in domain, in stack, world.BaseMapping, new VirtualAddress(lastByte), 1, Access.Write).IsAllowed);

        // No bytes: allowed wherever there are addresses, on a page boundary or not.
        nuint kernels = world.Regions[0].Pages.First.Address.Value;
        Assert.All(new[] { kernels, kernels + 1 }, address => Assert.True(Law.Check<TFormat>(in domain, in stack, world.BaseMapping, new VirtualAddress(address), 0, Access.Read).IsAllowed));
    }

    [Fact]
    public void T14_a_thread_is_judged_by_its_own_domain_and_stack_whatever_is_live()
    {
        World<TFormat> world = new();
        Domain asking = world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Domain live = world.NewDomain((6, 2, PartitionRights.ReadWrite));
        UserStack askingStack = new(world.StackPages(0), 1);
        UserStack liveStack = new(world.StackPages(1), 2);
        world.Discharge(world.Strategy.SwitchTo(in live, in liveStack));
        foreach ((PageRange pages, bool isOwn) in new[] { (asking[0].Pages, true), (live[0].Pages, false), (askingStack.Pages, true), (liveStack.Pages, false) })
        {
            LawVerdict verdict = Law.Check<TFormat>(in asking, in askingStack, world.BaseMapping, pages.First.Address, PageSize.ByteCount, Access.Write);
            Assert.Equal(isOwn, verdict.IsAllowed);

            // The trap: the live tables, which answer for the other thread.
            Assert.Equal(!isOwn, world.Machine.Space.Translate(pages.First.Address).Rights.IsUser);
        }
    }

    [Fact]
    public void T17_partitions_come_and_go_in_any_order_and_none_is_overlooked()
    {
        // Slots are dense and sorted: there is no hole behind which one could be missed. The trap, a look at as many slots as there are partitions, needs one.
        World<TFormat> world = new();
        Domain domain = world.NewDomain();
        for (nuint offset = 0; offset < 16; offset++)
        {
            world.Add(ref domain, offset, 1, PartitionRights.ReadOnly);
        }

        PageNumber first = world.Grantable[0].First;
        bool[] isThere = [.. Enumerable.Repeat(true, 16)];
        foreach (int removed in new[] { 7, 0, 15, 3, 12 })
        {
            Assert.True(domain.Remove(PageRange.OnePage(first + new PageCount((nuint)removed)), out _).IsNone);
            isThere[removed] = false;
            for (int page = 0; page < 16; page++)
            {
                Assert.True(Partition.TryCreate<TFormat>(PageRange.OnePage(first + new PageCount((nuint)page)), PartitionRights.ReadOnly, out Partition again).IsNone);
                Assert.Equal(isThere[page] ? DomainErrorCode.OverlapsPartition : DomainErrorCode.None, domain.CheckAddable(in again, world.Map).Code);
                Assert.Equal(isThere[page], domain.IndexOf(first + new PageCount((nuint)page)) >= 0);
            }

            // The trap would look at this many slots of an array with holes, and miss the last ones.
            Assert.Equal(isThere.Count(static there => there), domain.PartitionCount);
        }
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T18_a_new_domain_has_nothing_of_what_its_place_held(int strategy)
    {
        // What is left there names a stack as granted. The trap was put back by leaving the set's remembered stack as it was: this failed where there is a set.
        StrategyScene<TFormat> scene = new(strategy);
        scene.Domain(0, s_first);
        scene.Thread(0, domain: 0, stackFirst: 0, generation: 7);
        scene.Run(0);
        scene.World.LeaveTables(from: 0, to: 1);
        scene.Domain(1, s_second);
        scene.End(0);
        scene.Thread(1, domain: 1, stackFirst: 0, generation: 7);
        Assert.False(scene.IsCurrent(1));
        scene.Run(1);
        scene.Destroy(1);
        scene.Run(Restarted(scene));
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common, StrategyMistake.FlushLeftOut)]
    [InlineData(PerDomain, StrategyMistake.FlushLeftOut)]
    [InlineData(PerDomain, StrategyMistake.RootLoadLeftOut)]
    [InlineData(Kpti, StrategyMistake.RootLoadLeftOut)]
    [InlineData(SharedSubtree, StrategyMistake.FlushLeftOut)]
    [InlineData(SharedSubtree, StrategyMistake.RootLoadLeftOut)]
    [InlineData(SharedSubtreeKpti, StrategyMistake.RootLoadLeftOut)]
    [InlineData(LeafLink, StrategyMistake.FlushLeftOut)]
    public void T20_nothing_old_is_cached_when_user_mode_is_entered(int strategy, object trap) =>
        HoldsAndIsBrokenBy(strategy, trap, static scene =>
        {
            scene.Domain(0, s_first);
            scene.Domain(1, s_second);
            scene.Thread(0, domain: 0, stackFirst: 0);
            scene.Thread(1, domain: 1, stackFirst: 4);
            scene.Thread(2, domain: 1, stackFirst: 8);
            scene.Run(0);
            scene.Run(1);
            scene.Run(2);
        });

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T22_where_execution_cannot_be_withheld_the_law_says_so(int strategy)
    {
        StrategyScene<TFormat> scene = new(strategy);
        scene.Domain(0, s_first);
        scene.Thread(0, domain: 0, stackFirst: 0);
        scene.Run(0);
        Assert.Null(scene.Violation);
        World<TFormat> world = new();
        Domain domain = world.NewDomain((0, 1, PartitionRights.ReadWrite));
        UserStack stack = new(world.StackPages(0), 1);
        foreach (PageNumber page in new[] { domain[0].Pages.First, stack.Pages.First })
        {
            // The trap: an answer that does not depend on the format.
            bool mayExecute = Law.Check<TFormat>(in domain, in stack, world.BaseMapping, page.Address, 1, Access.Execute).IsAllowed;
            Assert.Equal(TFormat.ExecuteDisableBit == 0, mayExecute);
        }
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T23_the_kernels_own_addresses_serve_it_under_SMAP_and_SMEP_whatever_is_granted(int strategy)
    {
        LockstepProgram machine = LockstepProgram.Scene with { KeepsSupervisorFromUserPages = true };
        StrategyScene<TFormat> scene = new(strategy, program: machine);
        bool[] atBoot = scene.KernelMatrix();
        scene.Domain(0, s_first, s_second);
        scene.Thread(0, domain: 0, stackFirst: 0);
        scene.Run(0);
        Assert.Equal(atBoot, scene.KernelMatrix());
        Assert.Null(scene.Violation);

        // The trap: the kernel uses a user address after the thread blocked. It would fault, where it isn't on a set of its own.
        MemoryAccess read = new(scene.World.AddressOf(Grantable), AccessKind.Read, IsUser: false);
        Assert.Equal(StrategyScene<TFormat>.KernelHasOwnSet(strategy), scene.World.Processor.MustSucceedWithRetry(read));
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void T24_before_the_first_user_thread_everything_is_defined(int strategy)
    {
        StrategyScene<TFormat> scene = new(strategy);
        scene.Domain(0, s_first);
        scene.Domain(1, s_second);
        scene.Thread(0, domain: 0, stackFirst: 0);
        scene.Thread(1, domain: 1, stackFirst: 4);
        Assert.False(scene.IsCurrent(0));
        scene.Move(1, 0);
        scene.End(1);
        scene.Remove(0, 0);
        scene.Destroy(1);
        scene.Add(0, s_first);
        scene.Run(0);
        Assert.Null(scene.Violation);

        // The trap: a first thread for which "nothing applied" counts as its own.
        StrategyScene<TFormat> broken = new(strategy);
        broken.Domain(0, s_first);
        broken.Thread(0, domain: 0, stackFirst: 0);
        broken.EnterUnasked(0);
        Assert.NotNull(broken.Violation);
    }

    private static int Restarted(StrategyScene<TFormat> scene)
    {
        scene.Thread(0, domain: 0, stackFirst: 0, generation: 8);
        return 0;
    }

    private static nuint SimulatedLastPage => FormatGeometry<TFormat>.LastPage.Value;

    private static StrategyScene<TFormat> CreateSwitchInSteps(int strategy, int steps)
    {
        StrategyScene<TFormat> scene = new(strategy);
        scene.Domain(0, s_first);
        scene.Domain(1, s_second);
        scene.Thread(0, domain: 0, stackFirst: 0, stackCount: 3);
        scene.Thread(1, domain: 0, stackFirst: 3, stackCount: 3);
        scene.Thread(2, domain: 1, stackFirst: 6, stackCount: 3);
        scene.Run(0);
        for (int step = 0; step < steps; step++)
        {
            bool isLast = scene.Step(1, entryLimit: 1);
            Assert.Equal(step == 5, isLast);
            Assert.False(scene.IsCurrent(0));
            Assert.Equal(isLast, scene.IsCurrent(1));
        }

        return scene;
    }

    private static void HoldsAndIsBrokenBy(int strategy, object trap, System.Action<StrategyScene<TFormat>> play)
    {
        StrategyScene<TFormat> scene = new(strategy);
        play(scene);
        Assert.Null(scene.Violation);
        StrategyScene<TFormat> broken = new(strategy, (StrategyMistake)trap);
        play(broken);
        Assert.NotNull(broken.Violation);
    }
}

public sealed class Ia32TrapTests : TrapTests<Ia32Format>;

public sealed class PaeTrapTests : TrapTests<PaeFormat>;

public sealed class FourLevelTrapTests : TrapTests<FourLevelFormat>;

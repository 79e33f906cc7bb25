// What switches and events do to page tables where stacks belong to domains, judged as everywhere: by the law in the plainest words, on the adversarial MMU, and by the audit.

using System;
using System.Collections.Generic;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class DomainStackSwitchTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly UserStack s_none = new(PageRange.Empty, 0);

    [Fact]
    public void The_law_gives_each_thread_of_a_domain_all_its_stacks_and_nobody_else_any()
    {
        World<TFormat> world = new();
        Domain domain = world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Domain other = world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Assert.True(domain.AddStack(new UserStack(world.StackPages(1), 1)).IsNone);
        Assert.True(domain.AddStack(new UserStack(world.StackPages(4), 2)).IsNone);
        foreach (int slot in new[] { 1, 4 })
        {
            VirtualAddress first = world.StackPages(slot).First.Address;
            Assert.True(Law.Check<TFormat>(in domain, in s_none, world.BaseMapping, first, 2 * PageSize.ByteCount, Access.Write).IsAllowed);
            Assert.Equal(DenialReason.NoRights, Law.Check<TFormat>(in other, in s_none, world.BaseMapping, first, 1, Access.Read).Reason);
            Assert.Equal(
                FormatGeometry<TFormat>.HasExecuteDisable ? DenialReason.NotExecutable : DenialReason.None,
                Law.Check<TFormat>(in domain, in s_none, world.BaseMapping, first, 1, Access.Execute).Reason);
        }

        Assert.Equal(DenialReason.NoRights, Law.Check<TFormat>(in domain, in s_none, world.BaseMapping, world.StackPages(2).First.Address, 1, Access.Read).Reason);
    }

    [Fact]
    public void A_switch_between_domains_takes_the_stacks_of_the_one_and_gives_those_of_the_other()
    {
        World<TFormat> world = new();
        Domain first = world.NewDomain((0, 3, PartitionRights.ReadWrite), (8, 1, PartitionRights.ReadOnly));
        Domain second = world.NewDomain((8, 1, PartitionRights.ReadOnly));
        Assert.True(first.AddStack(new UserStack(world.StackPages(0), 1)).IsNone);
        Assert.True(first.AddStack(new UserStack(world.StackPages(2), 2)).IsNone);
        Assert.True(second.AddStack(new UserStack(world.StackPages(1), 3)).IsNone);
        world.Discharge(world.Strategy.SwitchTo(in first, in s_none));
        Assert.Null(world.Judge(in first, in s_none));
        world.Machine.ResetCounters();
        world.Discharge(world.Strategy.SwitchTo(in second, in s_none));
        Assert.Equal(3 + 4 + 2, world.Machine.EntriesWritten);
        Assert.Null(world.Judge(in second, in s_none));
        world.Machine.ResetCounters();
        Assert.True(world.Strategy.IsCurrent(in second, in s_none));
        Assert.True(world.Strategy.SwitchTo(in second, in s_none).IsNone);
        Assert.Equal(0, world.Machine.StoreCount);
    }

    [Fact]
    public void Random_lives_of_threads_obey_the_law_also_in_steps() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 999], Gen.Int[0, 999]).Array[1, 40].Sample(
            operations =>
            {
                World<TFormat> world = new();
                Domain[] domains = [world.NewDomain((0, 3, PartitionRights.ReadWrite)), world.NewDomain((2, 4, PartitionRights.ReadOnly)), world.NewDomain()];
                (int Domain, UserStack Stack)?[] threads = new (int, UserStack)?[World<TFormat>.StackCount];
                uint generation = 0;
                int live = -1;
                foreach ((int kind, int a, int b) in operations)
                {
                    int slot = a % threads.Length;
                    int domain = b % domains.Length;
                    if (kind == 0 && threads[slot] is null)
                    {
                        threads[slot] = (domain, new UserStack(world.StackPages(slot), ++generation));
                        Add(world, ref domains[domain], threads[slot]!.Value.Stack);
                    }
                    else if (kind == 1 && threads[slot] is { } ending)
                    {
                        Remove(world, ref domains[ending.Domain], ending.Stack);
                        threads[slot] = null;
                    }
                    else if (kind == 2 && threads[slot] is { } moving && moving.Domain != domain)
                    {
                        Remove(world, ref domains[moving.Domain], moving.Stack);
                        Add(world, ref domains[domain], moving.Stack);
                        threads[slot] = (domain, moving.Stack);
                    }
                    else if (kind == 3)
                    {
                        world.Discharge(world.Strategy.SwitchTo(in domains[domain], in s_none));
                        live = domain;
                    }
                    else if (kind == 4)
                    {
                        bool isComplete = false;
                        int limit = 1 + (a % 5);
                        while (!isComplete)
                        {
                            world.Machine.ResetCounters();
                            SwitchStep step = world.Strategy.SwitchTo(in domains[domain], in s_none, limit);
                            if (world.Machine.EntriesWritten > limit)
                            {
                                return false;
                            }

                            world.Discharge(step.Flush);
                            isComplete = step.IsComplete;
                        }

                        live = domain;
                    }

                    if (world.Judge(live < 0 ? default : domains[live], in s_none) is not null)
                    {
                        return false;
                    }
                }

                return true;
            },
            iter: 200);

    [Fact]
    public void With_a_set_for_each_domain_a_switch_loads_a_root_and_edits_nothing()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(16, 32), 0x100, LeafRights.SupervisorRead);
        PerDomainStrategy<TFormat, SimulatedTableMemory, FullSet<TFormat, SimulatedTableMemory>> strategy = new(machine.Space, default, default);
        DomainNumberSource numbers = default;
        Domain first = default;
        Domain second = default;
        first.Create(ref numbers);
        second.Create(ref numbers);
        PerDomainTables<TFormat, SimulatedTableMemory, FullSet<TFormat, SimulatedTableMemory>> firstTables = default;
        PerDomainTables<TFormat, SimulatedTableMemory, FullSet<TFormat, SimulatedTableMemory>> secondTables = default;
        Assert.True(strategy.OnDomainCreated(ref machine.Pool, ref firstTables, SmallRoot(0)).IsNone);
        Assert.True(strategy.OnDomainCreated(ref machine.Pool, ref secondTables, SmallRoot(1)).IsNone);
        UserStack stack = new(SimulatedMachine<TFormat>.Pages(20, 2), 1);
        Assert.True(first.AddStack(in stack).IsNone);
        Partition pages = Partition.ForStack(in stack);
        machine.Discharge(strategy.OnPartitionAdded(ref machine.Pool, in first, ref firstTables, in pages).Flush);
        machine.ResetCounters();
        FlushObligation flush = strategy.SwitchTo(in first, ref firstTables, in s_none);
        Assert.True(flush.LoadsRoot);
        Assert.True(strategy.IsCurrent(in first, in firstTables, in s_none));
        Assert.False(strategy.IsCurrent(in second, in secondTables, in s_none));
        flush = strategy.SwitchTo(in second, ref secondTables, in s_none);
        Assert.True(flush.LoadsRoot);
        Assert.Equal(0, machine.StoreCount);
        Assert.True(strategy.UserTables(in firstTables).Translate(stack.Pages.First.Address).Rights == LeafRights.UserReadWrite);
        Assert.False(strategy.UserTables(in secondTables).Translate(stack.Pages.First.Address).Rights.IsUser);
    }

    // Memory that the machine uses for nothing else; only PAE's roots are small.
    private static PhysicalAddress SmallRoot(int index) => new(0x7000 + ((ulong)index * 0x20));

    private static void Add(World<TFormat> world, ref Domain domain, UserStack stack)
    {
        Assert.True(domain.AddStack(in stack).IsNone);
        world.Discharge(world.Strategy.OnPartitionAdded(in domain));
    }

    private static void Remove(World<TFormat> world, ref Domain domain, UserStack stack)
    {
        Assert.True(domain.RemoveStack(in stack).IsNone);
        world.Discharge(world.Strategy.OnPartitionRemoved(in domain));
    }
}

public sealed class Ia32DomainStackSwitchTests : DomainStackSwitchTests<Ia32Format>;

public sealed class PaeDomainStackSwitchTests : DomainStackSwitchTests<PaeFormat>;

public sealed class FourLevelDomainStackSwitchTests : DomainStackSwitchTests<FourLevelFormat>;

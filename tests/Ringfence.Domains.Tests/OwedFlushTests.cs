// Where a switch owes a flush that is easily lost: what a switch under way still owes when something else comes between, and grants that take a right from the supervisor.

using System;
using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class OwedFlushTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private delegate FlushObligation Interruption(World<TFormat> world, in Domain unrelated);

    [Fact]
    public void What_ends_a_switch_under_way_owes_what_that_switch_took()
    {
        List<Interruption> interruptions =
        [
            static (world, in unrelated) => world.Strategy.OnThreadMoved(in unrelated, new UserStack(world.StackPages(3), 3)),
            static (world, in unrelated) => world.Strategy.OnStackFreed(new UserStack(world.StackPages(3), 3)),
            static (world, in unrelated) => world.Strategy.OnThreadExited(new UserStack(world.StackPages(3), 3)),
            static (world, in unrelated) => world.Strategy.OnDomainDestroyed(in unrelated),
            static (world, in unrelated) => world.Strategy.OnPartitionAdded(in unrelated),
            static (world, in unrelated) => world.Strategy.OnPartitionRemoved(in unrelated),
        ];
        foreach (Interruption interruption in interruptions)
        {
            for (int limit = 1; limit < 10; limit++)
            {
                World<TFormat> world = UnderWay(limit, out Domain next, out UserStack stack);
                world.Discharge(interruption(world, world.NewDomain()));
                Assert.False(world.Strategy.IsSwitchUnderWay);
                Assert.Null(world.Judge(in next, in stack));
            }
        }
    }

    [Fact]
    public void Everything_that_was_begun_is_owed_when_everything_is_revoked_or_another_thread_comes()
    {
        for (int limit = 1; limit < 10; limit++)
        {
            World<TFormat> world = UnderWay(limit, out _, out _);
            world.Discharge(world.Strategy.RevokeAll());
            Assert.Null(world.Judge(default, default));

            world = UnderWay(limit, out _, out _);
            Domain third = world.NewDomain((12, 2, PartitionRights.ReadOnly));
            UserStack stack = new(world.StackPages(4), 9);
            world.Discharge(world.Strategy.SwitchTo(in third, in stack));
            Assert.Null(world.Judge(in third, in stack));
        }
    }

    [Fact]
    public void A_partition_whose_grant_takes_writing_from_the_supervisor_owes_it_in_a_switch_between_threads()
    {
        World<TFormat> world = new();
        Domain nothing = world.NewDomain();
        Domain reader = world.NewDomain();
        Assert.True(Partition.TryCreate<TFormat>(PageRange.OnePage(world.Grantable[1].First), PartitionRights.ReadOnly, out Partition top).IsNone);
        Assert.True(reader.Add(in top, world.Map).IsNone);
        UserStack first = new(world.StackPages(0), 1);
        UserStack second = new(world.StackPages(1), 2);
        for (int round = 0; round < 3; round++)
        {
            world.Discharge(world.Strategy.SwitchTo(in nothing, in first));
            FlushObligation owed = world.Strategy.SwitchTo(in reader, in second);
            Assert.True(owed.Covers(world.Grantable[1].First));
            world.Discharge(owed);
            Assert.Null(world.Judge(in reader, in second));
        }
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    public void A_stack_whose_grant_takes_executing_from_the_supervisor_owes_it_whichever_way_it_is_granted(int entryLimit)
    {
        SimulatedMachine<TFormat> machine = new();
        nuint span = SimulatedMachine<TFormat>.LeafTableSpan;
        UserStack[] stacks = [Stack(span + 2, 1), Stack(span + 8, 2), Stack(3 * span, 3), Stack((3 * span) + 5, 4)];
        foreach (UserStack stack in stacks)
        {
            machine.Map(stack.Pages, 0x100, LeafRights.SupervisorReadExecute);
        }

        CommonTableStrategy<TFormat, SimulatedTableMemory> strategy = new(machine.Space);
        DomainNumberSource numbers = default;
        Domain domain = default;
        domain.Create(ref numbers);
        UserStack? last = null;

        // Both in one leaf table, and in two.
        foreach (int index in new[] { 0, 1, 0, 2, 3, 1, 2 })
        {
            FlushObligation owed = default;
            bool isComplete = false;
            while (!isComplete)
            {
                SwitchStep step = strategy.SwitchTo(in domain, in stacks[index], entryLimit);
                machine.Discharge(step.Flush);
                owed = owed.Combine(step.Flush);
                isComplete = step.IsComplete;
            }

            Assert.Equal(FormatGeometry<TFormat>.HasExecuteDisable, owed.Covers(stacks[index].Pages.First));
            Assert.Equal(!FormatGeometry<TFormat>.HasExecuteDisable, machine.Cpu.MaySucceed(Access(stacks[index], AccessKind.Fetch, isUser: false)));
            Assert.True(machine.Cpu.MustSucceedWithRetry(Access(stacks[index], AccessKind.Write, isUser: true)));
            if (last is { } left)
            {
                Assert.True(owed.Covers(left.Pages.First));
                Assert.False(machine.Cpu.MaySucceed(Access(left, AccessKind.Read, isUser: true)));
                Assert.False(machine.Cpu.MaySucceed(Access(left, AccessKind.Write, isUser: false)));
            }

            last = stacks[index];
        }
    }

    private static UserStack Stack(nuint first, uint generation) => new(SimulatedMachine<TFormat>.Pages(first, 2), generation);

    private static MemoryAccess Access(UserStack stack, AccessKind kind, bool isUser) => new(stack.Pages.First.Address.Value, kind, isUser);

    /// <summary>A world in which a switch has made one step of so many entries, and what it has taken is flushed.</summary>
    private static World<TFormat> UnderWay(int entryLimit, out Domain next, out UserStack stack)
    {
        World<TFormat> world = new();
        Domain old = world.NewDomain((0, 3, PartitionRights.ReadWrite), (5, 1, PartitionRights.ReadOnly));
        next = world.NewDomain((2, 2, PartitionRights.ReadOnly), (8, 2, PartitionRights.ReadWrite));
        stack = new UserStack(world.StackPages(1), 2);
        world.Discharge(world.Strategy.SwitchTo(in old, new UserStack(world.StackPages(0), 1)));
        SwitchStep step = world.Strategy.SwitchTo(in next, in stack, entryLimit);
        Assert.False(step.IsComplete);
        world.Discharge(step.Flush);
        return world;
    }
}

public sealed class Ia32OwedFlushTests : OwedFlushTests<Ia32Format>;

public sealed class PaeOwedFlushTests : OwedFlushTests<PaeFormat>;

public sealed class FourLevelOwedFlushTests : OwedFlushTests<FourLevelFormat>;

// The pool of table pages: exact, and never handing out what was in a page before.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public class TablePoolTests
{
    [Fact]
    public void A_page_taken_is_zero_whatever_was_in_it()
    {
        SimulatedMachine<PaeFormat> machine = new();
        Assert.True(machine.Pool.TryTake(ref machine.Account, out PhysicalAddress first));
        AssertZero(machine.Memory, first);
        machine.Memory.Fill(first.Value, 4096, 0xFF);
        machine.Pool.Free(first);
        Assert.True(machine.Pool.TryTake(ref machine.Account, out PhysicalAddress again));
        Assert.Equal(first, again);
        AssertZero(machine.Memory, again);
    }

    [Fact]
    public void Pages_reserved_are_no_longer_available_and_a_reservation_too_large_takes_none()
    {
        SimulatedMachine<PaeFormat> machine = new(poolPageCount: 3);
        Assert.False(machine.Pool.TryReserve(new PageCount(4)));
        Assert.Equal((nuint)3, machine.Pool.Available.Value);
        Assert.True(machine.Pool.TryReserve(new PageCount(2)));
        Assert.Equal((nuint)1, machine.Pool.Available.Value);
        Assert.False(machine.Pool.TryReserve(new PageCount(2)));
        Assert.NotEqual(machine.Pool.TakeReserved(), machine.Pool.TakeReserved());
        Assert.Equal((nuint)1, machine.Pool.Available.Value);
        Assert.Equal((nuint)2, machine.Pool.InUse.Value);
    }

    [Fact]
    public void Ten_thousand_cycles_of_taking_and_freeing_leak_nothing()
    {
        SimulatedMachine<PaeFormat> machine = new(poolPageCount: 5);
        Queue<PhysicalAddress> held = new();
        for (int cycle = 0; cycle < 10_000; cycle++)
        {
            if (cycle % 7 < 4 && machine.Pool.TryTake(ref machine.Account, out PhysicalAddress table))
            {
                Assert.DoesNotContain(table, held);
                held.Enqueue(table);
            }
            else if (held.Count != 0)
            {
                machine.Pool.Free(held.Dequeue());
            }

            Assert.Equal((nuint)held.Count, machine.Pool.InUse.Value);
            Assert.Equal(5 - (nuint)held.Count, machine.Pool.Available.Value);
        }
    }

    [Fact]
    public void Nothing_is_taken_beyond_the_limit_of_the_account()
    {
        SimulatedMachine<PaeFormat> machine = new(poolPageCount: 3);
        TableAccount account = new(PageCount.One);
        Assert.True(machine.Pool.TryTake(ref account, out PhysicalAddress table));
        Assert.False(machine.Pool.TryTake(ref account, out PhysicalAddress none));
        Assert.Equal(default, none);
        Assert.Equal((1, 2, 1), ((int)machine.Pool.InUse.Value, (int)machine.Pool.Available.Value, (int)account.InUse.Value));
        machine.Pool.GiveBack(ref account, table);
        Assert.Equal((0, 3, 0), ((int)machine.Pool.InUse.Value, (int)machine.Pool.Available.Value, (int)account.InUse.Value));
        Assert.True(machine.Pool.TryTake(ref account, out _));
    }

    private static void AssertZero(PhysicalMemory memory, PhysicalAddress table)
    {
        for (ulong offset = 0; offset < 4096; offset += 8)
        {
            Assert.Equal(0ul, memory.Read64(table.Value + offset));
        }
    }
}

// One run covers every schedule, and no more than every schedule: the adversary beside the processors that it stands for, followed one by one.

using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class ScheduleTests
{
    private enum Kind
    {
        Store,
        LockedStore,
        FlushPage,
        WriteCr3,
        Fault,
    }

    private static readonly Gen<Step> s_step = Gen.Select(
        Gen.Frequency(
            (4, Gen.Const(Kind.Store)),
            (4, Gen.Const(Kind.LockedStore)),
            (2, Gen.Const(Kind.FlushPage)),
            (1, Gen.Const(Kind.WriteCr3)),
            (1, Gen.Const(Kind.Fault))),
        Gen.Int[0, ScheduleExplorer.TableCount - 1],
        Gen.Int[0, ScheduleExplorer.UsedEntryCount - 1],
        Gen.Bool,
        Gen.OneOf(Gen.Const(0u), Gen.Const(1u), Gen.Const(3u), Gen.Const(0x21u), Gen.Const(0x23u)),
        (kind, table, index, isOther, bits) => new Step(kind, table, index, isOther, bits));

    private static readonly Step[] s_links = [new(Kind.Store, 0, 0, false, Supervisor), new(Kind.Store, 0, 1, true, Supervisor)];

    [Fact]
    public void The_set_is_the_union_of_what_the_processors_of_all_schedules_hold()
    {
        int steps = 0;
        int withSeveral = 0;
        s_step.Array[1, 12].Sample(
            program =>
            {
                PhysicalMemory memory = PhysicalMemory.CreateSparse(4, 16);
                AdversarialCache cache = new(memory, TableGeometry.Toy, ThirtyTwoBitSettings);
                cache.WriteCr3(Root);
                ScheduleExplorer explorer = new();
                foreach (Step step in s_links.Concat(program))
                {
                    Run(step, cache, explorer);
                    steps++;
                    withSeveral += explorer.ProcessorCount > 1 ? 1 : 0;
                    Compare(cache, explorer);
                }
            },
            iter: 10_000,
            threads: 1,
            print: program => string.Join("; ", program));
        Assert.True(withSeveral > steps / 2, $"only {withSeveral} of {steps} steps had more than one schedule");
    }

    private static void Run(Step step, AdversarialCache cache, ScheduleExplorer explorer)
    {
        ulong address = Root + ((ulong)step.Table << 12) + ((ulong)step.Index * 4);
        uint target = step.Table == 0 ? step.IsOther ? 0x3000u : 0x2000u : step.IsOther ? 0xA000u : 0x9000u;
        uint value = target | step.Bits;
        int page = (step.Table * 4) + step.Index;
        switch (step.Kind)
        {
            case Kind.Store:
                cache.Memory.Write32(address, value);
                explorer.Store(step.Table, step.Index, value, isLocked: false, foundAccessed: false);
                break;
            case Kind.LockedStore:
                uint found = cache.Memory.Read32(address);
                cache.Memory.CompareExchange32(address, value, found);
                explorer.Store(step.Table, step.Index, value, isLocked: true, (found & Accessed) != 0);
                break;
            case Kind.FlushPage:
                cache.InvalidatePage((ulong)page << 12);
                explorer.Drop(item => !item.IsTranslation || item.Page == page);
                break;
            case Kind.WriteCr3:
                cache.WriteCr3(Root);
                explorer.Drop(_ => true);
                break;
            default:
                cache.TakePageFault((ulong)page << 12);
                explorer.Drop(item => item.IsTranslation ? item.Page == page : item.Page / 4 == page / 4);
                break;
        }
    }

    private static void Compare(AdversarialCache cache, ScheduleExplorer explorer)
    {
        HashSet<ScheduleExplorer.Item> expected = explorer.HeldBySome();
        HashSet<ScheduleExplorer.Item> held = [];
        for (int page = 0; page < 16; page++)
        {
            foreach (CachedTranslation translation in cache.Held((ulong)page << 12))
            {
                held.Add(new ScheduleExplorer.Item(true, page, (uint)(translation.FrameAddress >> 12), translation.Writable));
            }
        }

        if (!held.SetEquals(expected.Where(item => item.IsTranslation)))
        {
            throw new InvalidOperationException($"held {string.Join(',', held)}; the schedules hold {string.Join(',', expected)}");
        }

        foreach (ulong table in new[] { Table, OtherTable })
        {
            if (cache.MayWalkThrough(table) != expected.Any(item => !item.IsTranslation && item.Target == table >> 12))
            {
                throw new InvalidOperationException($"upper entries to {table:x}; the schedules hold {string.Join(',', expected)}");
            }
        }
    }

    /// <summary>One step. Bits are P, R/W and A of what is stored; IsOther chooses one of two tables or frames.</summary>
    private readonly record struct Step(Kind Kind, int Table, int Index, bool IsOther, uint Bits);
}

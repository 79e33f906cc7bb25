// The editor of a switch: the same entries as the all-or-nothing edits make, with one walk for each leaf table.

using System;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class RightsEditorTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;

    [Fact]
    public void Runs_edited_in_any_order_leave_what_the_whole_edits_leave_and_no_stale_translation() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 9], Rights.Any, Gen.Bool).Array[1, 6].Select(Rights.Any).Sample((runs, before) =>
        {
            PageRange all = SimulatedMachine<TFormat>.Pages(s_span - 30, 70);
            SimulatedMachine<TFormat> edited = new();
            SimulatedMachine<TFormat> whole = new();
            edited.Map(all, 0x100, before);
            whole.Map(all, 0x100, before);
            edited.ResetCounters();
            whole.ResetCounters();
            RightsEditor<TFormat, SimulatedTableMemory> editor = new(edited.Space);
            foreach ((int first, int count, LeafRights rights, bool isReset) in runs)
            {
                PageRange range = SimulatedMachine<TFormat>.Pages(s_span - 30 + (nuint)first, (nuint)count);
                FlushObligation owed = FlushObligation.None;
                if (isReset)
                {
                    editor.Reset(range.First, range.End, ref owed);
                    whole.Done(whole.Space.ResetRights(range));
                }
                else
                {
                    editor.Set(range.First, range.End, rights, ref owed);
                    whole.Done(whole.Space.SetRights(range, rights));
                }

                edited.Discharge(owed);
            }

            bool sameAccesses = true;
            for (PageNumber page = all.First; page < all.End; page += PageCount.One)
            {
                foreach ((_, AccessKind kind) in Rights.Accesses())
                {
                    MemoryAccess access = new(page.Address.Value, kind, IsUser: true);
                    sameAccesses &= edited.Cpu.MaySucceed(access) == whole.Cpu.MaySucceed(access);
                }
            }

            return sameAccesses && edited.StoreCount == whole.StoreCount && whole.Snapshot().AsSpan().SequenceEqual(edited.Snapshot());
        }, iter: 200);

    [Fact]
    public void Pages_that_are_not_mapped_are_passed_over_with_and_without_a_leaf_table()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange low = SimulatedMachine<TFormat>.Pages(s_span - 4, 2);
        PageRange high = SimulatedMachine<TFormat>.Pages((2 * s_span) + 1, 2);
        machine.Map(low, 0x100, LeafRights.SupervisorRead);
        machine.Map(high, 0x200, LeafRights.SupervisorRead);
        machine.ResetCounters();
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        FlushObligation owed = FlushObligation.None;
        editor.Set(low.First, high.End, LeafRights.UserReadWrite, ref owed);
        Assert.True(owed.IsNone);
        Assert.Equal(4, machine.EntriesWritten);
        foreach (PageRange range in new[] { low, high })
        {
            Assert.Equal(LeafRights.UserReadWrite, machine.Space.Translate(range.First.Address).Rights);
            Assert.False(machine.Space.Translate(range.End.Address).IsMapped);
        }
    }

    [Fact]
    public void A_table_made_after_a_failed_look_is_found()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange range = SimulatedMachine<TFormat>.Pages(s_span + 7, 1);
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        FlushObligation owed = FlushObligation.None;
        editor.Set(range.First, range.End, LeafRights.UserRead, ref owed);
        machine.Map(range, 0x100, LeafRights.SupervisorRead);
        editor.Set(range.First, range.End, LeafRights.UserRead, ref owed);
        Assert.True(machine.Space.Translate(range.First.Address).Rights.IsUser);
    }

    [Fact]
    public void Each_leaf_table_is_walked_to_once_however_many_runs_lie_in_it()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange range = SimulatedMachine<TFormat>.Pages(s_span - 100, 200);
        machine.Map(range, 0x100, LeafRights.SupervisorReadWrite);
        ReadLog log = new();
        AddressSpace<TFormat, LoggingMemory> logged = new(new LoggingMemory(machine.Memory, log), machine.Space.Root);
        RightsEditor<TFormat, LoggingMemory> editor = new(logged);
        FlushObligation owed = FlushObligation.None;
        for (nuint offset = 0; offset < range.Count.Value; offset += 10)
        {
            editor.Set(range.First + new PageCount(offset), range.First + new PageCount(offset + 10), LeafRights.UserReadWrite, ref owed);
        }

        machine.Discharge(owed);
        int wordsPerEntry = FormatGeometry<TFormat>.EntryByteCount == 8 && TFormat.RootIsHeldInRegisters ? 2 : 1;
        Assert.Equal(2 * wordsPerEntry, log.ReadsOf[machine.Space.Root.Value]);
        Assert.Equal((2 * (TFormat.LevelCount - 1) * wordsPerEntry) + (200 * wordsPerEntry), log.ReadsOf.Values.Sum());
    }

    [Fact]
    public void The_first_and_the_last_page_of_the_address_space_are_like_any_other()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange first = SimulatedMachine<TFormat>.Pages(0, 1);
        PageRange last = SimulatedMachine<TFormat>.Pages(SimulatedMachine<TFormat>.LastPage.Value, 1);
        machine.Map(first, 0x100, LeafRights.SupervisorRead);
        machine.Map(last, 0x101, LeafRights.SupervisorRead);
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        FlushObligation owed = FlushObligation.None;
        editor.Set(last.First, last.End, LeafRights.UserRead, ref owed);
        editor.Set(first.First, first.End, LeafRights.UserReadWrite, ref owed);
        Assert.Equal(LeafRights.UserReadWrite, machine.Space.Translate(first.First.Address).Rights);
        Assert.True(machine.Space.Translate(last.First.Address).Rights.IsUser);
        editor.Reset(last.First, last.End, ref owed);
        Assert.False(machine.Space.Translate(last.First.Address).Rights.IsUser);
        Assert.True(owed.Covers(last.First));
        Assert.False(owed.Covers(first.First));
    }
}

public sealed class Ia32RightsEditorTests : RightsEditorTests<Ia32Format>;

public sealed class PaeRightsEditorTests : RightsEditorTests<PaeFormat>;

public sealed class FourLevelRightsEditorTests : RightsEditorTests<FourLevelFormat>;

public sealed class FiveLevelRightsEditorTests : RightsEditorTests<FiveLevelFormat>;

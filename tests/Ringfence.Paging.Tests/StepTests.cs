// Edits that stop and go on: the limit holds to the entry, the end is that of the whole edit, and no table is walked to more often than needed.

using System;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class StepTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_straddling = SimulatedMachine<TFormat>.Pages(s_span - 10, 20);

    // The two words of a PAE entry are two reads.
    private static int WordsPerEntry => FormatGeometry<TFormat>.EntryByteCount == 8 && TFormat.RootIsHeldInRegisters ? 2 : 1;

    [Fact]
    public void A_step_looks_at_exactly_as_many_entries_as_its_limit_allows_and_says_what_is_left()
    {
        SimulatedMachine<TFormat> machine = Mapped();
        ReadLog log = new();
        AddressSpace<TFormat, LoggingMemory> logged = new(new LoggingMemory(machine.Memory, log), machine.Space.Root);
        RangeEdit<TFormat, LoggingMemory> edit = logged.BeginSetRights(s_straddling, LeafRights.UserRead, out PagingError error);
        Assert.True(error.IsNone);
        int left = 20;
        foreach (int limit in new[] { 1, 3, 7, 2 })
        {
            machine.ResetCounters();
            machine.Discharge(edit.Step(limit));
            left -= limit;
            Assert.Equal(limit, machine.EntriesWritten);
            Assert.Equal((nuint)left, edit.Rest.Count.Value);
            Assert.Equal(s_straddling.End, edit.Rest.End);
            Assert.False(edit.IsComplete);
        }

        machine.Discharge(edit.Step(left));
        Assert.True(edit.IsComplete);
        Assert.True(edit.Rest.IsEmpty);
        Assert.True(edit.Step(1).IsNone);
    }

    [Fact]
    public void Entries_that_stay_as_they_are_count_towards_the_limit_too()
    {
        SimulatedMachine<TFormat> machine = Mapped();
        machine.Done(machine.Space.SetRights(SimulatedMachine<TFormat>.Pages(s_span - 10, 5), LeafRights.UserRead));
        machine.ResetCounters();
        RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginSetRights(s_straddling, LeafRights.UserRead, out _);
        Assert.True(edit.Step(5).IsNone);
        Assert.Equal(0, machine.EntriesWritten);
        Assert.Equal((nuint)15, edit.Rest.Count.Value);
    }

    [Fact]
    public void A_large_page_is_one_entry_of_a_step()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
        machine.Map(SimulatedMachine<TFormat>.Pages(Tables<TFormat>.LargePage.End.Value, 3), 7, LeafRights.UserReadWrite);
        PageRange both = PageRange.CreateTruncated(Tables<TFormat>.LargePage.First, new PageCount(Tables<TFormat>.LargeCount + 3));
        RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginSetRights(both, LeafRights.UserRead, out _);
        machine.Discharge(edit.Step(2));
        Assert.Equal((nuint)2, edit.Rest.Count.Value);
    }

    [Fact]
    public void Steps_of_any_length_leave_what_the_whole_edit_leaves_and_owe_the_same() =>
        Gen.Select(Gen.Int[1, 12].Array[1, 8], Gen.Int[0, 3], Rights.Any).Sample((limits, kind, rights) =>
        {
            SimulatedMachine<TFormat> whole = Mapped();
            SimulatedMachine<TFormat> stepped = Mapped();
            FlushObligation owed = FlushObligation.None;
            RangeEdit<TFormat, SimulatedTableMemory> edit = kind switch
            {
                0 => stepped.Space.BeginSetRights(s_straddling, rights, out _),
                1 => stepped.Space.BeginResetRights(s_straddling, out _),
                2 => stepped.Space.BeginSetBaseRights(s_straddling, rights, out _),
                _ => stepped.Space.BeginUnmap(s_straddling, out _),
            };
            for (int step = 0; !edit.IsComplete; step++)
            {
                owed = owed.Combine(edit.Step(limits[step % limits.Length]));
            }

            FlushObligation atOnce = (kind switch
            {
                0 => whole.Space.SetRights(s_straddling, rights),
                1 => whole.Space.ResetRights(s_straddling),
                2 => whole.Space.SetBaseRights(s_straddling, rights),
                _ => whole.Space.Unmap(s_straddling),
            }).Flush;
            return owed.Kind == atOnce.Kind && owed.PageTotal == atOnce.PageTotal && whole.Snapshot().AsSpan().SequenceEqual(stepped.Snapshot());
        }, iter: 200);

    [Fact]
    public void Pages_of_the_rest_that_are_unmapped_between_two_steps_are_passed_over()
    {
        SimulatedMachine<TFormat> machine = Mapped();
        RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginSetRights(s_straddling, LeafRights.UserRead, out _);
        machine.Discharge(edit.Step(2));
        PageRange gone = SimulatedMachine<TFormat>.Pages(s_span - 4, 9);
        machine.Done(machine.Space.Unmap(gone));
        while (!edit.IsComplete)
        {
            machine.Discharge(edit.Step(3));
        }

        for (PageNumber page = s_straddling.First; page < s_straddling.End; page += PageCount.One)
        {
            Translation translation = machine.Space.Translate(page.Address);
            Assert.NotEqual(gone.Contains(page), translation.IsMapped);
            Assert.False(translation.IsMapped && translation.Rights.IsWritable);
        }
    }

    [Fact]
    public void An_edit_that_was_refused_is_complete_and_changes_nothing()
    {
        SimulatedMachine<TFormat> machine = Mapped();
        PageRange oneMore = PageRange.FromFirstToEnd(s_straddling.First, s_straddling.End + PageCount.One);
        byte[] before = machine.Snapshot();
        RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginUnmap(oneMore, out PagingError error);
        Assert.Equal((PagingErrorCode.NotMapped, s_straddling.End), (error.Code, error.Page));
        Assert.True(edit.IsComplete);
        Assert.True(edit.Step(100).IsNone);
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void An_edit_walks_to_each_leaf_table_once_for_the_check_and_once_for_the_change()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange range = SimulatedMachine<TFormat>.Pages(s_span - 100, s_span + 200);
        machine.Map(range, 0x100, LeafRights.UserReadWrite);
        ReadLog log = new();
        AddressSpace<TFormat, LoggingMemory> logged = new(new LoggingMemory(machine.Memory, log), machine.Space.Root);
        machine.Done(logged.SetRights(range, LeafRights.UserRead));

        // Three leaf tables, two passes: one read above each, and one walk down to the table above them.
        const int LeafTables = 3;
        int upperReads = log.ReadsOf.Values.Sum() - (2 * (int)range.Count.Value * WordsPerEntry);
        Assert.Equal(2 * (LeafTables + TFormat.LevelCount - 2) * WordsPerEntry, upperReads);
    }

    [Fact]
    public void An_edit_of_the_last_page_of_the_address_space_ends()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange last = PageRange.CreateTruncated(new PageNumber(SimulatedMachine<TFormat>.LastPage.Value - 2), new PageCount(3));
        machine.Map(last, 0x60, LeafRights.UserReadWrite);
        RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginSetRights(last, LeafRights.UserRead, out PagingError error);
        Assert.True(error.IsNone);
        for (int step = 0; step < 3; step++)
        {
            Assert.False(edit.IsComplete);
            machine.Discharge(edit.Step(1));
        }

        Assert.True(edit.IsComplete);
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(SimulatedMachine<TFormat>.LastPage.Address.Value, AccessKind.Write, IsUser: true)));
    }

    private static SimulatedMachine<TFormat> Mapped()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_straddling, 0x100, LeafRights.UserReadWrite);
        return machine;
    }
}

public sealed class Ia32StepTests : StepTests<Ia32Format>;

public sealed class PaeStepTests : StepTests<PaeFormat>;

public sealed class FourLevelStepTests : StepTests<FourLevelFormat>;

public sealed class FiveLevelStepTests : StepTests<FiveLevelFormat>;

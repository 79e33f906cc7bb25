// An edit in steps, when between two of them other hands have put something else where its pages were; and edits that go on from one directory to the next.

using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class ChangedMeanwhileTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_half = SimulatedMachine<TFormat>.Pages(2 * s_span, s_span / 2);

    [Fact]
    public void A_large_page_of_which_the_rest_covers_a_part_is_passed_over_and_a_whole_one_is_edited()
    {
        foreach (bool isWhole in new[] { false, true })
        {
            SimulatedMachine<TFormat> machine = new();
            PageRange range = SimulatedMachine<TFormat>.Pages(2 * s_span, isWhole ? s_span : s_span / 2);
            machine.Map(range, 0x400, LeafRights.UserReadWrite);
            RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginSetRights(range, LeafRights.UserRead, out PagingError error);
            Assert.True(error.IsNone);
            Clear(machine, range);
            machine.Done(machine.Space.MapLarge(
                ref machine.Pool, ref machine.Account, SimulatedMachine<TFormat>.Pages(2 * s_span, s_span), new FrameNumber(4 * s_span), LeafRights.UserReadWrite, Tables<TFormat>.LargeSize));
            FlushObligation owed = edit.Step(int.MaxValue);
            Assert.True(edit.IsComplete);
            Assert.Equal(!isWhole, machine.Space.Translate(s_half.First.Address).Rights.IsWritable);
            Assert.Equal(isWhole, owed.Covers(s_half.First));
        }
    }

    [Fact]
    public void Tables_that_became_another_sets_are_passed_over()
    {
        foreach (int level in new[] { 0, 1 })
        {
            if (level >= FormatGeometry<TFormat>.RootLevel)
            {
                continue;
            }

            SimulatedMachine<TFormat> machine = new();
            PageRange range = SimulatedMachine<TFormat>.Pages((3 * s_span) - 2, 4);
            machine.Map(range, 0x400, LeafRights.UserReadWrite);
            AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
            TableAccount account = TableAccount.Unlimited;
            machine.Done(other.Map(ref machine.Pool, ref account, range, new FrameNumber(0x800), LeafRights.UserReadWrite));
            RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginSetRights(range, LeafRights.UserRead, out _);
            Clear(machine, range);
            machine.Done(machine.Space.ShareTable(ref machine.Pool, ref machine.Account, other, range.First, level));
            if (level == 0)
            {
                machine.Done(machine.Space.ShareTable(ref machine.Pool, ref machine.Account, other, SimulatedMachine<TFormat>.Pages(3 * s_span, 1).First, level));
            }

            byte[] before = machine.Snapshot();
            Assert.True(edit.Step(int.MaxValue).IsNone);
            Assert.True(edit.IsComplete);
            Assert.Equal(before, machine.Snapshot());
        }
    }

    [Fact]
    public void Behind_a_directory_that_became_another_sets_the_edit_goes_on()
    {
        if (FormatGeometry<TFormat>.RootLevel < 2)
        {
            return;
        }

        nuint boundary = TFormat.Level(2).EntrySpan.Value;
        PageRange range = SimulatedMachine<TFormat>.Pages(boundary - 2, 4);
        PageRange shared = SimulatedMachine<TFormat>.Pages(boundary - 2, 2);
        SimulatedMachine<TFormat> machine = new();
        machine.Map(range, 0x400, LeafRights.UserReadWrite);
        AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
        TableAccount account = TableAccount.Unlimited;
        machine.Done(other.Map(ref machine.Pool, ref account, shared, new FrameNumber(0x800), LeafRights.UserReadWrite));
        RangeEdit<TFormat, SimulatedTableMemory> edit = machine.Space.BeginSetRights(range, LeafRights.UserRead, out _);
        Clear(machine, shared);
        machine.Done(machine.Space.ShareTable(ref machine.Pool, ref machine.Account, other, shared.First, level: 1));
        FlushObligation owed = edit.Step(int.MaxValue);
        Assert.Equal(2, owed.PageTotal);
        Assert.True(owed.Covers(new PageNumber(boundary)));
        Assert.True(machine.Space.Translate(shared.First.Address).Rights.IsWritable);
        Assert.False(machine.Space.Translate(new PageNumber(boundary).Address).Rights.IsWritable);
    }

    [Fact]
    public void An_edit_goes_on_from_one_directory_to_the_next()
    {
        if (FormatGeometry<TFormat>.RootLevel < 2)
        {
            return;
        }

        nuint boundary = TFormat.Level(2).EntrySpan.Value;
        PageRange range = SimulatedMachine<TFormat>.Pages(boundary - 2, 4);
        SimulatedMachine<TFormat> machine = new();
        machine.Map(range, 0x400, LeafRights.UserReadWrite);
        machine.Done(machine.Space.SetRights(range, LeafRights.UserRead));
        for (PageNumber page = range.First; page < range.End; page += PageCount.One)
        {
            Translation translation = machine.Space.Translate(page.Address);
            Assert.Equal((0x400 + (page.Value - range.First.Value), false), (translation.Frame.Value, translation.Rights.IsWritable));
        }

        Assert.True(machine.Space.TryGetRun(range, out MappingRun run));
        Assert.Equal(range, run.Range);
        machine.Done(machine.Space.Unmap(SimulatedMachine<TFormat>.Pages(boundary, 1)));
        PagingError error = machine.Space.SetRights(range, LeafRights.UserReadWrite).Error;
        Assert.Equal((PagingErrorCode.NotMapped, boundary), (error.Code, error.Page.Value));
    }

    /// <summary>Unmaps the pages and takes out the tables that are empty then.</summary>
    private static void Clear(SimulatedMachine<TFormat> machine, PageRange range)
    {
        machine.Done(machine.Space.Unmap(range));
        SimulatedTranslationCache cache = new(machine.Cpu);
        TableRelease<TFormat, SimulatedTableMemory> release = machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages);
        while (release.Succeeded)
        {
            release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
            release = machine.Space.DetachEmptyTable(FormatGeometry<TFormat>.LowerPages);
        }
    }
}

public sealed class Ia32ChangedMeanwhileTests : ChangedMeanwhileTests<Ia32Format>;

public sealed class PaeChangedMeanwhileTests : ChangedMeanwhileTests<PaeFormat>;

public sealed class FourLevelChangedMeanwhileTests : ChangedMeanwhileTests<FourLevelFormat>;

public sealed class FiveLevelChangedMeanwhileTests : ChangedMeanwhileTests<FiveLevelFormat>;

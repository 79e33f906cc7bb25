// The difference of two states: applied there and back it leaves what edits of each page leave, flushes what they owe, and keeps what the page walker notes.

using System;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class RightsDifferenceTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int PageTotal = 12;
    private static readonly nuint s_first = SimulatedMachine<TFormat>.LeafTableSpan - 7;

    private static PageRange All => SimulatedMachine<TFormat>.Pages(s_first, PageTotal);

    // For each page: base rights, live rights in one state, live rights in the other; 6 for the base rights.
    [Fact]
    public void There_and_back_it_leaves_what_edits_leave_and_flushes_what_they_owe() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 6], Gen.Int[0, 6], Gen.Int[0, 3]).Array[PageTotal].Sample(
            pages =>
            {
                // Few kinds of difference, as domains have them: there is no room for all of them.
                (int Base, int One, int Other)[] states = [.. pages.Select(page => page.Item4 == 0 ? (page.Item1, page.Item2, page.Item3) : (0, page.Item4 == 1 ? 4 : 6, page.Item4 == 2 ? 4 : 6))];
                SimulatedMachine<TFormat> machine = new();
                for (int page = 0; page < PageTotal; page++)
                {
                    machine.Map(Page(page), 0x100 + (nuint)page, Rights.All[states[page].Base]);
                }

                RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
                Edit(machine, ref editor, state => state.One, states);
                if (!TryFill(ref editor, states, out RightsDifference<TFormat, SimulatedTableMemory> difference))
                {
                    return true;
                }

                ulong[] one = Entries(machine);
                for (int round = 0; round < 4; round++)
                {
                    // The processor notes what it did meanwhile.
                    Touch(machine);
                    ulong[] before = Entries(machine);
                    bool isBack = (round & 1) != 0;
                    int flushedBefore = machine.Cpu.FlushPageCount;
                    machine.ResetCounters();
                    editor.Apply(ref difference);
                    SimulatedTranslationCache cache = new(machine.Cpu);
                    bool isEverything = difference.FlushNarrowed(isBack ? 0 : 1, 0, ref cache);
                    int changed = 0;
                    int narrowed = 0;
                    for (int page = 0; page < PageTotal; page++)
                    {
                        ulong now = EntryOf(machine, page);
                        ulong wanted = LiveOf(before[page], isBack ? states[page].One : states[page].Other);
                        if (now != ((before[page] & ~EntryRights.LiveMask<TFormat>()) | wanted) || !HoldsNothingElse(machine, page))
                        {
                            return false;
                        }

                        ulong allowedBefore = before[page] ^ TFormat.ExecuteDisableBit;
                        changed += now != before[page] ? 1 : 0;
                        narrowed += (allowedBefore & ~(now ^ TFormat.ExecuteDisableBit)) != 0 ? 1 : 0;
                    }

                    bool isRight = changed == machine.EntriesWritten
                        && (nuint)changed == difference.EntryCount
                        && isEverything == narrowed > FlushObligation.WholeSetCrossoverPageCount
                        && machine.Cpu.FlushPageCount - flushedBefore == (isEverything ? 0 : narrowed);
                    if (!isRight)
                    {
                        return false;
                    }
                }

                return one.Length == PageTotal;
            },
            iter: 400);

    [Fact]
    public void With_what_else_is_to_be_flushed_the_crossover_decides()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(All, 0x100, LeafRights.SupervisorRead);
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        FlushObligation owed = default;
        editor.Set(All.First, All.First + new PageCount(5), LeafRights.UserReadWrite, ref owed);
        machine.Discharge(owed);
        RightsDifference<TFormat, SimulatedTableMemory> difference = default;
        Assert.True(TryFillWithBase(ref editor, 5, ref difference));
        SimulatedTranslationCache cache = new(machine.Cpu);
        editor.Apply(ref difference);
        Assert.False(difference.FlushNarrowed(1, FlushObligation.WholeSetCrossoverPageCount - 5, ref cache));
        editor.Apply(ref difference);
        Assert.False(difference.FlushNarrowed(0, FlushObligation.WholeSetCrossoverPageCount, ref cache));
        Assert.True(difference.FlushNarrowed(0, FlushObligation.WholeSetCrossoverPageCount + 1, ref cache));
        editor.Apply(ref difference);
        Assert.True(difference.FlushNarrowed(1, FlushObligation.WholeSetCrossoverPageCount - 4, ref cache));
    }

    [Fact]
    public void As_many_entries_as_there_is_room_for_and_not_one_more()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange many = SimulatedMachine<TFormat>.Pages(s_first, 140);
        machine.Map(many, 0x100, LeafRights.SupervisorRead);
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        RightsDifference<TFormat, SimulatedTableMemory> difference = default;
        foreach (int count in new[] { 111, 112, 113, 140 })
        {
            bool fits = TryFill(ref editor, many.First, count, LeafRights.UserReadWrite, ref difference);
            Assert.Equal(count <= RightsDifference<TFormat, SimulatedTableMemory>.StoreLimit, fits);
            if (!fits)
            {
                continue;
            }

            Assert.Equal((nuint)count, difference.EntryCount);
            foreach (bool isGranted in new[] { true, false })
            {
                editor.Apply(ref difference);
                SimulatedTranslationCache cache = new(machine.Cpu);
                _ = difference.FlushNarrowed(isGranted ? 1 : 0, 0, ref cache);
                for (nuint page = 0; page < many.Count.Value; page++)
                {
                    Assert.Equal(isGranted && page < (nuint)count, machine.Space.Translate((many.First + new PageCount(page)).Address).Rights.IsUser);
                }
            }
        }

        // Two stores an entry where both words change.
        bool takesTwo = TFormat.EntryWidth == EntryWidth.Bits64InTwoWords;
        Assert.True(TryFill(ref editor, many.First, 56, LeafRights.UserReadExecute, ref difference));
        Assert.Equal(!takesTwo, TryFill(ref editor, many.First, 57, LeafRights.UserReadExecute, ref difference));
    }

    [Fact]
    public void What_has_no_leaf_of_its_own_has_no_difference()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(All, 0x100, LeafRights.SupervisorRead);
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        RightsDifference<TFormat, SimulatedTableMemory> difference = default;
        Assert.False(TryFill(ref editor, All.First, PageTotal + 1, LeafRights.UserRead, ref difference));
        Assert.False(TryFill(ref editor, new PageNumber(3 * SimulatedMachine<TFormat>.LeafTableSpan), 1, LeafRights.UserRead, ref difference));
        Assert.True(TryFill(ref editor, All.First, PageTotal, LeafRights.UserRead, ref difference));
    }

    private static PageRange Page(int page) => SimulatedMachine<TFormat>.Pages(s_first + (nuint)page, 1);

    private static LeafRights? RightsOf(int state) => state == Rights.All.Length ? null : Rights.All[state];

    private static ulong LiveOf(ulong entry, int state) => EntryRights.Live<TFormat>(RightsOf(state) ?? EntryRights.DecodeBase(entry));

    private static void Edit(
        SimulatedMachine<TFormat> machine, ref RightsEditor<TFormat, SimulatedTableMemory> editor, Func<(int Base, int One, int Other), int> choose, (int Base, int One, int Other)[] states)
    {
        FlushObligation owed = default;
        for (int page = 0; page < PageTotal; page++)
        {
            if (RightsOf(choose(states[page])) is { } rights)
            {
                editor.Set(Page(page).First, Page(page).End, rights, ref owed);
            }
        }

        machine.Discharge(owed);
    }

    private static bool TryFill(
        ref RightsEditor<TFormat, SimulatedTableMemory> editor, (int Base, int One, int Other)[] states, out RightsDifference<TFormat, SimulatedTableMemory> difference)
    {
        difference = default;
        difference.Begin(side: 1);
        for (int pass = 0; pass < 2; pass++)
        {
            for (int page = 0; page < PageTotal; page++)
            {
                if (!difference.TryNote(ref editor, Page(page).First, Page(page).End, RightsOf(states[page].Other)))
                {
                    return false;
                }
            }

            if (pass == 0 && !difference.TryLayOut())
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryFill(
        ref RightsEditor<TFormat, SimulatedTableMemory> editor, PageNumber first, int count, LeafRights? rights, ref RightsDifference<TFormat, SimulatedTableMemory> difference)
    {
        PageNumber end = first + new PageCount((nuint)count);
        difference.Begin(side: 1);
        return difference.TryNote(ref editor, first, end, rights) && difference.TryLayOut() && difference.TryNote(ref editor, first, end, rights);
    }

    private static bool TryFillWithBase(ref RightsEditor<TFormat, SimulatedTableMemory> editor, int count, ref RightsDifference<TFormat, SimulatedTableMemory> difference) =>
        TryFill(ref editor, All.First, count, rights: null, ref difference);

    private static ulong EntryOf(SimulatedMachine<TFormat> machine, int page) => machine.Space.Translate(Page(page).First.Address).Entry;

    private static ulong[] Entries(SimulatedMachine<TFormat> machine) => [.. Enumerable.Range(0, PageTotal).Select(page => EntryOf(machine, page))];

    private static void Touch(SimulatedMachine<TFormat> machine)
    {
        for (int page = 0; page < PageTotal; page += 2)
        {
            _ = machine.Strict.Access(new MemoryAccess(Page(page).First.Address.Value, page % 4 == 0 ? AccessKind.Read : AccessKind.Write, IsUser: true));
        }
    }

    // Whatever the processor may still hold of a page gives no more than its entry does.
    private static bool HoldsNothingElse(SimulatedMachine<TFormat> machine, int page) =>
        Rights.Accesses().All(access => HoldsNothingElse(machine, page, access.Kind, isUser: true) && HoldsNothingElse(machine, page, access.Kind, isUser: false));

    private static bool HoldsNothingElse(SimulatedMachine<TFormat> machine, int page, AccessKind kind, bool isUser)
    {
        MemoryAccess attempt = new(Page(page).First.Address.Value, kind, isUser);
        return machine.Strict.Access(attempt).Succeeded || !machine.Cpu.MaySucceed(attempt);
    }
}

public sealed class Ia32RightsDifferenceTests : RightsDifferenceTests<Ia32Format>;

public sealed class PaeRightsDifferenceTests : RightsDifferenceTests<PaeFormat>;

public sealed class FourLevelRightsDifferenceTests : RightsDifferenceTests<FourLevelFormat>;

public sealed class FiveLevelRightsDifferenceTests : RightsDifferenceTests<FiveLevelFormat>;

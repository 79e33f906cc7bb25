// The short way of a switch: it says yes exactly where one store of a word does the edit, and leaves the rest to the long way.

using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class SingleStoreTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_table = SimulatedMachine<TFormat>.Pages(2 * s_span, s_span);

    [Fact]
    public void Every_change_of_rights_is_made_at_once_unless_it_takes_both_words_of_an_entry()
    {
        foreach (LeafRights before in Rights.All)
        {
            foreach (LeafRights after in Rights.All)
            {
                AssertEdited(before, after, isReset: false);
                AssertEdited(before, after, isReset: true);
            }
        }
    }

    [Fact]
    public void What_lies_outside_the_table_used_last_is_left_to_the_long_way()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(s_table.First.Value - 1, s_span + 2), 0x100, LeafRights.UserRead);
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        FlushObligation owed = FlushObligation.None;
        nuint first = s_table.First.Value;
        nuint end = s_table.End.Value;
        Assert.False(editor.TrySet(first, first + 1, LeafRights.UserReadWrite, ref owed));
        Assert.False(editor.TryReset(first, first + 1, ref owed));
        editor.Set(s_table.First, s_table.First + PageCount.One, LeafRights.UserReadWrite, ref owed);
        machine.ResetCounters();
        foreach ((nuint from, nuint to) in new[] { (first - 1, first), (first - 1, first + 1), (end - 1, end + 1), (end, end + 1), (first, first), (first + 2, first + 1) })
        {
            Assert.False(editor.TrySet(from, to, LeafRights.UserReadWrite, ref owed));
            Assert.False(editor.TryReset(from, to, ref owed));
        }

        Assert.Equal(0, machine.StoreCount);
        Assert.True(editor.TrySet(first, end, LeafRights.UserReadWrite, ref owed));
        Assert.Equal((int)s_span - 1, machine.EntriesWritten);
        Assert.True(owed.IsNone);
        Assert.True(editor.TryReset(end - 1, end, ref owed));
        Assert.Equal(1, owed.PageTotal);
        Assert.True(owed.Covers(new PageNumber(end - 1)));
    }

    private static void AssertEdited(LeafRights before, LeafRights after, bool isReset)
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange pages = SimulatedMachine<TFormat>.Pages(s_table.First.Value + 3, 2);
        machine.Map(pages, 0x100, isReset ? after : before);
        machine.Done(machine.Space.SetRights(pages, before));
        RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
        FlushObligation owed = FlushObligation.None;
        editor.Set(pages.First, pages.End, before, ref owed);
        Assert.True(owed.IsNone);
        machine.ResetCounters();
        bool isDone = isReset
            ? editor.TryReset(pages.First.Value, pages.End.Value, ref owed)
            : editor.TrySet(pages.First.Value, pages.End.Value, after, ref owed);
        ulong difference = EntryRights.Live<TFormat>(before) ^ EntryRights.Live<TFormat>(after);
        bool isSplit = TFormat.EntryWidth == EntryWidth.Bits64InTwoWords && (difference & EntryBits.ExecuteDisable) != 0;
        Assert.Equal(!isSplit, isDone);
        Assert.Equal(isSplit || difference == 0 ? 0 : 2, machine.StoreCount);
        LeafRights found = machine.Space.Translate(pages.First.Address).Rights;
        Assert.Equal(EntryRights.Live<TFormat>(isSplit ? before : after), EntryRights.Live<TFormat>(found));
        Assert.Equal(isSplit ? 0 : Narrows(before, after) ? 2 : 0, owed.PageTotal);
    }

    private static bool Narrows(LeafRights before, LeafRights after) =>
        (before.IsUser && !after.IsUser)
        || (before.IsWritable && !after.IsWritable)
        || (FormatGeometry<TFormat>.HasExecuteDisable && before.IsExecutable && !after.IsExecutable);
}

public sealed class Ia32SingleStoreTests : SingleStoreTests<Ia32Format>;

public sealed class PaeSingleStoreTests : SingleStoreTests<PaeFormat>;

public sealed class FourLevelSingleStoreTests : SingleStoreTests<FourLevelFormat>;

public sealed class FiveLevelSingleStoreTests : SingleStoreTests<FiveLevelFormat>;

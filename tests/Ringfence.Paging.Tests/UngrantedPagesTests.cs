// Pages granted and taken back without a look at their entries: only those that a look beforehand found alike, and exactly that is added and taken.

using System.Linq;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class UngrantedPagesTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly nuint s_first = s_span - 9;
    private readonly SimulatedMachine<TFormat> _machine = new();
    private RightsEditor<TFormat, SimulatedTableMemory> _editor;

    protected UngrantedPagesTests() => _editor = new RightsEditor<TFormat, SimulatedTableMemory>(_machine.Space);

    [Fact]
    public void What_is_granted_is_taken_back_in_one_store_a_page()
    {
        _machine.Map(Pages(0, 9), 0x100, LeafRights.SupervisorRead);
        byte[] before = _machine.Snapshot();
        _machine.ResetCounters();
        Assert.True(Try(2, 3, out nuint entry));
        Assert.Equal(0, _machine.StoreCount);
        for (int page = 2; page < 5; page++)
        {
            AssertGranted(2, page - 2);
            _editor.Grant(EntryOf(entry, page - 2));
        }

        AssertGranted(2, 3);
        Assert.Equal(3, _machine.StoreCount);

        // What is granted isn't found again.
        Assert.False(Try(4, 2, out nuint none));
        Assert.Equal((nuint)0, none);
        for (int page = 2; page < 5; page++)
        {
            _editor.TakeBack(EntryOf(entry, page - 2));
        }

        _machine.Discharge(FlushObligation.ForPages(Pages(2, 3)));
        AssertGranted(0, 0);
        Assert.Equal(6, _machine.StoreCount);
        Assert.Equal(before, _machine.Snapshot());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Only_pages_that_the_supervisor_reads_and_nobody_else_are_found(int baseRights)
    {
        // Where execution can't be withheld, rights to read and to execute are the same.
        bool isRead = Rights.All[baseRights] == LeafRights.SupervisorRead
            || (Rights.All[baseRights] == LeafRights.SupervisorReadExecute && !FormatGeometry<TFormat>.HasExecuteDisable);
        _machine.Map(Pages(0, 2), 0x100, LeafRights.SupervisorRead);
        _machine.Map(Pages(2, 1), 0x102, Rights.All[baseRights]);
        Assert.True(Try(0, 2, out _));
        Assert.Equal(isRead, Try(0, 3, out _));
        Assert.Equal(isRead, Try(2, 1, out _));
        Assert.False(Try(2, 2, out _));
        Assert.False(Try(5, 1, out _));
    }

    [Fact]
    public void They_lie_in_one_table()
    {
        _machine.Map(Pages(0, 12), 0x100, LeafRights.SupervisorRead);
        foreach (int page in new[] { 7, 9, 0, 11, 8 })
        {
            Assert.True(Try(page, 1, out nuint entry));
            AssertIsEntryOf(page, entry);
        }

        Assert.True(Try(7, 2, out _));
        Assert.False(Try(7, 3, out _));
        Assert.False(Try(8, 2, out _));
        Assert.False(Try(7, 0, out _));
        Assert.True(Try(9, 3, out _));
        Assert.False(_editor.TryFindUngranted(s_first + (3 * s_span), s_first + (3 * s_span) + 1, out _));
    }

    private static PageRange Pages(int first, int count) => SimulatedMachine<TFormat>.Pages(s_first + (nuint)first, (nuint)count);

    private static nuint EntryOf(nuint first, int page) =>
        Enumerable.Range(0, page).Aggregate(first, (entry, _) => RightsEditor<TFormat, SimulatedTableMemory>.EntryAfter(entry));

    private void AssertIsEntryOf(int page, nuint entry)
    {
        _editor.Grant(entry);
        Assert.All(Enumerable.Range(0, 12), other => Assert.Equal(other == page, Entry(other).Rights.IsUser));
        _editor.TakeBack(entry);
        _machine.Discharge(FlushObligation.ForPages(Pages(page, 1)));
    }

    private bool Try(int first, int count, out nuint entry) => _editor.TryFindUngranted(s_first + (nuint)first, s_first + (nuint)(first + count), out entry);

    private Translation Entry(int page) => _machine.Space.Translate(Pages(page, 1).First.Address);

    private void AssertGranted(int first, int count)
    {
        for (int page = 0; page < 9; page++)
        {
            bool isGranted = page >= first && page < first + count;
            Assert.Equal((isGranted, isGranted), (Entry(page).Rights.IsUser, Entry(page).Rights.IsWritable));
            Assert.Equal(isGranted, _machine.Cpu.MaySucceed(new MemoryAccess(Pages(page, 1).First.Address.Value, AccessKind.Write, IsUser: true)));
        }
    }
}

public sealed class Ia32UngrantedPagesTests : UngrantedPagesTests<Ia32Format>;

public sealed class PaeUngrantedPagesTests : UngrantedPagesTests<PaeFormat>;

public sealed class FourLevelUngrantedPagesTests : UngrantedPagesTests<FourLevelFormat>;

public sealed class FiveLevelUngrantedPagesTests : UngrantedPagesTests<FiveLevelFormat>;

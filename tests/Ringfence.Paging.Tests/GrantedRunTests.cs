// Pages granted and taken back without a look at them: only where all gain the same, and where they do, exactly that.

using System.Linq;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class GrantedRunTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly nuint s_first = s_span - 9;
    private readonly SimulatedMachine<TFormat> _machine = new();
    private RightsEditor<TFormat, SimulatedTableMemory> _editor;

    protected GrantedRunTests() => _editor = new RightsEditor<TFormat, SimulatedTableMemory>(_machine.Space);

    [Fact]
    public void What_is_granted_is_taken_back_and_granted_again_elsewhere_in_one_store_a_page()
    {
        _machine.Map(Pages(0, 9), 0x100, LeafRights.SupervisorRead);
        Reach(0);
        _machine.ResetCounters();
        Assert.True(Try(0, 3, out GrantedRun run));
        Assert.Equal((3, (nuint)3), (_machine.StoreCount, run.Count));
        AssertGranted(0, 3);
        _editor.TakeBack(in run);
        Flush(0, 3);
        AssertGranted(0, 0);
        Assert.True(TryAgain(ref run, 6));
        AssertGranted(6, 3);
        _editor.TakeBack(in run);
        Flush(6, 3);
        AssertGranted(0, 0);
        Assert.Equal(12, _machine.StoreCount);
    }

    // Base rights and how often TryGrant stores before it finds that this is not for it.
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    public void Only_what_gains_rights_and_loses_none_is_granted(int baseRights, bool isGranted)
    {
        // Where execution can't be withheld, it isn't lost.
        isGranted |= baseRights is 2 or 5 && !FormatGeometry<TFormat>.HasExecuteDisable;
        _machine.Map(Pages(0, 2), 0x100, Rights.All[baseRights]);
        Reach(0);
        byte[] before = _machine.Snapshot();
        Assert.Equal(isGranted, Try(0, 2, out GrantedRun run));
        Assert.Equal(isGranted ? (nuint)2 : 0, run.Count);
        if (isGranted)
        {
            Assert.All(Enumerable.Range(0, 2), page => Assert.True(Entry(page).Rights == LeafRights.UserReadWrite));
            _editor.TakeBack(in run);
        }

        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public void Pages_that_differ_are_no_run()
    {
        _machine.Map(Pages(0, 2), 0x100, LeafRights.SupervisorRead);
        _machine.Map(Pages(2, 1), 0x102, LeafRights.SupervisorReadWrite);
        _machine.Map(Pages(3, 1), 0x103, LeafRights.SupervisorReadExecute);
        _machine.Map(Pages(4, 1), 0x104, LeafRights.UserRead);

        // Page 5 isn't mapped.
        _machine.Map(Pages(6, 3), 0x106, LeafRights.SupervisorRead);
        Reach(0);
        Assert.False(Try(1, 2, out GrantedRun none));
        Assert.Equal((nuint)0, none.Count);
        Assert.False(Try(5, 1, out _));
        Assert.False(Try(6, 4, out _));
        Assert.False(Try(7, 0, out _));
        foreach (int page in new[] { 2, 4, 5, 8 })
        {
            Assert.True(Try(6, 1, out GrantedRun run));
            _editor.TakeBack(in run);
            Flush(6, 1);
            Assert.Equal(page == 8, TryAgain(ref run, page));
            Assert.Equal(page == 8 ? 1 : (nuint)0, run.Count);
        }

        Assert.True(Try(6, 1, out GrantedRun last));
        _editor.TakeBack(in last);
        Flush(6, 1);
        bool isAlike = !FormatGeometry<TFormat>.HasExecuteDisable;
        Assert.Equal(isAlike, TryAgain(ref last, 3));
    }

    [Fact]
    public void The_table_used_last_ends_the_reach()
    {
        _machine.Map(Pages(0, 12), 0x100, LeafRights.SupervisorRead);
        Assert.False(Try(0, 1, out _));
        Reach(0);
        Assert.True(Try(7, 2, out GrantedRun two));
        Assert.True(_editor.IsInReach(two.Reach, 0, out nuint index));
        Assert.Equal((nuint)0, index);
        Assert.True(_editor.IsInReach(two.Reach, s_span - 2, out index));
        Assert.Equal(s_span - 2, index);
        Assert.False(_editor.IsInReach(two.Reach, s_span - 1, out _));
        Assert.False(_editor.IsInReach(two.Reach, s_span, out _));
        _editor.TakeBack(in two);
        Flush(7, 2);
        Assert.False(Try(8, 2, out _));
        Reach(9);
        Assert.False(Try(8, 1, out _));
        Assert.True(Try(9, 3, out GrantedRun three));
        Assert.False(_editor.IsInReach(three.Reach, s_span - 1, out _));
        Assert.True(_editor.IsInReach(three.Reach, s_span, out index));
        Assert.Equal((nuint)0, index);
    }

    private static PageRange Pages(int first, int count) => SimulatedMachine<TFormat>.Pages(s_first + (nuint)first, (nuint)count);

    private bool Try(int first, int count, out GrantedRun run) =>
        _editor.TryGrant(s_first + (nuint)first, s_first + (nuint)(first + count), LeafRights.UserReadWrite, out run);

    private bool TryAgain(ref GrantedRun run, int page) =>
        _editor.IsInReach(run.Reach, s_first + (nuint)page, out nuint index) && _editor.TryGrantAgain(ref run, index, LeafRights.UserReadWrite);

    private Translation Entry(int page) => _machine.Space.Translate(Pages(page, 1).First.Address);

    private void Reach(int page)
    {
        FlushObligation owed = default;
        _editor.Reset(Pages(page, 1).First, Pages(page, 1).End, ref owed);
        _machine.Discharge(owed);
    }

    private void Flush(int first, int count) => _machine.Discharge(FlushObligation.ForPages(Pages(first, count)));

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

public sealed class Ia32GrantedRunTests : GrantedRunTests<Ia32Format>;

public sealed class PaeGrantedRunTests : GrantedRunTests<PaeFormat>;

public sealed class FourLevelGrantedRunTests : GrantedRunTests<FourLevelFormat>;

public sealed class FiveLevelGrantedRunTests : GrantedRunTests<FiveLevelFormat>;

// Leaves that appear in a set and disappear from it: what a set of user mode is edited with.

using System;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class MappingEditorTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_straddling = SimulatedMachine<TFormat>.Pages(s_span - 3, 6);
    private static readonly PageRange s_top = SimulatedMachine<TFormat>.Pages(SimulatedMachine<TFormat>.LastPage.Value - 2, 3);

    private readonly SimulatedMachine<TFormat> _machine = new();
    private readonly AddressSpace<TFormat, SimulatedTableMemory> _target;
    private readonly MappingEditor<TFormat, SimulatedTableMemory> _editor;

    protected MappingEditorTests()
    {
        _machine.Map(s_straddling, 0x300, LeafRights.SupervisorRead);
        _machine.Map(s_top, 0x310, LeafRights.SupervisorReadWrite);
        TableAccount account = TableAccount.Unlimited;
        PagingError error = _machine.Space.CreateCopy(ref _machine.Pool, ref account, default(NoLeaf), new PhysicalAddress(0x7000), out _target);
        Assert.True(error.IsNone);
        _editor = new MappingEditor<TFormat, SimulatedTableMemory>(_machine.Space, _target);
        _machine.Cpu.LoadCr3(_target.Root.Value);
    }

    [Fact]
    public void What_is_shown_has_the_sources_frame_and_base_rights_and_the_rights_asked_for_and_owes_nothing()
    {
        foreach (PageRange pages in new[] { s_straddling, s_top })
        {
            foreach (LeafRights rights in Rights.All)
            {
                Assert.True(Shown(pages, rights).IsNone);
                for (PageNumber page = pages.First; page < pages.End; page += PageCount.One)
                {
                    Translation source = _machine.Space.Translate(page.Address);
                    Translation found = _target.Translate(page.Address);
                    Assert.Equal((source.Frame, source.BaseRights), (found.Frame, found.BaseRights));
                    Assert.Equal(EntryRights.Live<TFormat>(rights), found.Entry & EntryRights.LiveMask<TFormat>());
                }

                Assert.Equal(Math.Min((int)pages.Count.Value, FlushObligation.WholeSetCrossoverPageCount), Hidden(pages).PageTotal);
                Assert.All([pages.First, LastOf(pages)], page => Assert.Equal(0ul, _target.Translate(page.Address).Entry));
            }
        }
    }

    [Fact]
    public void What_the_source_lets_user_mode_reach_can_be_shown_to_the_supervisor_alone()
    {
        PageRange page = SimulatedMachine<TFormat>.Pages(s_straddling.First.Value - 1, 1);
        _machine.Map(page, 0x2FF, LeafRights.UserReadWrite);
        foreach (LeafRights rights in Rights.All)
        {
            Shown(page, rights);
            Assert.Equal(EntryRights.Live<TFormat>(rights), _target.Translate(page.First.Address).Entry & EntryRights.LiveMask<TFormat>());
        }
    }

    [Fact]
    public void Only_the_pages_of_the_range_appear_and_disappear()
    {
        Shown(SimulatedMachine<TFormat>.Pages(s_span - 1, 2), LeafRights.UserRead);
        Assert.False(_target.Translate(new PageNumber(s_span - 2).Address).IsMapped);
        Assert.False(_target.Translate(new PageNumber(s_span + 1).Address).IsMapped);
        Shown(s_straddling, LeafRights.UserRead);
        Hidden(SimulatedMachine<TFormat>.Pages(s_span - 1, 2));
        Assert.True(_target.Translate(new PageNumber(s_span - 2).Address).IsMapped);
        Assert.True(_target.Translate(new PageNumber(s_span + 1).Address).IsMapped);
        Assert.False(_target.Translate(new PageNumber(s_span).Address).IsMapped);
        Shown(s_top, LeafRights.UserReadWrite);
        Assert.True(_machine.Cpu.MustSucceedWithRetry(new MemoryAccess(SimulatedMachine<TFormat>.LastPage.Address.Value, AccessKind.Write, IsUser: true)));
    }

    [Fact]
    public void What_disappears_is_out_of_every_schedules_reach_once_the_flush_is_done_and_not_before()
    {
        MemoryAccess access = new(s_straddling.First.Address.Value, AccessKind.Write, IsUser: true);
        Shown(s_straddling, LeafRights.UserReadWrite);
        FlushObligation owed = default;
        _editor.Hide(s_straddling.First, s_straddling.End, ref owed);
        Assert.True(_machine.Cpu.MaySucceed(access));
        _machine.Discharge(owed);
        Assert.False(_machine.Cpu.MaySucceed(access));

        // Once more: nothing is there, and nothing is owed.
        Assert.True(Hidden(s_straddling).IsNone);
    }

    [Fact]
    public void A_page_that_is_shown_again_with_other_rights_owes_its_flush()
    {
        Shown(s_straddling, LeafRights.UserReadWrite);
        FlushObligation owed = default;
        _editor.Show(s_straddling.First, s_straddling.First + PageCount.One, LeafRights.UserRead, ref owed);
        Assert.Equal((1, s_straddling.First), (owed.PageTotal, owed.Page(0)));
        MemoryAccess write = new(s_straddling.First.Address.Value, AccessKind.Write, IsUser: true);
        Assert.True(_machine.Cpu.MaySucceed(write));
        _machine.Discharge(owed);
        Assert.False(_machine.Cpu.MaySucceed(write));
    }

    [Fact]
    public void What_the_processor_noted_in_the_source_is_not_taken_over()
    {
        _machine.Cpu.LoadCr3(_machine.Space.Root.Value);
        Assert.True(_machine.Strict.LoadCr3(_machine.Space.Root.Value));
        Assert.True(_machine.Strict.Access(new MemoryAccess(s_top.First.Address.Value, AccessKind.Write, IsUser: false)).Succeeded);
        Assert.NotEqual(0ul, _machine.Space.Translate(s_top.First.Address).Entry & Tables<TFormat>.AccessedAndDirty);
        Shown(s_top, LeafRights.UserRead);
        Assert.Equal(0ul, _target.Translate(s_top.First.Address).Entry & Tables<TFormat>.AccessedAndDirty);
    }

    [Fact]
    public void What_the_source_does_not_map_and_where_there_is_no_table_is_passed_over()
    {
        // Two pages more than are mapped, in a table that is there; then pages in no table; then tables of the source's that the target has not.
        PageRange wider = PageRange.FromFirstToEnd(s_straddling.First, s_straddling.End + new PageCount(2));
        Shown(wider, LeafRights.UserRead);
        Assert.True(_target.Translate(LastOf(s_straddling).Address).IsMapped);
        Assert.False(_target.Translate(s_straddling.End.Address).IsMapped);
        PageRange nowhere = SimulatedMachine<TFormat>.Pages((5 * s_span) - 1, 2);
        byte[] before = _machine.Snapshot();
        Assert.True(Shown(nowhere, LeafRights.UserRead).IsNone);
        Assert.True(Hidden(nowhere).IsNone);
        Assert.Equal(before, _machine.Snapshot());
        _machine.Map(nowhere, 0x320, LeafRights.SupervisorRead);
        before = _machine.Snapshot();
        Assert.True(Shown(nowhere, LeafRights.UserRead).IsNone);
        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public void Large_pages_and_shared_tables_are_passed_over()
    {
        Tables<TFormat>.MapLarge(_machine, LeafRights.SupervisorRead);
        byte[] before = _machine.Snapshot();
        Assert.True(Shown(SimulatedMachine<TFormat>.Pages(Tables<TFormat>.LargePage.First.Value, 2), LeafRights.UserRead).IsNone);
        Assert.Equal(before, _machine.Snapshot());

        AddressSpace<TFormat, SimulatedTableMemory> sharer = Tables<TFormat>.NewSet(_machine);
        TableAccount account = TableAccount.Unlimited;
        _machine.Done(sharer.ShareTable(ref _machine.Pool, ref account, _machine.Space, s_straddling.First, level: 0));
        before = _machine.Snapshot();
        MappingEditor<TFormat, SimulatedTableMemory> editor = new(_machine.Space, sharer);
        FlushObligation owed = default;
        editor.Show(s_straddling.First, s_straddling.First + PageCount.One, LeafRights.UserRead, ref owed);
        editor.Hide(s_straddling.First, s_straddling.First + PageCount.One, ref owed);
        Assert.True(owed.IsNone);
        Assert.Equal(before, _machine.Snapshot());
    }

    private static PageNumber LastOf(PageRange pages) => new(pages.End.Value - 1);

    private FlushObligation Shown(PageRange pages, LeafRights rights)
    {
        FlushObligation owed = default;
        _editor.Show(pages.First, pages.End, rights, ref owed);
        _machine.Discharge(owed);
        return owed;
    }

    private FlushObligation Hidden(PageRange pages)
    {
        FlushObligation owed = default;
        _editor.Hide(pages.First, pages.End, ref owed);
        _machine.Discharge(owed);
        return owed;
    }

    private readonly struct NoLeaf : ILeafFilter
    {
        public static bool KeepsAll => false;

        public bool Keeps(PageNumber page, LeafRights rights) => false;

        public bool KeepsTable(PageRange pages) => true;
    }
}

public sealed class Ia32MappingEditorTests : MappingEditorTests<Ia32Format>;

public sealed class PaeMappingEditorTests : MappingEditorTests<PaeFormat>;

public sealed class FourLevelMappingEditorTests : MappingEditorTests<FourLevelFormat>;

public sealed class FiveLevelMappingEditorTests : MappingEditorTests<FiveLevelFormat>;

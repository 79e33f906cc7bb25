// An entry whose P is 0 is absent, whatever else it holds, to every operation that meets one.

using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class AbsentEntryTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const nuint FirstFrame = 0x100;
    private static readonly PageRange s_pages = SimulatedMachine<TFormat>.Pages(SimulatedMachine<TFormat>.LeafTableSpan + 4, 3);
    private static readonly PageNumber s_absent = s_pages.First + PageCount.One;

    [Fact]
    public void The_editor_of_a_switch_passes_over_it_and_owes_nothing_for_it()
    {
        SimulatedMachine<TFormat> machine = WithAbsentEntry(out ulong entry, out ulong bits);
        foreach (LeafRights rights in Rights.All)
        {
            RightsEditor<TFormat, SimulatedTableMemory> editor = new(machine.Space);
            FlushObligation owed = FlushObligation.None;
            editor.Set(s_pages.First, s_pages.End, rights, ref owed);
            editor.Reset(s_pages.First, s_pages.End, ref owed);
            Assert.False(owed.Covers(s_absent));
            Assert.False(editor.TrySet(s_absent.Value, s_absent.Value + 1, rights, ref owed));
            Assert.False(editor.TryReset(s_absent.Value, s_absent.Value + 1, ref owed));
            Assert.False(owed.Covers(s_absent));
            Assert.Equal(bits, Read(machine, entry));
        }
    }

    [Fact]
    public void An_edit_that_was_begun_passes_over_it_and_owes_nothing_for_it()
    {
        foreach (EditTerms terms in new[] { default, new EditTerms(holdsOnlyAccessed: true), new EditTerms(spuriousFaultsAreFatal: true) })
        {
            for (int kind = 0; kind < 4; kind++)
            {
                SimulatedMachine<TFormat> machine = new();
                machine.Map(s_pages, FirstFrame, LeafRights.UserReadWrite);
                machine.Done(machine.Space.SetRights(s_pages, LeafRights.UserReadExecute));
                RangeEdit<TFormat, SimulatedTableMemory> edit = kind switch
                {
                    0 => machine.Space.BeginSetRights(s_pages, LeafRights.SupervisorRead, out _, terms),
                    1 => machine.Space.BeginResetRights(s_pages, out _, terms),
                    2 => machine.Space.BeginSetBaseRights(s_pages, LeafRights.SupervisorRead, out _, terms),
                    _ => machine.Space.BeginUnmap(s_pages, out _, terms),
                };
                ulong entry = MakeAbsent(machine, out ulong bits);
                FlushObligation owed = edit.Step(int.MaxValue);
                Assert.True(edit.IsComplete);
                Assert.False(owed.Covers(s_absent));
                Assert.Equal(bits, Read(machine, entry));
            }
        }
    }

    [Fact]
    public void It_is_not_mapped_and_can_be_mapped()
    {
        SimulatedMachine<TFormat> machine = WithAbsentEntry(out _, out _);
        Assert.False(machine.Space.Translate(s_absent.Address).IsMapped);
        Assert.Equal((PagingErrorCode.NotMapped, s_absent), Blame(machine.Space.SetRights(s_pages, LeafRights.UserRead)));
        Assert.Equal((PagingErrorCode.NotMapped, s_absent), Blame(machine.Space.Unmap(s_pages)));
        AccessDecision decision = machine.Space.EffectiveRights(s_absent.Address, Access.Read, Privilege.Supervisor, new ProcessorControls(writeProtect: true, noExecuteEnable: true));
        Assert.Equal((DenyingBit.Present, 0), (decision.Bit, decision.Level));
        Assert.True(machine.Space.TryGetRun(PageRange.OnePage(s_absent), out MappingRun run));
        Assert.False(run.IsMapped);
        machine.Map(PageRange.OnePage(s_absent), 0x777, LeafRights.UserRead);
        Assert.Equal((nuint)0x777, machine.Space.Translate(s_absent.Address).Frame.Value);
    }

    [Fact]
    public void An_absent_link_leads_nowhere_and_gets_a_table_when_one_is_needed()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, FirstFrame, LeafRights.UserRead);
        PageNumber beside = new(s_pages.First.Value + SimulatedMachine<TFormat>.LeafTableSpan);
        ulong table = machine.Space.Root.Value;
        for (int above = FormatGeometry<TFormat>.RootLevel; above > 1; above--)
        {
            table = machine.Memory.Read32(table + ((ulong)TFormat.Level(above).IndexOf(beside).Value * (ulong)FormatGeometry<TFormat>.EntryByteCount)) & 0xFFFF_F000;
        }

        ulong link = table + ((ulong)TFormat.Level(1).IndexOf(beside).Value * (ulong)FormatGeometry<TFormat>.EntryByteCount);
        machine.Memory.Write32(link, 0x7FFF_FF7E);
        Assert.Equal((false, 1), (machine.Space.Translate(beside.Address).IsMapped, machine.Space.Translate(beside.Address).MissingLevel));
        nuint inUse = machine.Account.InUse.Value;
        machine.Map(PageRange.OnePage(beside), 0x777, LeafRights.UserRead);
        Assert.Equal((inUse + 1, (nuint)0x777), (machine.Account.InUse.Value, machine.Space.Translate(beside.Address).Frame.Value));
    }

    [Fact]
    public void A_mapping_replaces_what_was_left_in_either_word_and_stores_no_word_that_is_right()
    {
        bool isSplit = TFormat.EntryWidth == EntryWidth.Bits64InTwoWords;
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, FirstFrame, LeafRights.UserReadExecute);
        ulong entry = Tables<TFormat>.LeafAddress(machine, machine.Space, s_absent);
        ulong mapped = Read(machine, entry);
        machine.Done(machine.Space.Unmap(PageRange.OnePage(s_absent)));
        Assert.Equal(0ul, Read(machine, entry));
        machine.ResetCounters();
        machine.Map(PageRange.OnePage(s_absent), FirstFrame + 1, LeafRights.UserReadExecute);
        Assert.Equal((1, mapped), (machine.StoreCount, Read(machine, entry)));
        if (isSplit)
        {
            machine.Done(machine.Space.Unmap(PageRange.OnePage(s_absent)));
            machine.Memory.Write32(entry + 4, 0x8000_0001);
            machine.Map(PageRange.OnePage(s_absent), FirstFrame + 1, LeafRights.UserReadExecute);
            Assert.Equal(mapped, Read(machine, entry));
        }
    }

    private static (PagingErrorCode, PageNumber) Blame(EditResult result) => (result.Error.Code, result.Error.Page);

    private static SimulatedMachine<TFormat> WithAbsentEntry(out ulong entry, out ulong bits)
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_pages, FirstFrame, LeafRights.UserReadWrite);
        entry = MakeAbsent(machine, out bits);
        return machine;
    }

    /// <summary>Sets every bit of the entry but P.</summary>
    private static ulong MakeAbsent(SimulatedMachine<TFormat> machine, out ulong bits)
    {
        ulong entry = Tables<TFormat>.LeafAddress(machine, machine.Space, s_absent);
        bits = FormatGeometry<TFormat>.EntryByteCount == 4 ? uint.MaxValue - 1 : ulong.MaxValue - 1;
        machine.Memory.Write32(entry, (uint)bits);
        if (FormatGeometry<TFormat>.EntryByteCount == 8)
        {
            machine.Memory.Write32(entry + 4, (uint)(bits >> 32));
        }

        return entry;
    }

    private static ulong Read(SimulatedMachine<TFormat> machine, ulong entry) =>
        FormatGeometry<TFormat>.EntryByteCount == 4 ? machine.Memory.Read32(entry) : machine.Memory.Read64(entry);
}

public sealed class Ia32AbsentEntryTests : AbsentEntryTests<Ia32Format>;

public sealed class PaeAbsentEntryTests : AbsentEntryTests<PaeFormat>;

public sealed class FourLevelAbsentEntryTests : AbsentEntryTests<FourLevelFormat>;

public sealed class FiveLevelAbsentEntryTests : AbsentEntryTests<FiveLevelFormat>;

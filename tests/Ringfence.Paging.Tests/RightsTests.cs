// Edits of rights: what changes, what must not, what is owed, and how much is written.

using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class RightsTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const nuint Count = 9;
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_straddling = SimulatedMachine<TFormat>.Pages(s_span - 4, Count);

    [Fact]
    public void Rights_set_are_live_and_the_base_rights_stay_and_a_reset_restores_them()
    {
        foreach (LeafRights baseRights in Rights.All)
        {
            foreach (LeafRights rights in Rights.All)
            {
                SimulatedMachine<TFormat> machine = Mapped(baseRights);
                machine.Done(machine.Space.SetRights(s_straddling, rights));
                AssertRights(machine, rights, baseRights);
                machine.Done(machine.Space.ResetRights(s_straddling));
                AssertRights(machine, baseRights, baseRights);
            }
        }
    }

    [Fact]
    public void Base_rights_set_survive_a_later_reset()
    {
        foreach (LeafRights rights in Rights.All)
        {
            SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserReadWrite);
            machine.Done(machine.Space.SetBaseRights(s_straddling, rights));
            AssertRights(machine, rights, rights);
            machine.Done(machine.Space.SetRights(s_straddling, LeafRights.UserReadExecute));
            machine.Done(machine.Space.ResetRights(s_straddling));
            AssertRights(machine, rights, rights);
        }
    }

    [Fact]
    public void Accessed_and_dirty_survive_every_edit()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserReadWrite);
        PageNumber dirty = s_straddling.First + new PageCount(2);
        Assert.True(machine.Strict.Access(new MemoryAccess(dirty.Address.Value, AccessKind.Write, IsUser: true)).Succeeded);
        const ulong Both = EntryBits.Accessed | EntryBits.Dirty;
        Assert.Equal(Both, machine.Space.Translate(dirty.Address).Entry & Both);
        machine.Done(machine.Space.SetRights(s_straddling, LeafRights.UserRead));
        machine.Done(machine.Space.SetBaseRights(s_straddling, LeafRights.SupervisorReadExecute));
        machine.Done(machine.Space.ResetRights(s_straddling));
        Assert.Equal(Both, machine.Space.Translate(dirty.Address).Entry & Both);
    }

    [Fact]
    public void An_unmapped_page_can_not_be_given_rights()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.SupervisorReadWrite);
        byte[] before = machine.Snapshot();
        PageRange oneMore = PageRange.FromFirstToEnd(s_straddling.First, s_straddling.End + PageCount.One);
        foreach (EditResult result in new[]
        {
            machine.Space.SetRights(oneMore, LeafRights.UserRead),
            machine.Space.ResetRights(oneMore),
            machine.Space.SetBaseRights(oneMore, LeafRights.UserRead),
            machine.Space.SetRights(PageRange.OnePage(new PageNumber((3 * s_span) + 1)), LeafRights.UserRead),
        })
        {
            Assert.Equal(PagingErrorCode.NotMapped, result.Error.Code);
            Assert.True(result.Flush.IsNone);
        }

        Assert.Equal(s_straddling.End, machine.Space.SetRights(oneMore, LeafRights.UserRead).Error.Page);
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void A_part_of_a_large_page_is_refused()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.SupervisorReadWrite);
        ulong directory = DirectoryOf(machine);
        ulong entryAddress = directory + ((ulong)TFormat.Level(1).IndexOf(new PageNumber(2 * s_span)).Value * (ulong)FormatGeometry<TFormat>.EntryByteCount);
        machine.Memory.Write32(entryAddress, 0x83);
        PageRange under = SimulatedMachine<TFormat>.Pages(2 * s_span, 1);
        Assert.Equal(PagingErrorCode.UnderLargePage, machine.Space.SetRights(under, LeafRights.UserRead).Error.Code);
        Assert.Equal(PagingErrorCode.UnderLargePage, machine.Space.Map(ref machine.Pool, ref machine.Account, under, default, LeafRights.UserRead).Error.Code);
        Assert.Equal(1, machine.Space.Translate(new VirtualAddress(2 * s_span << 12)).LeafLevel);
    }

    [Fact]
    public void Exactly_the_entries_whose_bits_differ_are_written()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.SupervisorReadWrite);
        machine.Done(machine.Space.SetRights(SimulatedMachine<TFormat>.Pages(s_span - 1, 3), LeafRights.UserReadWrite));
        machine.ResetCounters();
        machine.Done(machine.Space.SetRights(s_straddling, LeafRights.UserReadWrite));
        Assert.Equal((int)Count - 3, machine.EntriesWritten);
        machine.ResetCounters();
        FlushObligation again = machine.Done(machine.Space.SetRights(s_straddling, LeafRights.UserReadWrite));
        Assert.Equal(0, machine.EntriesWritten);
        Assert.True(again.IsNone);
    }

    [Fact]
    public void Widening_owes_nothing_and_narrowing_owes_exactly_the_narrowed_pages()
    {
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.SupervisorReadWrite);
        PageRange part = SimulatedMachine<TFormat>.Pages(s_span - 2, 4);
        Assert.True(machine.Done(machine.Space.SetRights(part, LeafRights.UserReadWrite)).IsNone);
        FlushObligation flush = machine.Space.ResetRights(s_straddling).Flush;
        Assert.Equal(FlushKind.Pages, flush.Kind);
        for (nuint offset = 0; offset < Count; offset++)
        {
            PageNumber page = s_straddling.First + new PageCount(offset);
            Assert.Equal(part.Contains(page), flush.Covers(page));
        }
    }

    [Fact]
    public void After_the_discharge_no_schedule_lets_through_what_the_new_rights_forbid_and_before_it_some_does()
    {
        foreach (LeafRights before in Rights.All)
        {
            foreach (LeafRights after in Rights.All)
            {
                SimulatedMachine<TFormat> machine = Mapped(before);
                FlushObligation flush = machine.Space.SetRights(s_straddling, after).Flush;
                bool stale = AnyStale(machine, after);
                bool narrows = Forbidden(before, after).Any();
                Assert.Equal(narrows, stale);
                Assert.Equal(narrows, !flush.IsNone);
                machine.Discharge(flush);
                Assert.False(AnyStale(machine, after));
            }
        }
    }

    [Fact]
    public void Between_two_stores_an_entry_allows_nothing_that_neither_the_old_nor_the_new_one_allows()
    {
        foreach (LeafRights before in Rights.All)
        {
            foreach (LeafRights after in Rights.All)
            {
                foreach (bool viaReset in new[] { false, true })
                {
                    SimulatedMachine<TFormat> machine = Mapped(viaReset ? after : before);
                    machine.Done(machine.Space.SetRights(s_straddling, before));
                    machine.Cpu.LoadCr3(machine.Strict.Cr3);
                    _ = viaReset ? machine.Space.ResetRights(s_straddling) : machine.Space.SetRights(s_straddling, after);
                    foreach (CachedTranslation held in machine.Cpu.Held(s_straddling.First.Address.Value))
                    {
                        AssertNoMoreThan(held, before, after, machine.Settings);
                    }
                }
            }
        }
    }

    [Fact]
    public void Appearing_and_disappearing_entries_are_never_seen_half()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(0, 1), 1, LeafRights.SupervisorRead);
        PageRange page = SimulatedMachine<TFormat>.Pages(5, 1);

        // A frame above 4 GiB where the format has them, so that both words of an entry matter.
        nuint frame = FormatGeometry<TFormat>.EntryByteCount == 8 ? 0x20_0000u + 7 : 7;
        machine.Map(page, frame, LeafRights.UserRead);
        CachedTranslation held = Assert.Single(machine.Cpu.Held(5 << 12));
        Assert.Equal((ulong)frame << 12, held.FrameAddress);
        Assert.False(held.Writable);
        EditResult result = machine.Space.Unmap(page);
        Assert.Single(machine.Cpu.Held(5 << 12));
        machine.Done(result);
        Assert.Empty(machine.Cpu.Held(5 << 12));
    }

    [Fact]
    public void A_denied_access_is_explained_by_level_and_bit()
    {
        ProcessorControls controls = new(writeProtect: true, noExecuteEnable: true, supervisorExecutionPrevention: true, supervisorAccessPrevention: true);
        SimulatedMachine<TFormat> machine = Mapped(LeafRights.UserRead);
        VirtualAddress address = s_straddling.First.Address;
        Assert.True(machine.Space.EffectiveRights(address, Access.Read, Privilege.User, controls).IsAllowed);
        Check(Access.Write, Privilege.User, DenyingBit.Writable, 0);
        Check(Access.Read, Privilege.Supervisor, DenyingBit.SupervisorAccessPrevention, 0);
        Check(Access.Execute, Privilege.User, FormatGeometry<TFormat>.HasExecuteDisable ? DenyingBit.ExecuteDisable : DenyingBit.None, 0);
        machine.Done(machine.Space.SetRights(s_straddling, LeafRights.UserReadExecute));
        Check(Access.Execute, Privilege.Supervisor, DenyingBit.SupervisorExecutionPrevention, 0);
        machine.Done(machine.Space.SetRights(s_straddling, LeafRights.SupervisorRead));
        Check(Access.Read, Privilege.User, DenyingBit.User, 0);
        Check(Access.Write, Privilege.Supervisor, DenyingBit.Writable, 0);

        // The directory entry takes precedence when it, too, withholds something.
        ulong entryAddress = DirectoryOf(machine)
            + ((ulong)TFormat.Level(1).IndexOf(address.Page).Value * (ulong)FormatGeometry<TFormat>.EntryByteCount);
        machine.Memory.Write32(entryAddress, machine.Memory.Read32(entryAddress) & ~4u);
        Check(Access.Read, Privilege.User, DenyingBit.User, 1);
        address = new PageNumber((3 * s_span) + 5).Address;
        Check(Access.Read, Privilege.User, DenyingBit.Present, 1);
        address = (s_straddling.End + PageCount.One).Address;
        Check(Access.Read, Privilege.User, DenyingBit.Present, 0);

        void Check(Access access, Privilege privilege, DenyingBit bit, int level)
        {
            AccessDecision decision = machine.Space.EffectiveRights(address, access, privilege, controls);
            Assert.Equal((bit, level), (decision.Bit, decision.Level));
        }
    }

    private static ulong DirectoryOf(SimulatedMachine<TFormat> machine)
    {
        List<(PhysicalAddress Table, int Level)> tables = [];
        LevelCollector collector = new(tables);
        machine.Space.VisitTables(ref collector);
        return tables.First(table => table.Level == 1).Table.Value;
    }

    private static SimulatedMachine<TFormat> Mapped(LeafRights baseRights)
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(s_straddling, 0x200, baseRights);
        return machine;
    }

    private static bool Allows(LeafRights rights, Access access) =>
        access == Access.Read || (access == Access.Write ? rights.IsWritable : rights.IsExecutable || !FormatGeometry<TFormat>.HasExecuteDisable);

    /// <summary>Accesses that the first rights allow and the second forbid; a page taken from user mode counts for the user side.</summary>
    private static IEnumerable<(AccessKind Kind, bool IsUser)> Forbidden(LeafRights before, LeafRights after)
    {
        foreach ((Access access, AccessKind kind) in Rights.Accesses())
        {
            foreach (bool isUser in new[] { true, false })
            {
                bool beforeAllows = Allows(before, access) && (!isUser || before.IsUser);
                bool afterAllows = Allows(after, access) && (!isUser || after.IsUser);
                if (beforeAllows && !afterAllows)
                {
                    yield return (kind, isUser);
                }
            }
        }
    }

    private static bool AnyStale(SimulatedMachine<TFormat> machine, LeafRights rights, PageRange? range = null)
    {
        PageRange pages = range ?? s_straddling;
        for (PageNumber page = pages.First; page < pages.End; page += PageCount.One)
        {
            foreach ((Access access, AccessKind kind) in Rights.Accesses())
            {
                foreach (bool isUser in new[] { true, false })
                {
                    bool allowed = Allows(rights, access) && (!isUser || rights.IsUser);
                    MemoryAccess probe = new(page.Address.Value, kind, isUser);
                    if (machine.Cpu.MaySucceed(probe) != allowed && !allowed)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private static void AssertNoMoreThan(CachedTranslation held, LeafRights before, LeafRights after, ProcessorSettings settings)
    {
        bool withinBefore = true;
        bool withinAfter = true;
        foreach ((Access access, AccessKind kind) in Rights.Accesses())
        {
            foreach (bool isUser in new[] { true, false })
            {
                bool allowed = held.Allows(new MemoryAccess(0, kind, isUser), settings);
                withinBefore &= !allowed || (Allows(before, access) && (!isUser || before.IsUser));
                withinAfter &= !allowed || (Allows(after, access) && (!isUser || after.IsUser));
            }
        }

        Assert.True(withinBefore || withinAfter);
    }

    private static void AssertRights(SimulatedMachine<TFormat> machine, LeafRights live, LeafRights baseRights)
    {
        for (PageNumber page = s_straddling.First; page < s_straddling.End; page += PageCount.One)
        {
            Translation translation = machine.Space.Translate(page.Address);
            Assert.Equal(baseRights, translation.BaseRights);
            foreach ((Access access, AccessKind kind) in Rights.Accesses())
            {
                Assert.Equal(
                    live.IsUser && Allows(live, access),
                    machine.Strict.Access(new MemoryAccess(page.Address.Value, kind, IsUser: true)).Succeeded);
            }
        }
    }

    private readonly struct LevelCollector(List<(PhysicalAddress, int)> tables) : ITableVisitor
    {
        private readonly List<(PhysicalAddress, int)> _tables = tables;

        public void Visit(PhysicalAddress table, int level, bool isShared) => _tables.Add((table, level));
    }
}

public sealed class Ia32RightsTests : RightsTests<Ia32Format>;

public sealed class PaeRightsTests : RightsTests<PaeFormat>
{
    // QEMU sets A in a directory-pointer entry, which is reserved there: every fault was then reported as one of that entry.
    [Fact]
    public void What_memory_holds_of_an_entry_that_is_in_a_register_denies_nothing()
    {
        SimulatedMachine<PaeFormat> machine = new();
        machine.Map(SimulatedMachine<PaeFormat>.Pages(0, 1), 1, LeafRights.UserRead);
        ulong pointer = machine.Space.Root.Value;
        machine.Memory.Write32(pointer, machine.Memory.Read32(pointer) | (uint)EntryBits.Accessed);
        ProcessorControls controls = new(writeProtect: true, noExecuteEnable: true);
        Assert.True(machine.Space.EffectiveRights(default, Access.Read, Privilege.User, controls).IsAllowed);
        AccessDecision write = machine.Space.EffectiveRights(default, Access.Write, Privilege.User, controls);
        Assert.Equal((DenyingBit.Writable, 0), (write.Bit, write.Level));
        Assert.True(machine.Strict.Access(new MemoryAccess(0, AccessKind.Read, IsUser: true)).Succeeded);
    }
}


public sealed class FourLevelRightsTests : RightsTests<FourLevelFormat>;

public sealed class FiveLevelRightsTests : RightsTests<FiveLevelFormat>;

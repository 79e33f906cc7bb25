// Edits under a page walker that sets A and D after any one of the reads that an edit makes, the last one before its store included: what it noted is kept, what it may hold is owed, and the edit is done.

using System;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class LateWalkerTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int ReadsAtMost = 6;

    // Above 4 GiB where an entry can name it, so that both words of one hold a part.
    private static readonly nuint s_firstFrame = TFormat.TableAddressMask > uint.MaxValue ? 0x12_3456u : 0xA_0000u;
    private static readonly PageRange s_page = SimulatedMachine<TFormat>.Pages(SimulatedMachine<TFormat>.LeafTableSpan + 7, 1);
    private static readonly EditTerms s_onlyAccessed = new(holdsOnlyAccessed: true);

    private delegate FlushObligation Edit(AddressSpace<TFormat, WalkerMemory> space, LeafRights rights, EditTerms terms);

    [Fact]
    public void An_edit_of_rights_is_done_keeps_D_and_owes_what_may_be_held()
    {
        ForEachChange((before, after, terms, readNumber) =>
        {
            Edit[] edits =
            [
                static (space, rights, terms) => space.SetRights(s_page, rights, terms).Flush,
                static (space, rights, terms) => space.SetBaseRights(s_page, rights, terms).Flush,
            ];
            foreach (Edit edit in edits)
            {
                AddressSpace<TFormat, WalkerMemory> space = Mapped(before, before, readNumber, out SimulatedMachine<TFormat> machine, out LateWalker walker);
                AssertDone(machine, walker, before, after, edit(space, after, terms), terms);
            }

            AddressSpace<TFormat, WalkerMemory> switched = Mapped(before, before, readNumber, out SimulatedMachine<TFormat> switching, out LateWalker switchWalker);
            FlushObligation owed = Editing(switched, (ref RightsEditor<TFormat, WalkerMemory> editor, ref FlushObligation owed) => editor.Set(s_page.First, s_page.End, after, ref owed));
            AssertDone(switching, switchWalker, before, after, owed, default);
        });
    }

    [Fact]
    public void A_reset_is_done_keeps_D_and_owes_what_may_be_held() =>
        ForEachChange((before, after, terms, readNumber) =>
        {
            AddressSpace<TFormat, WalkerMemory> space = Mapped(before, after, readNumber, out SimulatedMachine<TFormat> machine, out LateWalker walker);
            AssertDone(machine, walker, before, after, space.ResetRights(s_page, terms).Flush, terms);

            space = Mapped(before, after, readNumber, out machine, out walker);
            FlushObligation owed = Editing(space, static (ref RightsEditor<TFormat, WalkerMemory> editor, ref FlushObligation owed) => editor.Reset(s_page.First, s_page.End, ref owed));
            AssertDone(machine, walker, before, after, owed, default);
        });

    [Fact]
    public void An_entry_that_is_unmapped_becomes_0_and_is_owed_if_it_may_be_held() =>
        ForEachChange((before, _, terms, readNumber) =>
        {
            AddressSpace<TFormat, WalkerMemory> space = Mapped(before, before, readNumber, out SimulatedMachine<TFormat> machine, out LateWalker walker);
            ulong entry = Tables<TFormat>.LeafAddress(machine, machine.Space, s_page.First);
            FlushObligation owed = space.Unmap(s_page, terms).Flush;
            Assert.Equal(walker.CameInTime || !terms.HoldsOnlyAccessed, owed.Covers(s_page.First));
            Assert.Equal(0u, machine.Memory.Read32(entry));
            Assert.Equal(0u, FormatGeometry<TFormat>.EntryByteCount == 8 ? machine.Memory.Read32(entry + 4) : 0u);
        });

    [Fact]
    public void A_large_page_that_is_split_hands_on_what_was_noted_until_its_last_moment()
    {
        for (int readNumber = 1; readNumber <= ReadsAtMost; readNumber++)
        {
            SimulatedMachine<TFormat> machine = new();
            Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
            LateWalker walker = new(machine.Memory, Tables<TFormat>.LeafAddress(machine, machine.Space, Tables<TFormat>.LargePage.First), FormatGeometry<TFormat>.EntryByteCount, readNumber);
            AddressSpace<TFormat, WalkerMemory> space = new(new WalkerMemory(machine.Memory, walker), machine.Space.Root);
            machine.Done(space.SplitLargePage(ref machine.Pool, ref machine.Account, Tables<TFormat>.LargePage.First));
            Translation piece = machine.Space.Translate(Tables<TFormat>.LargePage.First.Address);
            Assert.Equal(0, piece.LeafLevel);
            Assert.Equal(walker.CameInTime ? Tables<TFormat>.AccessedAndDirty : 0, piece.Entry & Tables<TFormat>.AccessedAndDirty);
        }
    }

    [Fact]
    public void Links_are_exchanged_whenever_a_walker_marks_them()
    {
        for (int readNumber = 1; readNumber <= 2 * ReadsAtMost; readNumber++)
        {
            SimulatedMachine<TFormat> machine = new();
            machine.Map(Tables<TFormat>.LargePage, 4 * Tables<TFormat>.LargeCount, LeafRights.UserRead);
            AddressSpace<TFormat, WalkerMemory> space = WithMarkedLink(machine, machine.Space, readNumber);
            TableRelease<TFormat, WalkerMemory> release = space.MergeIntoLargePage(Tables<TFormat>.LargePage.First, Tables<TFormat>.LargeSize);
            Assert.True(release.Succeeded);
            SimulatedTranslationCache cache = new(machine.Cpu);
            release.Discharge(ref cache, ref machine.Pool, ref machine.Account);
            Assert.Equal(1, machine.Space.Translate(Tables<TFormat>.LargePage.First.Address).LeafLevel);

            machine = new SimulatedMachine<TFormat>();
            machine.Map(Tables<TFormat>.LargePage, 4 * Tables<TFormat>.LargeCount, LeafRights.UserRead);
            AddressSpace<TFormat, SimulatedTableMemory> other = Tables<TFormat>.NewSet(machine);
            TableAccount account = TableAccount.Unlimited;
            machine.Done(other.ShareTable(ref machine.Pool, ref account, machine.Space, Tables<TFormat>.LargePage.First, level: 0));
            machine.Done(WithMarkedLink(machine, other, readNumber).UnshareTable(ref machine.Pool, ref account, Tables<TFormat>.LargePage.First, level: 0));
            Assert.True(other.SetRights(Tables<TFormat>.LargePage, LeafRights.SupervisorRead).Succeeded);
        }
    }

    private delegate void EditByEditor(ref RightsEditor<TFormat, WalkerMemory> editor, ref FlushObligation owed);

    private static FlushObligation Editing(AddressSpace<TFormat, WalkerMemory> space, EditByEditor edit)
    {
        RightsEditor<TFormat, WalkerMemory> editor = new(space);
        FlushObligation owed = FlushObligation.None;
        edit(ref editor, ref owed);
        return owed;
    }

    private static void ForEachChange(Action<LeafRights, LeafRights, EditTerms, int> check)
    {
        foreach (LeafRights before in Rights.All)
        {
            foreach (LeafRights after in Rights.All)
            {
                for (int readNumber = 1; readNumber <= ReadsAtMost; readNumber++)
                {
                    check(before, after, default, readNumber);
                    check(before, after, s_onlyAccessed, readNumber);
                }
            }
        }
    }

    private static AddressSpace<TFormat, WalkerMemory> WithMarkedLink(SimulatedMachine<TFormat> machine, AddressSpace<TFormat, SimulatedTableMemory> set, int readNumber)
    {
        ulong table = set.Root.Value;
        for (int above = FormatGeometry<TFormat>.RootLevel; above > 1; above--)
        {
            table = machine.Memory.Read32(table + Offset(above)) & 0xFFFF_F000;
        }

        LateWalker walker = new(machine.Memory, table + Offset(1), FormatGeometry<TFormat>.EntryByteCount, readNumber) { IsLink = true };
        return new AddressSpace<TFormat, WalkerMemory>(new WalkerMemory(machine.Memory, walker), set.Root);

        static ulong Offset(int level) => (ulong)(TFormat.Level(level).IndexOf(Tables<TFormat>.LargePage.First).Value * FormatGeometry<TFormat>.EntryByteCount);
    }

    private static AddressSpace<TFormat, WalkerMemory> Mapped(
        LeafRights rights, LeafRights baseRights, int readNumber, out SimulatedMachine<TFormat> machine, out LateWalker walker)
    {
        machine = new SimulatedMachine<TFormat>();
        machine.Map(s_page, s_firstFrame, baseRights);
        machine.Done(machine.Space.SetRights(s_page, rights));
        walker = new LateWalker(machine.Memory, Tables<TFormat>.LeafAddress(machine, machine.Space, s_page.First), FormatGeometry<TFormat>.EntryByteCount, readNumber);
        return new AddressSpace<TFormat, WalkerMemory>(new WalkerMemory(machine.Memory, walker), machine.Space.Root);
    }

    private static void AssertDone(SimulatedMachine<TFormat> machine, LateWalker walker, LeafRights before, LeafRights after, FlushObligation owed, EditTerms terms)
    {
        Translation translation = machine.Space.Translate(s_page.First.Address);
        Assert.Equal(s_firstFrame, translation.Frame.Value);
        Assert.Equal(EntryRights.Live<TFormat>(after), EntryRights.Live<TFormat>(translation.Rights));
        Assert.Equal(walker.HasCome ? EntryBits.Dirty : 0, translation.Entry & EntryBits.Dirty);
        bool isTaken = (before.IsUser && !after.IsUser) || (before.IsWritable && !after.IsWritable)
            || (FormatGeometry<TFormat>.HasExecuteDisable && before.IsExecutable && !after.IsExecutable);
        Assert.Equal(isTaken && (walker.CameInTime || !terms.HoldsOnlyAccessed), owed.Covers(s_page.First));
    }
}

/// <summary>Marks an entry after one read of it, counted from 1.</summary>
internal sealed class LateWalker(PhysicalMemory memory, ulong entry, int entryByteCount, int readNumber) : MemoryWalker
{
    private const uint Accessed = 0x20;
    private const uint AccessedAndDirty = 0x60;
    private int _readCount;
    private bool _isChanged;

    /// <summary>Whether the entry links a table, in which a walk sets A alone.</summary>
    public bool IsLink { get; init; }

    /// <summary>Whether it has marked the entry.</summary>
    public bool HasCome { get; private set; }

    /// <summary>Whether it did before software had changed the entry.</summary>
    public bool CameInTime { get; private set; }

    public override void AfterRead(ulong address)
    {
        if ((address & ~((ulong)entryByteCount - 1)) == entry && ++_readCount == readNumber && (memory.Read32(entry) & 1) != 0)
        {
            HasCome = true;
            CameInTime = !_isChanged;
            memory.Write32(entry, memory.Read32(entry) | (IsLink ? Accessed : AccessedAndDirty));
        }
    }

    public override void AfterStore(ulong address) => _isChanged |= (address & ~((ulong)entryByteCount - 1)) == entry;
}

public sealed class Ia32LateWalkerTests : LateWalkerTests<Ia32Format>;

public sealed class PaeLateWalkerTests : LateWalkerTests<PaeFormat>;

public sealed class FourLevelLateWalkerTests : LateWalkerTests<FourLevelFormat>;

public sealed class FiveLevelLateWalkerTests : LateWalkerTests<FiveLevelFormat>;

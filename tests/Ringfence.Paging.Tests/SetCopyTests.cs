// Copies with a filter, which are the sets of domains: what they hold, what they cost, and how they end.

using System;
using System.Collections.Generic;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class SetCopyTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly PageRange s_straddling = SimulatedMachine<TFormat>.Pages(s_span - 2, 4);
    private static readonly PhysicalAddress s_smallRoot = new(0x7000 + 0x60);

    [Fact]
    public void A_copy_has_the_leaves_that_the_filter_keeps_and_a_table_wherever_the_source_has_one() =>
        Gen.Select(Gen.Int[0, 63], Rights.Any.Array[12]).Sample(
            (kept, rights) =>
            {
                SimulatedMachine<TFormat> machine = new();
                PageNumber[] pages = PagesAtBorders();
                for (int index = 0; index < pages.Length; index++)
                {
                    machine.Map(PageRange.OnePage(pages[index]), 0x300 + (nuint)index, rights[index]);
                }

                AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, new RightsFilter(kept), out TableAccount account);
                for (int index = 0; index < pages.Length; index++)
                {
                    Translation source = machine.Space.Translate(pages[index].Address);
                    Translation found = copy.Translate(pages[index].Address);
                    bool isKept = new RightsFilter(kept).Keeps(pages[index], source.Rights);
                    if (found.IsMapped != isKept || (isKept && found.Entry != source.Entry) || found.MissingLevel > 0)
                    {
                        return false;
                    }
                }

                return Tables<TFormat>.CountOwn(copy) == Tables<TFormat>.CountOwn(machine.Space)
                    && account.InUse.Value == machine.Account.InUse.Value + (FormatGeometry<TFormat>.RootIsPage ? 1u : 0u);
            },
            iter: 200);

    [Fact]
    public void The_filter_is_asked_with_the_page_that_a_leaf_maps_also_at_the_top_and_in_the_upper_half()
    {
        SimulatedMachine<TFormat> machine = new();
        PageNumber[] pages = PagesAtBorders();
        foreach (PageNumber page in pages)
        {
            machine.Map(PageRange.OnePage(page), 0x300, LeafRights.UserRead);
        }

        // One page at a time is kept: a number that is wrong keeps another one, or none.
        foreach (PageNumber page in pages)
        {
            AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, new OnePageFilter(page), out TableAccount account);
            Assert.All(pages, other => Assert.Equal(other == page, copy.Translate(other.Address).IsMapped));
            End(machine, copy, ref account);
        }
    }

    [Fact]
    public void A_large_leaf_is_kept_or_left_out_whole()
    {
        SimulatedMachine<TFormat> machine = new();
        Tables<TFormat>.MapLarge(machine, LeafRights.UserRead);
        PageNumber first = Tables<TFormat>.LargePage.First;
        AddressSpace<TFormat, SimulatedTableMemory> kept = Copied(machine, new OnePageFilter(first), out _);
        Assert.Equal(machine.Space.Translate(first.Address).Entry, kept.Translate(first.Address).Entry);
        AddressSpace<TFormat, SimulatedTableMemory> left = Copied(machine, new OnePageFilter(first + PageCount.One), out _);
        Assert.False(left.Translate(first.Address).IsMapped);
    }

    [Fact]
    public void A_copy_has_the_live_rights_of_its_source_as_they_are_and_goes_its_own_way()
    {
        SimulatedMachine<TFormat> machine = Filled();
        machine.Done(machine.Space.SetRights(s_straddling, LeafRights.UserReadWrite));
        AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, default(EveryLeaf), out _);
        machine.Done(machine.Space.ResetRights(s_straddling));
        Assert.Equal(LeafRights.UserReadWrite, copy.Translate(s_straddling.First.Address).Rights);
        Assert.Equal(LeafRights.SupervisorRead, copy.Translate(s_straddling.First.Address).BaseRights);
        copy.SetRights(s_straddling, LeafRights.UserRead).Flush.WaiveForSetNeverLoaded();
        Assert.Equal(EntryRights.Live<TFormat>(LeafRights.SupervisorRead), machine.Space.Translate(s_straddling.First.Address).Entry & EntryRights.LiveMask<TFormat>());
    }

    [Fact]
    public void A_small_root_takes_the_place_of_whatever_was_there()
    {
        SimulatedMachine<TFormat> machine = Filled();

        // What the place held before: entries that look present.
        machine.Memory.Fill(s_smallRoot.Value, 32, 0x01);
        AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, default(EveryLeaf), out _);
        Assert.Equal(FormatGeometry<TFormat>.RootIsPage, copy.Root != s_smallRoot);
        Assert.True(machine.Cpu.LoadCr3(copy.Root.Value));
        Assert.True(machine.Cpu.MustSucceedWithRetry(new MemoryAccess(s_straddling.First.Address.Value, AccessKind.Read, IsUser: false)));
        nuint unmapped = s_straddling.End.Value + (20 * s_span);
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(new PageNumber(unmapped).Address.Value, AccessKind.Read, IsUser: false)));

        // What follows the small root is not touched.
        Assert.Equal(0u, machine.Memory.Read32(s_smallRoot.Value + 32));
    }

    [Fact]
    public void A_copy_that_runs_out_changes_nothing_and_says_how_many_pages_it_takes()
    {
        SimulatedMachine<TFormat> full = Filled();
        nuint inUse = full.Account.InUse.Value;
        nuint needed = inUse + (FormatGeometry<TFormat>.RootIsPage ? 1u : 0u);

        // A pool that is one page short, and one that is not.
        SimulatedMachine<TFormat> machine = Filled((int)(inUse + needed - 1));
        byte[] before = machine.Snapshot();
        TableAccount account = TableAccount.Unlimited;
        PagingError error = machine.Space.CreateCopy(ref machine.Pool, ref account, default(EveryLeaf), s_smallRoot, out AddressSpace<TFormat, SimulatedTableMemory> copy);
        Assert.Equal((PagingErrorCode.OutOfTablePages, needed, needed - 1), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal(before, machine.Snapshot());
        Assert.Equal((needed - 1, (nuint)0, 0ul), (machine.Pool.Available.Value, account.InUse.Value, copy.Root.Value));

        machine = Filled((int)(inUse + needed));
        account = new TableAccount(new PageCount(needed));
        Assert.True(machine.Space.CreateCopy(ref machine.Pool, ref account, default(EveryLeaf), s_smallRoot, out _).IsNone);
        Assert.Equal((PageCount.Zero, PageCount.Zero), (machine.Pool.Available, account.Left));

        // The account, too, may be what is short.
        machine = Filled();
        account = new TableAccount(new PageCount(needed - 1));
        Assert.Equal(PagingErrorCode.OutOfTablePages, machine.Space.CreateCopy(ref machine.Pool, ref account, default(EveryLeaf), s_smallRoot, out _).Code);
    }

    [Fact]
    public void A_copy_has_nothing_of_what_was_in_the_memory_of_its_root_before()
    {
        SimulatedMachine<TFormat> machine = new();
        PageNumber last = SimulatedMachine<TFormat>.LastPage;
        machine.Map(PageRange.OnePage(last), 5, LeafRights.UserRead);
        machine.Memory.Fill(s_smallRoot.Value, 32, 0x01);
        AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, default(EveryLeaf), out _);
        Assert.True(copy.Translate(last.Address).IsMapped);
        nuint pagesOfEntry = TFormat.Level(FormatGeometry<TFormat>.RootLevel).EntrySpan.Value;
        for (nuint page = 0; page + pagesOfEntry <= FormatGeometry<TFormat>.LowerPages.End.Value && page + pagesOfEntry <= last.Value; page += pagesOfEntry)
        {
            Assert.Equal(FormatGeometry<TFormat>.RootLevel, copy.Translate(new PageNumber(page).Address).MissingLevel);
        }
    }

    [Fact]
    public void A_set_that_ends_gives_back_every_page_its_root_included_after_the_flush()
    {
        SimulatedMachine<TFormat> machine = Filled();
        nuint before = machine.Pool.Available.Value;
        AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, default(EveryLeaf), out TableAccount account);
        nuint own = account.InUse.Value;
        machine.Cpu.LoadCr3(copy.Root.Value);
        List<nuint> availableAtFlush = [];
        OrderNotingCache<TFormat> cache = new(machine, availableAtFlush);
        TableRelease<TFormat, SimulatedTableMemory> release = copy.DetachSet(FlushObligation.ForRoot(machine.Space.Root));
        Assert.True(release.Flush.LoadsRoot);
        release.Discharge(ref cache, ref machine.Pool, ref account);
        Assert.Equal([before - own], availableAtFlush);
        Assert.Equal((before, PageCount.Zero), (machine.Pool.Available.Value, account.InUse));
    }

    [Fact]
    public void A_set_that_was_never_loaded_ends_without_a_flush_and_shared_tables_stay()
    {
        SimulatedMachine<TFormat> machine = Filled();
        AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, new OnePageFilter(default), out TableAccount account);
        AddressSpace<TFormat, SimulatedTableMemory> owner = Tables<TFormat>.NewSet(machine);
        TableAccount ownersAccount = TableAccount.Unlimited;
        PageRange elsewhere = SimulatedMachine<TFormat>.Pages(9 * s_span, 1);
        machine.Done(owner.Map(ref machine.Pool, ref ownersAccount, elsewhere, new FrameNumber(7), LeafRights.UserRead));
        machine.Done(copy.ShareTable(ref machine.Pool, ref account, owner, elsewhere.First, level: 0));
        nuint own = account.InUse.Value;
        nuint available = machine.Pool.Available.Value;
        List<nuint> availableAtFlush = [];
        OrderNotingCache<TFormat> cache = new(machine, availableAtFlush);
        copy.DetachSet(FlushObligation.None).Discharge(ref cache, ref machine.Pool, ref account);
        Assert.Empty(availableAtFlush);
        Assert.Equal((available + own, PageCount.Zero), (machine.Pool.Available.Value, account.InUse));
        Assert.True(owner.Translate(elsewhere.First.Address).IsMapped);
    }

    [Fact]
    public void Tables_made_ahead_map_nothing_and_let_a_mapping_take_none()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange pages = SimulatedMachine<TFormat>.Pages((3 * s_span) - 2, s_span + 4);
        Assert.True(machine.Space.CheckMap(pages, new FrameNumber(5), out PageCount needed).IsNone);
        machine.Done(machine.Space.MakeTables(ref machine.Pool, ref machine.Account, pages));
        Assert.Equal(needed, machine.Account.InUse);
        Assert.False(machine.Space.Translate(pages.First.Address).IsMapped);
        Assert.Equal(0, machine.Space.Translate(LastOf(pages).Address).MissingLevel);
        Assert.True(machine.Space.CheckMap(pages, new FrameNumber(5), out needed).IsNone);
        Assert.Equal(PageCount.Zero, needed);
        machine.Map(pages, 5, LeafRights.UserRead);
        Assert.Equal(PagingErrorCode.AlreadyMapped, machine.Space.MakeTables(ref machine.Pool, ref machine.Account, pages).Error.Code);
        Assert.Equal(PagingErrorCode.AlreadyMapped, machine.Space.CheckMap(pages, default, out _).Code);
    }

    [Fact]
    public void A_check_refuses_a_frame_that_no_leaf_of_a_page_can_name_as_the_mapping_does()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange page = PageRange.OnePage(SimulatedMachine<TFormat>.LastPage);
        FrameNumber first = new((nuint)(TFormat.Leaf(0).AddressLimit >> 12));
        Assert.Equal(PagingErrorCode.FrameOutOfReach, machine.Space.CheckMap(page, first, out _).Code);
        Assert.Equal(PagingErrorCode.FrameOutOfReach, machine.Space.Map(ref machine.Pool, ref machine.Account, page, first, LeafRights.UserRead).Error.Code);
        Assert.True(machine.Space.CheckMap(page, new FrameNumber(first.Value - 1), out _).IsNone);
    }

    [Fact]
    public void What_is_not_present_is_not_copied_whatever_its_bits()
    {
        SimulatedMachine<TFormat> machine = Filled();
        PageNumber absent = new(s_straddling.First.Value - 2);
        ulong offset = Tables<TFormat>.LeafAddress(machine, machine.Space, s_straddling.First) - (2 * (ulong)FormatGeometry<TFormat>.EntryByteCount);
        machine.Memory.Write32(offset, uint.MaxValue - 1);
        AddressSpace<TFormat, SimulatedTableMemory> copy = Copied(machine, default(EveryLeaf), out TableAccount account);
        Assert.Equal(0u, machine.Memory.Read32(Tables<TFormat>.LeafAddress(machine, copy, s_straddling.First) - (2 * (ulong)FormatGeometry<TFormat>.EntryByteCount)));
        Assert.False(copy.Translate(absent.Address).IsMapped);
        End(machine, copy, ref account);
    }

    [Fact]
    public void Tables_made_ahead_owe_what_a_mapping_owes_and_are_all_made_or_none()
    {
        SimulatedMachine<TFormat> machine = new(poolPageCount: TFormat.LevelCount);
        PageRange one = PageRange.OnePage(SimulatedMachine<TFormat>.LastPage);
        EditResult made = machine.Space.MakeTables(ref machine.Pool, ref machine.Account, one);
        Assert.True(made.Succeeded);
        Assert.Equal(TFormat.RootIsHeldInRegisters, made.Flush.NeedsDirectoryPointerReload);
        Assert.Equal(FlushKind.None, made.Flush.Kind);
        byte[] before = machine.Snapshot();
        EditResult refused = machine.Space.MakeTables(ref machine.Pool, ref machine.Account, SimulatedMachine<TFormat>.Pages(0, 2 * s_span));
        Assert.Equal(PagingErrorCode.OutOfTablePages, refused.Error.Code);
        Assert.Equal(before, machine.Snapshot());
        Assert.True(machine.Space.MakeTables(ref machine.Pool, ref machine.Account, PageRange.Empty).Flush.IsNone);
    }

    [Fact]
    public void What_an_unmapping_would_refuse_is_said_without_doing_it()
    {
        SimulatedMachine<TFormat> machine = Filled();
        byte[] before = machine.Snapshot();
        Assert.True(machine.Space.CheckUnmap(s_straddling).IsNone);
        PagingError error = machine.Space.CheckUnmap(PageRange.FromFirstToEnd(s_straddling.First, s_straddling.End + PageCount.One));
        Assert.Equal((PagingErrorCode.NotMapped, s_straddling.End), (error.Code, error.Page));
        Assert.Equal(before, machine.Snapshot());
    }

    private static SimulatedMachine<TFormat> Filled(int poolPageCount = SimulatedMachine<TFormat>.PoolPageCount)
    {
        SimulatedMachine<TFormat> machine = new(poolPageCount);
        machine.Map(s_straddling, 0x300, LeafRights.SupervisorRead);
        machine.Map(PageRange.OnePage(SimulatedMachine<TFormat>.LastPage), 0x310, LeafRights.UserRead);
        return machine;
    }

    private static PageNumber LastOf(PageRange pages) => new(pages.End.Value - 1);

    private static PageNumber[] PagesAtBorders()
    {
        PageRange lower = FormatGeometry<TFormat>.LowerPages;
        PageNumber last = SimulatedMachine<TFormat>.LastPage;
        List<PageNumber> pages =
        [
            new(0), new(1), new(s_span - 1), new(s_span), new((2 * s_span) - 1), new(lower.End.Value / 2), new((lower.End.Value / 2) - 1), new(last.Value - 1), last,
        ];
        if (!FormatGeometry<TFormat>.UpperPages.IsEmpty)
        {
            pages.AddRange([LastOf(lower), FormatGeometry<TFormat>.UpperPages.First, FormatGeometry<TFormat>.UpperPages.First + new PageCount(s_span)]);
        }

        return [.. pages];
    }

    private static AddressSpace<TFormat, SimulatedTableMemory> Copied<TFilter>(SimulatedMachine<TFormat> machine, TFilter filter, out TableAccount account)
        where TFilter : struct, ILeafFilter
    {
        account = TableAccount.Unlimited;
        PagingError error = machine.Space.CreateCopy(ref machine.Pool, ref account, filter, s_smallRoot, out AddressSpace<TFormat, SimulatedTableMemory> copy);
        return error.IsNone ? copy : throw new InvalidOperationException($"no copy: {error.Code}");
    }

    private static void End(SimulatedMachine<TFormat> machine, AddressSpace<TFormat, SimulatedTableMemory> set, ref TableAccount account)
    {
        SimulatedTranslationCache cache = new(machine.Cpu);
        set.DetachSet(FlushObligation.None).Discharge(ref cache, ref machine.Pool, ref account);
    }

    /// <summary>Keeps those of the six rights whose bits are set.</summary>
    private readonly struct RightsFilter(int kept) : ILeafFilter
    {
        public static bool KeepsAll => false;

        public bool Keeps(PageNumber page, LeafRights rights) => (kept & (1 << Array.IndexOf(Rights.All, rights))) != 0;

        public bool KeepsTable(PageRange pages) => true;
    }

    private readonly struct OnePageFilter(PageNumber kept) : ILeafFilter
    {
        public static bool KeepsAll => false;

        public bool Keeps(PageNumber page, LeafRights rights) => page == kept;

        public bool KeepsTable(PageRange pages) => true;
    }
}

public sealed class Ia32SetCopyTests : SetCopyTests<Ia32Format>;

public sealed class PaeSetCopyTests : SetCopyTests<PaeFormat>;

public sealed class FourLevelSetCopyTests : SetCopyTests<FourLevelFormat>;

public sealed class FiveLevelSetCopyTests : SetCopyTests<FiveLevelFormat>;

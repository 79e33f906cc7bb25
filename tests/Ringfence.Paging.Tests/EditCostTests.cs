// What an edit costs, in entries and walks: the figures that the benchmarks show beside their times.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Benchmarks;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class EditCostTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = TFormat.Level(1).EntrySpan.Value;
    private static readonly PageRange s_all = Pages(s_span - 40, 100);

    private enum Edit
    {
        Set,
        Reset,
        SetBase,
        Unmap,
    }

    [Fact]
    public void As_many_entries_are_written_as_must_change_whatever_the_others_hold() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 90], Gen.Int[1, 10], Rights.Any).Array[0, 8],
            Gen.Int[0, 60], Gen.Int[1, 40], Gen.Enum<Edit>(), Rights.Any, Rights.Any).Sample((given, first, count, edit, baseRights, rights) =>
        {
            Counted counted = new();
            counted.Map(s_all, baseRights);
            foreach ((int start, int length, LeafRights some) in given)
            {
                Assert.True(counted.Space.SetRights(Pages(s_all.First.Value + (nuint)start, (nuint)length), some).Succeeded);
            }

            PageRange range = Pages(s_all.First.Value + (nuint)first, (nuint)count);
            LeafRights wanted = edit == Edit.Reset ? baseRights : rights;
            LeafRights wantedBase = edit == Edit.SetBase ? rights : baseRights;
            int mustChange = Enumerate(range).Count(page => edit == Edit.Unmap
                || BitsOf(counted.Tables.Translate(page.Address).Rights) != BitsOf(wanted)
                || counted.Tables.Translate(page.Address).BaseRights != wantedBase);
            counted.Counts.Clear();
            EditResult result = edit switch
            {
                Edit.Set => counted.Space.SetRights(range, rights),
                Edit.Reset => counted.Space.ResetRights(range),
                Edit.SetBase => counted.Space.SetBaseRights(range, rights),
                _ => counted.Space.Unmap(range),
            };
            return result.Succeeded && counted.Counts.Written == mustChange;
        }, iter: 1000);

    [Fact]
    public void An_edit_of_pages_that_are_as_they_shall_be_writes_nothing_and_owes_nothing()
    {
        Counted counted = new();
        counted.Map(s_all, LeafRights.UserRead);
        counted.Counts.Clear();
        Assert.True(counted.Space.SetRights(s_all, LeafRights.UserRead).Flush.IsNone);
        Assert.True(counted.Space.ResetRights(s_all).Flush.IsNone);
        Assert.True(counted.Space.SetBaseRights(s_all, LeafRights.UserRead).Flush.IsNone);
        Assert.Equal(0, counted.Counts.Written);
    }

    [Fact]
    public void Each_leaf_table_is_walked_to_once_when_the_edit_is_checked_and_once_when_it_is_made()
    {
        // The end of one leaf table, two whole ones, the start of a fourth.
        PageRange range = Pages((2 * s_span) - 7, (2 * s_span) + 12);
        foreach (EditKind kind in new[] { EditKind.Map, EditKind.Protect, EditKind.Reset })
        {
            EntryCounts counts = new();
            EditScene<TFormat, CountingTableMemory<TFormat>> scene = new(
                new PageCount(range.End.Value), memory => new CountingTableMemory<TFormat>(memory, counts));
            scene.Prepare(kind, range);
            Assert.True(scene.Carry(kind, range).Succeeded);
            Dictionary<PhysicalAddress, int> levels = [];
            LevelCollector collector = new(levels);
            scene.Tables.VisitTables(ref collector);
            int[] walks = [.. counts.Reads.Where(read => levels[EditCost.TableOf(read.Key)] == 1).Select(static read => read.Value)];
            Assert.Equal([2, 2, 2, 2], walks);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(512)]
    [InlineData(4096)]
    public void What_is_measured_writes_each_entry_once_and_reads_it_at_most_twice(int pageCount)
    {
        foreach (EditKind kind in new[] { EditKind.Map, EditKind.Protect, EditKind.Reset })
        {
            EditCost cost = EditCost.Measure<TFormat>(kind, new PageCount((nuint)pageCount));
            Assert.Equal(pageCount, cost.EntriesWritten);
            Assert.InRange(cost.EntriesRead - cost.EntriesReadAboveLeafLevel, pageCount, 2 * pageCount);
            Assert.InRange(cost.WalksFromRoot, 1, cost.EntriesReadAboveLeafLevel);
        }
    }

    private static PageRange Pages(nuint first, nuint count) => PageRange.CreateTruncated(new PageNumber(first), new PageCount(count));

    private static IEnumerable<PageNumber> Enumerate(PageRange range)
    {
        for (PageNumber page = range.First; page < range.End; page += PageCount.One)
        {
            yield return page;
        }
    }

    // What an entry has for these rights: without execute-disable, reading and executing are the same bits.
    private static (bool, bool, bool) BitsOf(LeafRights rights) =>
        (rights.IsUser, rights.IsWritable, rights.IsExecutable && FormatGeometry<TFormat>.HasExecuteDisable);

    private sealed class Counted
    {
        private TablePool<ArrayTableMemory> _pool;
        private TableAccount _account = TableAccount.Unlimited;

        public Counted()
        {
            PageCount tables = new(8);
            ArrayTableMemory memory = new(new ulong[(2 * PageSize.ByteCount / sizeof(ulong)) + (tables.ByteCount / sizeof(ulong))]);
            PhysicalAddress root = new(PageSize.ByteCount);
            Tables = new AddressSpace<TFormat, ArrayTableMemory>(memory, root);
            Space = new AddressSpace<TFormat, CountingTableMemory<TFormat>>(new CountingTableMemory<TFormat>(memory, Counts), root);
            _pool = new TablePool<ArrayTableMemory>(memory, new FrameNumber(2), tables);
        }

        public EntryCounts Counts { get; } = new();

        public AddressSpace<TFormat, ArrayTableMemory> Tables { get; }

        public AddressSpace<TFormat, CountingTableMemory<TFormat>> Space { get; }

        public void Map(PageRange range, LeafRights rights) =>
            Assert.True(Space.Map(ref _pool, ref _account, range, new FrameNumber(0x100), rights).Succeeded);
    }

    private readonly struct LevelCollector(Dictionary<PhysicalAddress, int> levels) : ITableVisitor
    {
        private readonly Dictionary<PhysicalAddress, int> _levels = levels;

        public void Visit(PhysicalAddress table, int level, bool isShared) => _levels[table] = level;
    }
}

public class ReadmeFigureTests
{
    [Fact]
    public void What_the_README_says_that_edits_of_4096_pages_cost_is_what_is_counted()
    {
        PageCount pageCount = new(4096);
        string[] rows = [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Paging.README.md")).Where(static line => line.StartsWith("| x86-64 | ", StringComparison.Ordinal) || line.StartsWith("| pae | ", StringComparison.Ordinal) || line.StartsWith("| ia32 | ", StringComparison.Ordinal))];
        Assert.Equal(
            [
                Row("x86-64", "`Map`", EditCost.Measure<FourLevelFormat>(EditKind.Map, pageCount)),
                Row("x86-64", "`SetRights`", EditCost.Measure<FourLevelFormat>(EditKind.Protect, pageCount)),
                Row("x86-64", "`ResetRights`", EditCost.Measure<FourLevelFormat>(EditKind.Reset, pageCount)),
                Row("pae", "`Map`", EditCost.Measure<PaeFormat>(EditKind.Map, pageCount)),
                Row("pae", "`SetRights`", EditCost.Measure<PaeFormat>(EditKind.Protect, pageCount)),
                Row("pae", "`ResetRights`", EditCost.Measure<PaeFormat>(EditKind.Reset, pageCount)),
                Row("ia32", "`Map`", EditCost.Measure<Ia32Format>(EditKind.Map, pageCount)),
                Row("ia32", "`SetRights`", EditCost.Measure<Ia32Format>(EditKind.Protect, pageCount)),
                Row("ia32", "`ResetRights`", EditCost.Measure<Ia32Format>(EditKind.Reset, pageCount)),
            ],
            rows);
    }

    private static string Row(string format, string edit, EditCost cost) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {format} | {edit} | {cost.EntriesWritten:N0} | {cost.EntriesRead:N0} | {cost.EntriesReadAboveLeafLevel:N0} | {cost.WalksFromRoot:N0} |");
}

public sealed class Ia32EditCostTests : EditCostTests<Ia32Format>;

public sealed class PaeEditCostTests : EditCostTests<PaeFormat>;

public sealed class FourLevelEditCostTests : EditCostTests<FourLevelFormat>;

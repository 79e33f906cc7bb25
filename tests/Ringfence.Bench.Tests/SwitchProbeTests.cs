// Switches measured in images of a sample, against what follows from its map alone: which pages differ between two components, and which of those lose a right.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool;
using Ringfence.Tool.Reports;
using Ringfence.Tool.Strategies;
using Xunit;

namespace Ringfence.Bench.Tests;

public sealed class SwitchProbeTests
{
    private const string Sample = "Fences";
    private const ulong PageBytes = 4096;

    // From here on a strategy with one set flushes everything (FlushObligation.WholeSetCrossoverPageCount).
    private const int MostInvalidatedPages = 8;

    // The scheduler's choice and the change of stacks alone.
    private const int FewestInstructions = 60;

    public static IEnumerable<TheoryDataRow<string>> Formats => GuestFormat.All.Select(static format => new TheoryDataRow<string>(format.Name));

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task With_one_set_a_switch_writes_the_entries_that_differ_and_flushes_the_pages_that_lose_a_right(string format)
    {
        ImageFiles files = Locate(format, GuestStrategy.Common.Name);
        IReadOnlyList<DomainSwitch> switches = await MeasureAsync(files, format);
        Dictionary<string, HashSet<(ulong Page, string Right)>> rights = RightsOf(files.Map);
        int slotStackPages = ImageLayout.Load(files.Map).UserStackPages;
        foreach (DomainSwitch one in switches)
        {
            HashSet<(ulong Page, string Right)> before = rights[one.From];
            HashSet<(ulong Page, string Right)> after = rights[one.To];
            int lost = before.Except(after).Select(static right => right.Page).Distinct().Count() + slotStackPages;
            int changed = before.Except(after).Union(after.Except(before)).Select(static right => right.Page).Distinct().Count() + (2 * slotStackPages);
            Assert.Equal((changed, lost), (one.EntryWrites, one.InvalidatedPages));
            Assert.InRange(lost, 1, MostInvalidatedPages);
            Assert.Equal((0, 1), (one.Control3Writes, one.StepCount));
            Assert.InRange(one.Instructions, FewestInstructions, 10_000);

            // What differs between two that take turns is known, and comparing them was most of the work.
            Assert.InRange(one.InstructionsInTurns!.Value, FewestInstructions, one.Instructions / 2);
        }

        Assert.True(switches.Select(static one => one.EntryWrites).Distinct().Count() > 1, "all pairs are alike, so that a mix-up would not show");
    }

    // Whatever the domains hold, a switch between them is the same work.
    [Theory]
    [InlineData("pae", "per-domain", 0, 1)]
    [InlineData("ia32", "shared-subtree", 0, 1)]
    [InlineData("x86-64", "shared-subtree-kpti", 0, 0)]
    [InlineData("x86-64", "leaf-link", 1, 1)]
    [InlineData("pae", "leaf-link", 1, 1)]
    public async Task With_tables_of_their_own_all_pairs_cost_the_same(string format, string strategy, int entryWrites, int control3Writes)
    {
        IReadOnlyList<DomainSwitch> switches = await MeasureAsync(Locate(format, strategy), format);
        Assert.All(switches, one => Assert.Equal((entryWrites, 0, control3Writes, 1), (one.EntryWrites, one.InvalidatedPages, one.Control3Writes, one.StepCount)));
        int instructions = Assert.Single(switches.Select(static one => one.Instructions).Distinct());
        Assert.InRange(instructions, FewestInstructions, 2_000);
        Assert.All(switches, one => Assert.Equal(instructions, one.InstructionsInTurns));
    }

    private static ImageFiles Locate(string format, string strategy) => ImageFiles.Locate(
        MeasuredImages.Repository.Root,
        Sample,
        BenchCommand.AllVariants.Single(variant => variant.Format.Name == format && variant.StrategyTitle == strategy));

    // Every ordered pair, once.
    private static async Task<IReadOnlyList<DomainSwitch>> MeasureAsync(ImageFiles files, string formatName)
    {
        Assert.True(GuestFormat.TryParse(formatName, out GuestFormat? format));
        ImageLayout layout = ImageLayout.Load(files.Map);
        IReadOnlyList<DomainSwitch> switches = await SwitchProbe.MeasureAsync(files, layout, format, TestContext.Current.CancellationToken);
        string[] names = [.. layout.Components.Select(static component => component.Name)];
        Assert.Equal(
            names.SelectMany(from => names.Where(to => to != from).Select(to => (from, to))),
            switches.Select(static one => (one.From, one.To)));
        return switches;
    }

    // Each page that a component may touch, with each right that it has on it.
    private static Dictionary<string, HashSet<(ulong Page, string Right)>> RightsOf(string mapPath)
    {
        using JsonDocument map = JsonDocument.Parse(File.ReadAllBytes(mapPath));
        JsonElement root = map.RootElement;
        Dictionary<string, HashSet<(ulong Page, string Right)>> rights = [];
        foreach (JsonElement component in root.GetProperty("components").EnumerateArray())
        {
            string name = component.GetProperty("name").GetString()!;
            HashSet<(ulong Page, string Right)> own = [];
            foreach (JsonElement region in root.GetProperty("regions").EnumerateArray().Where(region => region.GetProperty("owner").GetString() == name))
            {
                Add(own, region, region.GetProperty("rights").GetString()!);
            }

            foreach (JsonElement grant in component.GetProperty("grants").EnumerateArray())
            {
                JsonElement partition = root.GetProperty("sharedPartitions").EnumerateArray()
                    .Single(partition => partition.GetProperty("name").GetString() == grant.GetProperty("partition").GetString());
                Add(own, partition, grant.GetProperty("writable").GetBoolean() ? "rw-" : "r--");
            }

            rights.Add(name, own);
        }

        return rights;
    }

    private static void Add(HashSet<(ulong Page, string Right)> rights, JsonElement range, string letters)
    {
        for (ulong page = range.GetProperty("start").GetUInt64(); page < range.GetProperty("end").GetUInt64(); page += PageBytes)
        {
            rights.UnionWith(letters.Where(static letter => letter != '-').Select(letter => (page, letter.ToString())));
        }
    }
}

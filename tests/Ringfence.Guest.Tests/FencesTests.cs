// The first thing a newcomer runs tells its whole story, on every machine.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

public sealed class FencesTests
{
    public static IEnumerable<TheoryDataRow<string>> Machines => GuestMachine.OfSamples.Select(static machine => new TheoryDataRow<string>(machine.Name));

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task The_wild_write_is_stopped_its_component_restarted_and_nobody_else_touched(string name)
    {
        GuestMachine machine = GuestMachine.All.Single(machine => machine.Name == name);
        List<string> lines = [];
        GuestExit exit = await QemuMachine.RunAsync(
            machine.With(BootableImages.Fences(machine.Variant)), lines.Add, TestContext.Current.CancellationToken);

        string console = string.Join('\n', lines);
        Assert.True(exit.IsSuccess, $"{exit}. The console:\n{console}");
        OrderedText.AssertHolds(
            console,
            $"ringfence: format {machine.Format.Name}, strategy {machine.Variant.StrategyName}, ",
            "Gateway: starts; restarts so far: 0, messages received so far: 0",
            "Gateway: writes 1300 through a pointer to the meter's calibration",
            "fault   thread ",
            " of Gateway, domain 3, ended: page fault, vector 14, " + machine.DeniedWrite,
            "(Meter statics); nearest partition of its domain: ",
            "fault   at 0x",
            "kernel  Gateway is restarted with pristine statics, restart 1 of 2",
            "Gateway: starts; restarts so far: 1, messages received so far: 0",
            "Gateway: 3 messages received, and this time none asked for a calibration",
            "partition ",
            "Meter statics",
            "component ",
            $"page tables under {machine.Variant.StrategyName}: the kernel's set ",
            "kernel  the machine ends with exit status 0");
        Assert.Contains("Meter:   8 measurements, sum 9888 mV, calibration 1208; statics untouched: True", lines);
        Assert.Contains("Display: measurement 8 is 1264 mV", lines);
        Assert.DoesNotContain(lines, static line => line.Contains("there is no fence", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.StartsWith("fault   thread ", StringComparison.Ordinal));
        CheckContexts(lines, machine.Variant);
        CheckTableBytes(lines.Single(static line => line.StartsWith("page tables under ", StringComparison.Ordinal)), machine.Variant);
    }

    // Only roots of domains are loaded under numbers, and no processor of QEMU's translator keeps translations under them.
    private static void CheckContexts(List<string> lines, ImageVariant variant)
    {
        bool wouldUseThem = variant.Format == GuestFormat.X8664 && (variant.Strategy == GuestStrategy.PerDomain || variant.Strategy == GuestStrategy.SharedSubtree);
        string[] expected = wouldUseThem ? ["ringfence: a set of page tables that is loaded again finds no translations: the processor has no PCID"] : [];
        Assert.Equal(expected, lines.Where(static line => line.StartsWith("ringfence: a set of page tables", StringComparison.Ordinal)));
    }

    // The first line of the boot names the kernel's set; the sample has the kernel's domain and one for each of three components.
    private static void CheckTableBytes(string line, ImageVariant variant)
    {
        const int DomainCount = 4;
        Match match = Regex.Match(line, @"the kernel's set (\d+)((?:, domain \d+ \d+)+), in total (\d+) bytes; under (\S+) (\d+) bytes$");
        Assert.True(match.Success, line);
        long kernel = long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        long[] domains = [.. Regex.Matches(match.Groups[2].Value, @"domain \d+ (\d+)").Select(static domain => long.Parse(domain.Groups[1].Value, CultureInfo.InvariantCulture))];
        bool isCommon = variant.Strategy == GuestStrategy.Common;
        Assert.Equal(DomainCount, domains.Length);
        Assert.All(domains, bytes => Assert.InRange(bytes, isCommon ? 0 : 1, isCommon ? 0 : kernel));
        Assert.Equal(kernel + domains.Sum(), long.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture));
        (string other, long otherBytes) = isCommon ? ("per-domain", kernel * (1 + DomainCount)) : ("common", kernel);
        Assert.Equal((other, otherBytes), (match.Groups[4].Value, long.Parse(match.Groups[5].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_whole_sample_takes_at_most_160_KiB_of_memory_on_PAE()
    {
        using JsonDocument map = JsonDocument.Parse(File.ReadAllBytes(BootableImages.Fences(GuestFormat.Pae).Map));

        // The kernel uses no memory beyond the image.
        Assert.InRange(map.RootElement.GetProperty("end").GetInt64() - map.RootElement.GetProperty("start").GetInt64(), 1, 160 * 1024);
    }
}

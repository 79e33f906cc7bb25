// What the comparison of strategies says, and the parts that it is measured with: which instructions flush, which entries changed, which bytes are the strategy's.

using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;
using Ringfence.Tool.Strategies;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class StrategyReportTests
{
    private static readonly StrategyReport s_report = new(
        "Sample",
        [
            new(new ImageVariant(GuestFormat.Pae)) { Memory = new(1000, 40, 4), Switches = [new("One", "Two", 8, 5, 0, 1440, 1) { InstructionsInTurns = 300 }, new("Two", "One", 300, 0, 1, 9000, 3)] },
            new(new ImageVariant(GuestFormat.Pae) { Strategy = GuestStrategy.PerDomain }) { Memory = new(2000, 80, 8), Switches = [new("One", "Two", 0, 0, 1, 344, 1), new("Two", "One", 0, 0, 1, 344, 1)] },
            new(new ImageVariant(GuestFormat.Pae) { Strategy = GuestStrategy.PerDomain, HasKpti = true }) { Failure = "RF2024: it can't be" },
            new(new ImageVariant(GuestFormat.Ia32)) { Memory = new(900, 40, 4) },
        ],
        RamLimit: null);

    [Fact]
    public void A_format_has_its_memory_its_switches_its_failures_and_its_recommendation()
    {
        Assert.Equal(
            """
            Sample, pae
            strategy     RAM  tables  strategy's data  worst switch  weight
            common      1000      40                4     Two → One    9200
            per-domain  2000      80                8    every pair     544

            strategy    switch      entries  INVLPG  CR3     instructions  in turns  weight
            common      One → Two         8       5    0             1440       300    2440
            common      Two → One       300       0    1  9000 in 3 steps         -    9200
            per-domain  every pair        0       0    1              344         -     544

            per-domain-kpti: not measured: RF2024: it can't be
            recommended: per-domain: 2000 B, and every switch weighs 544; common would save 1000 B, but costs 9200 at Two → One

            """,
            s_report.Text(GuestFormat.Pae));
        Assert.Equal(
            """
            Sample, ia32
            strategy  RAM  tables  strategy's data  worst switch  weight
            common    900      40                4             -       -

            recommended: common: the least RAM, 900 B, and it has one domain, so that there is no switch to weigh

            """,
            s_report.Text(GuestFormat.Ia32));
    }

    [Fact]
    public void The_JSON_holds_the_same()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            (s_report with { RamLimit = 950 }).WriteJson(writer);
        }

        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        JsonElement root = document.RootElement;
        Assert.Equal(950, root.GetProperty("ramLimit").GetInt32());
        JsonElement common = root.GetProperty("strategies")[0];
        Assert.Equal(
            """{"format":"pae","strategy":"common","bytes":1000,"tableBytes":40,"strategyBytes":4,"switches":[{"from":"One","to":"Two","entryWrites":8,"invalidatedPages":5,"control3Writes":0,"instructions":1440,"steps":1,"instructionsInTurns":300,"weight":2440},{"from":"Two","to":"One","entryWrites":300,"invalidatedPages":0,"control3Writes":1,"instructions":9000,"steps":3,"weight":9200}]}""",
            common.GetRawText());
        Assert.Equal("RF2024: it can't be", root.GetProperty("strategies")[2].GetProperty("failure").GetString());
        Assert.Equal(
            [("pae", null), ("ia32", "common")],
            root.GetProperty("recommendations").EnumerateArray().Select(static one => (one.GetProperty("format").GetString(), one.GetProperty("strategy").GetString())));
    }

    [Theory]
    [InlineData("0F013F", true, false)] // invlpg [rdi]
    [InlineData("410F0138", true, false)] // invlpg [r8]
    [InlineData("0F0139", true, false)] // invlpg [rcx]
    [InlineData("0F0117", false, false)] // lgdt [rdi]
    [InlineData("0F01F8", false, false)] // swapgs
    [InlineData("0F22DF", false, true)] // mov cr3, rdi
    [InlineData("410F22D8", false, true)] // mov cr3, r8
    [InlineData("0F22C0", false, false)] // mov cr0, rax
    [InlineData("0F20D8", false, false)] // mov rax, cr3
    [InlineData("660F38820424", false, true)] // invpcid rax, [rsp]
    [InlineData("0F", false, false)]
    public void Instructions_that_flush_are_known(string bytes, bool invalidatesPage, bool writesControl3)
    {
        KernelText text = new(0x1000, [0x90, .. Convert.FromHexString(bytes)], isLongMode: true);
        Assert.Equal((invalidatesPage, writesControl3), (text.IsInvalidatePage(0x1001), text.IsControl3Write(0x1001)));
        Assert.False(text.IsInvalidatePage(0xFFF) || text.IsControl3Write(0x1000) || text.IsInvalidatePage(0x2000));
    }

    [Fact]
    public void What_is_a_prefix_in_long_mode_is_an_instruction_of_its_own_elsewhere()
    {
        KernelText text = new(0x1000, [0x41, 0x0F, 0x01, 0x39], isLongMode: false);
        Assert.False(text.IsInvalidatePage(0x1000)); // inc ecx
        Assert.True(text.IsInvalidatePage(0x1001));
    }

    [Fact]
    public void An_entry_has_changed_when_software_changed_it_and_counts_once()
    {
        byte[] before = new byte[32];
        byte[] after = new byte[32];
        after[0] = 0x60; // accessed and dirty
        after[9] = 1;
        after[13] = 1;
        after[31] = 0x80;
        Assert.Equal(2, new TableSnapshot(before, 8).CountDifferences(new TableSnapshot(after, 8)));
        Assert.Equal(3, new TableSnapshot(before, 4).CountDifferences(new TableSnapshot(after, 4)));
    }

    [Fact]
    public void The_strategys_memory_is_its_tables_its_state_and_its_lists()
    {
        StrategyMemory before = StrategyMemory.Of(ImageLayout.Parse(ImageReportTests.Map));
        Assert.Equal(new StrategyMemory(45056, 8192, 0), before);
        string map = ImageReportTests.Map.Replace(
            "\"symbols\": [",
            """
            "symbols": [
            { "address": 1052700, "size": 24, "name": "domain_tables_table", "owner": "kernel" },
            { "address": 1052740, "size": 16, "name": "link_list_table", "owner": "kernel" },
            { "address": 1052760, "size": 8, "name": "small_root_table", "owner": "kernel" },
            { "address": 1048700, "size": 8, "name": "Ringfence_Kernel_Ringfence_Kernel_Protection__Check", "owner": "kernel", "method": "Ringfence.Kernel.Protection.Check" },
            { "address": 1052770, "size": 2, "name": "__NONGCSTATICSRingfence_Kernel_Ringfence_Kernel_Protection", "owner": "kernel" },
            """,
            StringComparison.Ordinal);
        Assert.Equal(before with { DataBytes = 24 + 16 + 8 + 2 }, StrategyMemory.Of(ImageLayout.Parse(map)));
    }

    [Fact]
    public void The_first_error_of_a_build_is_the_reason_and_all_lines_are_passed_on()
    {
        StringWriter passedOn = new();
        using ErrorLines lines = new(passedOn);
        lines.WriteLine("ringfence: building");
        lines.WriteLine("/x/App.csproj(3,4): error RF2024: RingfenceKpti is 'true' [or so]; supported: false [/x/App.csproj]");
        lines.WriteLine("/x/App.csproj : error RF2010: another [/x/App.csproj]");
        Assert.Equal("RF2024: RingfenceKpti is 'true' [or so]; supported: false", lines.First);
        Assert.Equal(3, passedOn.ToString().Count(static letter => letter == '\n'));
    }

    // Of one strategy the image has a map, of one component: nothing has to be booted.
    [Fact]
    public async Task What_fails_is_said_with_its_reason_and_the_rest_is_compared()
    {
        using SampleRepository repository = new();
        repository.AddSample("Greeter", "hello\n", GuestEnding.Status);
        repository.WriteMap("Greeter", "pae", ImageReportTests.Map);
        string json = Path.Combine(repository.Root, "report.json");
        CommandResult result = await Command.RunToolAsync(repository.Root, "report", "Greeter", "--strategies", "--format", "pae", "--json", json);
        Assert.Equal(0, result.ExitStatus);
        Assert.Contains("leaf-link: not measured: cannot read the map ", result.Output, StringComparison.Ordinal);
        Assert.Contains("recommended: common: the least RAM, 45056 B, ", result.Output, StringComparison.Ordinal);
        Assert.Contains(StrategyReport.Legend, result.Output, StringComparison.Ordinal);
        using (JsonDocument document = JsonDocument.Parse(await File.ReadAllBytesAsync(json, TestContext.Current.CancellationToken)))
        {
            Assert.Equal(BenchCommand.AllVariants.Count / GuestFormat.All.Count, document.RootElement.GetProperty("strategies").GetArrayLength());
        }

        result = await Command.RunToolAsync(repository.Root, "report", "Greeter", "--strategies", "--format", "pae", "--ram-limit", "45000");
        Assert.Equal(1, result.ExitStatus);
        Assert.Equal("ringfence: Greeter: nothing fits in 45000 B: the smallest is common with 45056 B, 56 B too many", result.ErrorLines[^1]);
    }
}

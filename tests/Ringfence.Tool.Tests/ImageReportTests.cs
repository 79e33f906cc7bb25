// Every byte has exactly one owner: on a map made by hand with all that maps can hold, and on the maps of real images if they have been built.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class ImageReportTests
{
    // Two names for one routine, names within a routine, gaps of both kinds, a symbol that claims too much, a hole between regions; in the file,
    // a region of which it holds a part, and bytes behind the last.
    internal const string Map = """
        {
          "version": 3, "name": "Sample", "format": "pae", "strategy": "common", "start": 1048576, "end": 1093632,
          "file": { "bytes": 12496, "headerBytes": 52, "programHeaderBytes": 160 },
          "threadCapacity": 2, "kernelStackPages": 1, "userStackPages": 1,
          "pageTables": { "root": 1052672, "strategies": [
            { "strategy": "common", "kernelBytes": 8224, "domains": 0, "domainBytes": 0, "totalBytes": 8224 },
            { "strategy": "per-domain", "kernelBytes": 8224, "domains": 2, "domainBytes": 8224, "totalBytes": 24672 } ] },
          "regions": [
            { "name": "kernel.data", "owner": "kernel", "rights": "rw-", "start": 1052672, "end": 1056768, "usedBytes": 300, "fileBytes": 120, "fileOffset": 8192 },
            { "name": "kernel.text", "owner": "kernel", "rights": "r-x", "start": 1048576, "end": 1052672, "usedBytes": 400, "fileBytes": 400, "fileOffset": 4096 },
            { "name": "Meter.readonly", "owner": "Meter", "rights": "r--", "start": 1056768, "end": 1060864, "usedBytes": 200, "fileBytes": 200, "fileOffset": 12288 },
            { "name": "Meter.statics", "owner": "Meter", "rights": "rw-", "start": 1060864, "end": 1060864, "usedBytes": 0, "fileBytes": 0, "fileOffset": 0 },
            { "name": "partition.Reading", "owner": "shared", "rights": "rw-", "start": 1064960, "end": 1069056, "usedBytes": 24, "fileBytes": 0, "fileOffset": 0 },
            { "name": "page-tables", "owner": "kernel", "rights": "rw-", "start": 1069056, "end": 1077248, "usedBytes": 8192, "fileBytes": 0, "fileOffset": 0 },
            { "name": "stacks", "owner": "kernel", "rights": "rw-", "start": 1077248, "end": 1089536, "usedBytes": 12288, "fileBytes": 0, "fileOffset": 0 }
          ],
          "components": [ { "name": "Meter", "assembly": "/somewhere/Acme.Meter.dll", "priority": 4 } ],
          "sharedPartitions": [ { "name": "Reading", "type": "Contracts.Reading", "bytes": 24, "start": 1064960, "end": 1069056 } ],
          "symbols": [
            { "address": 1048576, "size": 8, "name": "multiboot_header", "owner": "kernel" },
            { "address": 1048584, "size": 12, "name": "entry", "owner": "kernel" },
            { "address": 1048596, "size": 12, "name": "entry.again", "owner": "kernel" },
            { "address": 1048608, "size": 64, "name": "KernelMain", "owner": "kernel" },
            { "address": 1048608, "size": 64, "name": "Ringfence_Kernel_Ringfence_Kernel_Start__Main", "owner": "kernel", "method": "Ringfence.Kernel.Start.Main" },
            { "address": 1048680, "size": 100, "name": "S_P_CoreLib_System_Math__Abs<UIntPtr>", "owner": "kernel", "method": "System.Math.Abs<System.UIntPtr>" },
            { "address": 1048880, "size": 96, "name": "Ringfence_Kernel_Ringfence_Kernel_Table_1<Ringfence_Kernel_Ringfence_Kernel_Row>___ctor", "owner": "kernel", "method": "Ringfence.Kernel.Table.ctor<Ringfence.Kernel.Row>" },
            { "address": 1052672, "size": 100, "name": "?__NONGCSTATICS@Ringfence_Kernel_Ringfence_Kernel_Start@@", "owner": "kernel" },
            { "address": 1052772, "size": 0, "name": "__module_initializers", "owner": "kernel" },
            { "address": 1052772, "size": 100, "name": "__NONGCSTATICSRingfence_Kernel_Ringfence_Kernel_Silent", "owner": "kernel" },
            { "address": 1052872, "size": 40000, "name": "boot_stack", "owner": "kernel" },
            { "address": 1056768, "size": 28, "name": "??_7String@@6B@", "owner": "Meter" },
            { "address": 1056796, "size": 32, "name": "_ZTV33Ringfence_Kernel_Ringfence_Kernel_Start", "owner": "Meter" },
            { "address": 1056828, "size": 40, "name": "__Str_Meter__7__B26646B2F708A2BCE430D8D9CF03222660051D35850975B020ECEEAD2D137E90", "owner": "Meter" },
            { "address": 1056868, "size": 40, "name": "Acme_Meter__PrivateImplementationDetails___0123", "owner": "Meter" },
            { "address": 1056908, "size": 40, "name": "__readonlydata_Ringfence_Kernel_Ringfence_Kernel_Start__Main", "owner": "Meter" },
            { "address": 1056948, "size": 20, "name": "pristine_Meter", "owner": "Meter" }
          ]
        }
        """;

    private static readonly OwnerNode s_tree = OwnerTree.Build(ImageLayout.Parse(Map));

    [Fact]
    public void The_rows_add_up_to_the_image_at_every_level()
    {
        Assert.Equal(45_056UL, s_tree.Bytes);
        AssertSums(s_tree);
        ImageReport report = new(ImageLayout.Parse(Map));
        Assert.Equal(45_056UL, report.Totals.Aggregate(0UL, static (sum, total) => sum + total.Bytes));
        Assert.Equal(12_496UL, s_tree.FileBytes);
        Assert.Equal(12_496UL, report.Totals.Aggregate(0UL, static (sum, total) => sum + total.FileBytes));
        Assert.Equal(s_tree.PaddingBytes, report.Totals.Aggregate(0UL, static (sum, total) => sum + total.PaddingBytes));
    }

    [Theory]

    // Two symbols of one routine and a routine with two names count once, for the C# name.
    [InlineData("kernel.text/<assembly language and start-up>/entry", 24, 24)]
    [InlineData("kernel.text/Ringfence.Kernel/Ringfence.Kernel.Start/Main", 64, 64)]
    [InlineData("kernel.text/<assembly language and start-up>", 24, 24)]
    [InlineData("kernel.text/<boot protocol>/multiboot_header", 8, 8)]
    [InlineData("kernel.text/System.Private.CoreLib/System.Math/Abs", 100, 100)]
    [InlineData("kernel.text/Ringfence.Kernel/Ringfence.Kernel.Table/ctor", 96, 96)]

    // A short gap keeps an alignment; a long one holds something that has no name.
    [InlineData("kernel.text/padding: alignment", 8, 8)]
    [InlineData("kernel.text/without a symbol", 100, 100)]
    [InlineData("kernel.text/padding: to the end of the page", 3696, 3696)]
    [InlineData("kernel.data/Ringfence.Kernel/Ringfence.Kernel.Start/statics", 100, 100)]
    [InlineData("kernel.data/Ringfence.Kernel/Ringfence.Kernel.Silent/statics", 100, 20)]

    // A symbol has no more than what is left of its region.
    [InlineData("kernel.data/<assembly language and start-up>/boot_stack", 100, 0)]
    [InlineData("Meter.readonly/System.Private.CoreLib/System.String/type description", 28, 28)]
    [InlineData("Meter.readonly/Ringfence.Kernel/Ringfence.Kernel.Start/type description", 32, 32)]
    [InlineData("Meter.readonly/Ringfence.Kernel/Ringfence.Kernel.Start/Main (constants)", 40, 40)]
    [InlineData("Meter.readonly/Acme.Meter/<PrivateImplementationDetails>/0123", 40, 40)]
    [InlineData("Meter.readonly/<string literals>/Meter__7", 40, 40)]
    [InlineData("Meter.readonly/<tables of the image>/pristine_Meter", 20, 20)]
    [InlineData("padding: between regions", 8192, 0)]
    [InlineData("partition.Reading/Contracts.Reading", 24, 0)]
    [InlineData("page-tables/page tables of the kernel", 8192, 0)]
    [InlineData("stacks/kernel stacks: 2 threads, 1 page each", 8192, 0)]
    [InlineData("stacks/user stacks: 1 thread, 1 page each", 4096, 0)]

    // The file: what precedes the content, and what follows each piece of it up to the next.
    [InlineData("headers of the file/file header", 0, 52)]
    [InlineData("headers of the file/program headers", 0, 160)]
    [InlineData("headers of the file/padding: to the first region", 0, 3884)]
    [InlineData("kernel.data/padding: to the end of the page", 3796, 3976)]
    [InlineData("Meter.readonly/padding: to the end of the page", 3896, 8)]
    public void An_owner_has_its_bytes(string path, int bytes, int fileBytes)
    {
        OwnerNode node = s_tree;
        foreach (string name in path.Split('/'))
        {
            node = node.Children.Single(child => child.Name == name);
        }

        Assert.Equal(((ulong)bytes, (ulong)fileBytes), (node.Bytes, node.FileBytes));
    }

    [Fact]
    public void The_text_shows_each_owners_sum_and_the_tree_down_to_types_and_the_JSON_down_to_members()
    {
        ImageReport report = new(ImageLayout.Parse(Map));
        string text = report.Text();
        Assert.StartsWith(
            """
            Sample, pae, strategy common: 45056 bytes of RAM, 0x00100000 to 0x0010b000; the file has 12496 bytes

                RAM  padding     file  owner of regions
                  0        0     4096  file format
              28672     7500     8192  kernel
               4096     3896      208  Meter
               8192     8192        0  nobody
               4096     4072        0  shared
              45056    23660    12496  total

              kernel  a domain   domains     total  page tables, bytes under the strategy
                8224         0         0      8224  common, which this image has
                8224      8224         2     24672  per-domain

                RAM     file  owner
              45056    12496  Sample
                  0     4096    headers of the file
                  0      160      program headers
                  0       52      file header
                  0     3884      padding: to the first region
               4096     4096    kernel.text (r-x, 0x00100000)
                160      160      Ringfence.Kernel
                 96       96        Ringfence.Kernel.Table
                 64       64        Ringfence.Kernel.Start
                100      100      System.Private.CoreLib
                100      100        System.Math

            """,
            text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("ctor", text, StringComparison.Ordinal);

        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            report.WriteJson(json);
        }

        JsonNode root = JsonNode.Parse(stream.ToArray())!;
        Assert.Equal(45_056, (int)root["bytes"]!);
        Assert.Equal(12_496, (int)root["fileBytes"]!);
        Assert.Equal(45_056, root["owners"]!.AsArray().Sum(static owner => (int)owner!["bytes"]!));
        Assert.Equal(45_056, SumOfLeaves(root["tree"]!, "bytes"));
        Assert.Equal(12_496, SumOfLeaves(root["tree"]!, "fileBytes"));
        Assert.Equal(
            """{"strategy":"per-domain","kernelBytes":8224,"domains":2,"domainBytes":8224,"totalBytes":24672}""", root["pageTables"]![1]!.ToJsonString());
        Assert.Contains("""{"name":"ctor","kind":"member","bytes":96,"fileBytes":96}""", root.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sets_of_domains_are_owners_beside_the_kernels_which_has_what_the_file_holds()
    {
        string map = Map.Replace("\"strategy\": \"common\", \"start\"", "\"strategy\": \"per-domain\", \"start\"", StringComparison.Ordinal)
            .Replace("\"per-domain\", \"kernelBytes\": 8224, \"domains\": 2, \"domainBytes\": 8224, \"totalBytes\": 24672", "\"per-domain\", \"kernelBytes\": 4128, \"domains\": 1, \"domainBytes\": 4128, \"totalBytes\": 8256", StringComparison.Ordinal)
            .Replace("\"usedBytes\": 8192, \"fileBytes\": 0, \"fileOffset\": 0", "\"usedBytes\": 8192, \"fileBytes\": 4, \"fileOffset\": 12488", StringComparison.Ordinal);
        OwnerNode tables = OwnerTree.Build(ImageLayout.Parse(map)).Children.Single(static child => child.Name == "page-tables");
        Assert.Equal(
            [("page tables of the kernel", 4096UL, 4UL), ("page tables of domains: 1 sets, 4096 bytes each", 4096UL, 0UL)],
            tables.Children.Where(static child => child.Kind == OwnerKind.PageTable).Select(static child => (child.Name, child.Bytes, child.FileBytes)));
    }

    [Theory]
    [InlineData("\"end\": 1093632", "\"end\": 1085440", "'stacks'")]
    [InlineData("\"end\": 1056768, \"usedBytes\": 300", "\"end\": 1060864, \"usedBytes\": 300", "'Meter.readonly'")]
    [InlineData("\"usedBytes\": 300", "\"usedBytes\": 4097", "'kernel.data'")]
    [InlineData("\"start\": 1048576, \"end\": 1093632", "\"start\": 1048577, \"end\": 1093632", "'kernel.text'")]
    [InlineData("\"fileOffset\": 8192", "\"fileOffset\": 4495", "'kernel.data'")]
    [InlineData("\"fileOffset\": 4096", "\"fileOffset\": 211", "'kernel.text'")]
    [InlineData("\"bytes\": 12496", "\"bytes\": 12487", "'Meter.readonly'")]
    [InlineData("\"fileBytes\": 120", "\"fileBytes\": 301", "'kernel.data'")]
    [InlineData("\"headerBytes\": 52", "\"headerBytes\": 12400", "the headers leave the file")]
    public void A_map_whose_regions_cannot_be_is_refused(string place, string replacement, string region)
    {
        Assert.Contains(place, Map, StringComparison.Ordinal);
        FormatException failure = Assert.Throws<FormatException>(() => ImageLayout.Parse(Map.Replace(place, replacement, StringComparison.Ordinal)));
        Assert.Contains(region, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[")]
    public void What_is_no_map_is_a_failure_that_names_the_file(string content)
    {
        using ScratchFolder folder = new();
        string path = folder.Write("Sample.map.json", content);
        Assert.Contains(path, Assert.Throws<ToolException>(() => ImageLayout.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bytes_of_every_real_image_add_up()
    {
        string images = Path.Combine(Command.RepositoryRoot, "artifacts", "images");
        string[] maps = Directory.Exists(images) ? [.. Directory.GetFiles(images, "*.map.json", SearchOption.AllDirectories).Where(IsOfThisBuild)] : [];
        Assert.SkipWhen(maps.Length == 0, "no image is built");
        foreach (string map in maps)
        {
            ImageLayout layout = ImageLayout.Load(map);
            OwnerNode tree = OwnerTree.Build(layout);
            Assert.Equal(layout.Bytes, tree.Bytes);
            Assert.Equal((ulong)new FileInfo(map.Replace(".map.json", ".elf", StringComparison.Ordinal)).Length, tree.FileBytes);
            AssertSums(tree);

            // If the names of C# were no longer understood, all of it would be in groups of what comes from no assembly.
            OwnerNode text = tree.Children.Single(static child => child.Name == "kernel.text");
            OwnerNode[] assemblies = [.. text.Children.Where(static child => child.Kind == OwnerKind.Assembly && !child.Name.StartsWith('<'))];
            Assert.Contains("Ringfence.Kernel", assemblies.Select(static child => child.Name));
            Assert.InRange(assemblies.Aggregate(0UL, static (sum, child) => sum + child.Bytes), text.Bytes / 2, text.Bytes);
        }
    }

    [Fact]
    public async Task The_command_builds_the_sample_and_reports_on_its_map()
    {
        using SampleRepository repository = new();
        repository.AddSample("Sample", "never booted\n", GuestEnding.Status);
        repository.WriteMap("Sample", "pae", Map);
        string json = Path.Combine(repository.Root, "report.json");
        CommandResult result = await Command.RunToolAsync(repository.Root, "report", "Sample", "--format", "pae", "--json", json);
        Assert.Equal((0, 1), (result.ExitStatus, repository.CountBuilds("Sample")));
        Assert.Equal(new ImageReport(ImageLayout.Parse(Map)).Text(), result.Output);
        Assert.Equal(45_056, SumOfLeaves(JsonNode.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken))!["tree"]!, "bytes"));

        result = await Command.RunToolAsync(repository.Root, "report", "Sample", "--format", "pae", "--json", Path.Combine(repository.Root, "absent", "report.json"));
        Assert.StartsWith("ringfence: cannot write ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitStatus);

        result = await Command.RunToolAsync(repository.Root, "report", "Simple");
        Assert.Equal("ringfence: unknown sample 'Simple'; samples are Sample", Assert.Single(result.ErrorLines));
        Assert.Equal(2, result.ExitStatus);
    }

    // Images that nothing has asked for since the builder changed may lie around for a while; the command would build them first. One that
    // is being built by another test has no key yet.
    private static bool IsOfThisBuild(string map) =>
        File.Exists(map.Replace(".map.json", ".key", StringComparison.Ordinal)) && (int)JsonNode.Parse(File.ReadAllText(map))!["version"]! == 3;

    private static void AssertSums(OwnerNode node)
    {
        OwnerNode[] children = [.. node.Children];
        Assert.NotEqual(0UL, node.Bytes | node.FileBytes);
        if (children.Length != 0)
        {
            Assert.Equal(node.FileBytes, children.Aggregate(0UL, static (sum, child) => sum + child.FileBytes));
            Assert.Equal(node.Bytes, children.Aggregate(0UL, static (sum, child) => sum + child.Bytes));
            Assert.All(children, AssertSums);
        }
    }

    private static int SumOfLeaves(JsonNode node, string property) =>
        node["children"] is JsonArray children ? children.Sum(child => SumOfLeaves(child!, property)) : (int)node[property]!;
}

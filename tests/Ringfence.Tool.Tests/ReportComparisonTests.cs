// What changed between two images, and what is refused as the report of an image.

using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Ringfence.Tool.Reports;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class ReportComparisonTests
{
    private const string Before = """
        {
          "name": "Old", "format": "pae", "strategy": "common", "bytes": 12288, "fileBytes": 400,
          "tree": { "name": "Old", "kind": "image", "bytes": 12288, "fileBytes": 400, "children": [
            { "name": "text", "kind": "region", "bytes": 4096, "fileBytes": 300, "children": [
              { "name": "Acme", "kind": "assembly", "bytes": 300, "fileBytes": 300, "children": [
                { "name": "Acme.Same", "kind": "type", "bytes": 100, "fileBytes": 100 },
                { "name": "Acme.Pump", "kind": "type", "bytes": 200, "fileBytes": 200, "children": [
                  { "name": "Start", "kind": "member", "bytes": 150, "fileBytes": 150 },
                  { "name": "Stop", "kind": "member", "bytes": 50, "fileBytes": 50 } ] } ] },
              { "name": "padding", "kind": "padding", "bytes": 3796, "fileBytes": 0 } ] },
            { "name": "old", "kind": "region", "bytes": 8192, "fileBytes": 100 } ] }
        }
        """;

    private const string Now = """
        {
          "name": "New", "format": "ia32", "strategy": "common", "bytes": 8192, "fileBytes": 465,
          "tree": { "name": "New", "kind": "image", "bytes": 8192, "fileBytes": 465, "children": [
            { "name": "text", "kind": "region", "bytes": 4096, "fileBytes": 345, "children": [
              { "name": "Acme", "kind": "assembly", "bytes": 345, "fileBytes": 345, "children": [
                { "name": "Acme.Same", "kind": "type", "bytes": 100, "fileBytes": 100 },
                { "name": "Acme.Pump", "kind": "type", "bytes": 245, "fileBytes": 245, "children": [
                  { "name": "Start", "kind": "member", "bytes": 140, "fileBytes": 140 },
                  { "name": "Reset", "kind": "member", "bytes": 105, "fileBytes": 105 } ] } ] },
              { "name": "padding", "kind": "padding", "bytes": 3751, "fileBytes": 0 } ] },
            { "name": "new", "kind": "region", "bytes": 4096, "fileBytes": 120 } ] }
        }
        """;

    [Fact]
    public void What_grew_shrank_came_and_went_is_shown_down_to_members_the_largest_change_first() =>
        Assert.Equal(
            """
               RAM    file  image
             12288     400  before: Old, pae, strategy common
              8192     465  now: New, ia32, strategy common
             -4096     +65  change

               RAM    file  owner, the largest change first
             -8192    -100  old (gone)
             +4096    +120  new (new)
                 0     +45  text
               +45     +45    Acme
               +45     +45      Acme.Pump
              +105    +105        Reset (new)
               -50     -50        Stop (gone)
               -10     -10        Start
               -45       0    padding

            """,
            ReportComparison.Text(ReportRecord.Parse(Before), ReportRecord.Parse(Now)));

    [Fact]
    public void The_changes_of_every_owner_add_up_to_its_own()
    {
        OwnerChange change = OwnerChange.Between(ReportRecord.Parse(Before).Tree, ReportRecord.Parse(Now).Tree);
        Assert.Equal((-4096, 65), (change.Bytes, change.FileBytes));
        AssertSums(change);

        // The other way round, everything is the opposite.
        OwnerChange back = OwnerChange.Between(ReportRecord.Parse(Now).Tree, ReportRecord.Parse(Before).Tree);
        Assert.Equal((4096, -65), (back.Bytes, back.FileBytes));
        Assert.Equal(change.Turnover, back.Turnover);
    }

    [Fact]
    public void An_image_compared_with_itself_through_JSON_has_no_change()
    {
        ImageReport report = new(ImageLayout.Parse(ImageReportTests.Map));
        ReportRecord earlier = ReportRecord.Parse(Json(report));
        Assert.Equal("no owner changed", ReportComparison.Text(earlier, report.Record).TrimEnd('\n').Split('\n')[^1]);
    }

    [Theory]
    [InlineData("[", "JSON")]
    [InlineData("null", "empty")]
    [InlineData("{}", "missing required properties")]
    [InlineData("""{"name":"a","format":"b","strategy":"c","bytes":1,"fileBytes":0,"tree":{"name":"a","kind":"planet","bytes":1,"fileBytes":0}}""", "tree.kind")]
    [InlineData("""{"name":"a","format":"b","strategy":"c","bytes":-1,"fileBytes":0,"tree":{"name":"a","kind":"image","bytes":1,"fileBytes":0}}""", "bytes")]
    public void What_is_no_report_is_refused_in_a_line_that_names_the_file(string content, string reason)
    {
        using ScratchFolder folder = new();
        string path = folder.Write("earlier.json", content);
        string message = Assert.Throws<ToolException>(() => ReportRecord.Load(path)).Message;
        Assert.StartsWith(path + " was not written by report --json: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("\"bytes\": 150", "\"bytes\": 151", "'Acme.Pump' is not the sum of its parts")]
    [InlineData("\"bytes\": 12288, \"fileBytes\": 400,\n", "\"bytes\": 12288, \"fileBytes\": 401,\n", "add up to the image")]
    [InlineData("\"Stop\"", "\"Start\"", "'Start' is there twice")]
    public void A_report_that_contradicts_itself_is_refused(string place, string replacement, string reason)
    {
        Assert.Contains(place, Before, StringComparison.Ordinal);
        FormatException failure = Assert.Throws<FormatException>(() => ReportRecord.Parse(Before.Replace(place, replacement, StringComparison.Ordinal)));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_compares_with_the_JSON_of_another_format_and_refuses_a_file_that_is_none()
    {
        using SampleRepository repository = new();
        repository.AddSample("Sample", "never booted\n", GuestEnding.Status);
        repository.WriteMap("Sample", "pae", ImageReportTests.Map);
        string larger = ImageReportTests.Map
            .Replace("\"end\": 1093632", "\"end\": 1097728", StringComparison.Ordinal)
            .Replace("\"format\": \"pae\"", "\"format\": \"ia32\"", StringComparison.Ordinal);
        repository.WriteMap("Sample", "ia32", larger);
        string json = Path.Combine(repository.Root, "earlier.json");
        Assert.Equal(0, (await Command.RunToolAsync(repository.Root, "report", "Sample", "--format", "pae", "--json", json)).ExitStatus);

        CommandResult result = await Command.RunToolAsync(repository.Root, "report", "Sample", "--format", "ia32", "--compare", json);
        Assert.Equal(
            ReportComparison.Text(new ImageReport(ImageLayout.Parse(ImageReportTests.Map)).Record, new ImageReport(ImageLayout.Parse(larger)).Record),
            result.Output);
        Assert.Contains(" +4096       0  padding: between regions", result.OutputLines);
        Assert.Equal(0, result.ExitStatus);

        // Before anything is built.
        int builds = repository.CountBuilds("Sample");
        string absent = Path.Combine(repository.Root, "absent.json");
        result = await Command.RunToolAsync(repository.Root, "report", "Sample", "--compare", absent);
        Assert.StartsWith("ringfence: cannot read " + absent, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal((1, "", builds), (result.ExitStatus, result.Output, repository.CountBuilds("Sample")));

        result = await Command.RunToolAsync(repository.Root, "report", "Sample", "--compare", "");
        Assert.Equal("ringfence: bad value '' for --compare; it takes the name of a file", Assert.Single(result.ErrorLines));
        Assert.Equal(2, result.ExitStatus);
    }

    private static string Json(ImageReport report)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            report.WriteJson(json);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void AssertSums(OwnerChange change)
    {
        if (change.Parts.Count != 0)
        {
            Assert.Equal(change.Bytes, change.Parts.Aggregate(Int128.Zero, static (sum, part) => sum + part.Bytes));
            Assert.Equal(change.FileBytes, change.Parts.Aggregate(Int128.Zero, static (sum, part) => sum + part.FileBytes));
            Assert.All(change.Parts, AssertSums);
        }
    }
}

// What can't be had together is refused by the property that asks for it, at its line, with the reason.

using System.Reflection;
using Ringfence.Domains;
using Ringfence.ImageBuilder;
using Ringfence.ImageBuilder.Linking;
using Ringfence.Paging;

namespace Ringfence.Sdk.Tests;

public sealed class CombinationTests
{
    private const string OneSet = "the one set of tables grants what the one thread that runs may do, and two processors run two";

    [Theory]
    [InlineData("x86-64", "common", "kpti", "true", "RingfenceKpti is 'true'; supported with RingfenceStrategy 'common': false, because there is one set of tables and the kernel is in it;")]
    [InlineData("ia32", "leaf-link", "kpti", "true", "RingfenceKpti is 'true'; supported with RingfenceStrategy 'leaf-link': false, because there is one root and the kernel is below it; per-domain and shared-subtree have")]
    [InlineData("x86-64", "common", "processors", "2", "RingfenceProcessors is '2'; supported with RingfenceStrategy 'common': 1, because " + OneSet)]
    [InlineData("pae", "per-domain", "processors", "4", "RingfenceProcessors is '4'; supported with RingfenceStrategy 'per-domain': 1, because no flush reaches")]
    [InlineData("x86-64", "shared-subtree", "processors", "2", "RingfenceProcessors is '2'; supported with RingfenceStrategy 'shared-subtree': 1, because no flush reaches")]
    [InlineData("pae", "leaf-link", "processors", "2", "RingfenceProcessors is '2'; supported with RingfenceStrategy 'leaf-link': 1, because below the one root are linked")]
    [InlineData("ia32", "common", "require-no-execute", "true", "RingfenceRequireNoExecute is 'true'; supported with RingfenceFormat 'ia32': false, because two-level paging has no execute-disable bit")]
    public async Task A_combination_that_is_not_supported_is_refused_with_the_reason(string format, string strategy, string key, string value, string text)
    {
        using FixtureBuild build = FixtureBuild.Like(format).Set("strategy", strategy).Set(key, value);

        Diagnostic found = Assert.Single((await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics);

        Assert.Equal("RF2024", found.Code);
        Assert.StartsWith(text, found.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    public async Task Memory_that_cannot_be_executed_is_there_on_the_other_formats(string format)
    {
        using FixtureBuild build = FixtureBuild.Like(format).Set("require-no-execute", "true");
        Assert.Contains("KiB of RAM", await build.RunAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_diagnostic_about_a_property_names_the_line_that_sets_it_wherever_that_is()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").Set("processors", "2").Set("kpti", "true");
        string project = Path.Combine(build.Folder, "Image.csproj");
        string imported = Path.Combine(build.Folder, "Shared.props");
        await WriteAsync(project, "<Project>", "  <Import Project=\"Shared.props\" />", "  <PropertyGroup>", "    <RingfenceProcessors>1</RingfenceProcessors>", "    <RingfenceProcessors>2</RingfenceProcessors>", "  </PropertyGroup>", "</Project>");
        await WriteAsync(imported, "<Project>", "  <PropertyGroup><RingfenceKpti>true</RingfenceKpti></PropertyGroup>", "</Project>");
        build.Set("project", project);

        IReadOnlyList<Diagnostic> found = (await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics;

        Assert.Equal([(imported, 2), (project, 5)], found.Select(static diagnostic => (diagnostic.Origin, diagnostic.Line)));

        // By default or from the command line: no line.
        await WriteAsync(imported, "<Project />");
        found = (await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics;
        Assert.Equal([(project, 0), (project, 5)], found.Select(static diagnostic => (diagnostic.Origin, diagnostic.Line)));

        // Not among the properties of the project, or no project at all.
        await WriteAsync(project, "<Project><ItemGroup><RingfenceProcessors Include=\"2\" /></ItemGroup></Project>");
        found = (await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics;
        Assert.Equal([(project, 0), (project, 0)], found.Select(static diagnostic => (diagnostic.Origin, diagnostic.Line)));
        await WriteAsync(project, "no project");
        found = (await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics;
        Assert.Equal([(project, 0), (project, 0)], found.Select(static diagnostic => (diagnostic.Origin, diagnostic.Line)));
    }

    // There is nothing to refuse: no declaration, no region and no partition can say "write and execute". So this looks at all that can be said.
    [Fact]
    public void A_partition_that_can_be_written_and_executed_cannot_be_written_down()
    {
        for (int value = 0; value <= byte.MaxValue; value++)
        {
            LeafRights rights = ((PartitionRights)value).ToLeafRights();
            Assert.False(rights.IsWritable && rights.IsExecutable, $"partition rights {value}");
        }

        LeafRights[] all = [.. typeof(LeafRights).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(static property => (LeafRights)property.GetValue(null)!)];
        Assert.Equal(6, all.Length);
        Assert.DoesNotContain(all, static rights => rights.IsWritable && rights.IsExecutable);
        Assert.Empty(typeof(LeafRights).GetConstructors());
        Assert.Equal(["Read", "ReadExecute", "ReadWrite"], Enum.GetNames<RegionRights>().Order(StringComparer.Ordinal));

        // A component declares a partition by one of these two, and names it; there is no word for rights.
        Type[] attributes =
        [
            .. Assembly.LoadFrom(FixtureBuild.AssemblyOf("Ringfence.App")).GetTypes()
                .Where(static type => type.Name.EndsWith("PartitionAttribute", StringComparison.Ordinal)).OrderBy(static type => type.Name, StringComparer.Ordinal),
        ];
        Assert.Equal(["ReadOnlyPartitionAttribute", "WritablePartitionAttribute"], attributes.Select(static type => type.Name));
        Assert.All(attributes, static type => Assert.Equal(
            ["Name"], type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(static property => property.Name)));
        Assert.All(attributes, static type => Assert.Equal("name", Assert.Single(Assert.Single(type.GetConstructors()).GetParameters()).Name));
    }

    private static Task WriteAsync(string path, params string[] lines) => File.WriteAllLinesAsync(path, lines, TestContext.Current.CancellationToken);
}

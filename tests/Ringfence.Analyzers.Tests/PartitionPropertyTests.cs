// Laws of the generated bodies of partition properties.

using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class PartitionPropertyTests
{
    private const string Surroundings = """
        namespace Ringfence.App
        {
            public sealed class WritablePartitionAttribute(string? name = null) : System.Attribute { public string? Name { get; set; } = name; }
            public sealed class ReadOnlyPartitionAttribute(string? name = null) : System.Attribute { public string? Name { get; set; } = name; }
        }
        struct Board { public int Score; }
        static class P { internal static void Main() { } }

        """;

    [Theory]
    [InlineData("[Ringfence.App.WritablePartition] internal static partial ref Board Shared { get; }", "Shared")]
    [InlineData("[Ringfence.App.ReadOnlyPartition] internal static partial ref readonly Board Shared { get; }", "Shared")]
    [InlineData("[Ringfence.App.WritablePartition(\"score_2\")] internal static partial ref Board Shared { get; }", "score_2")]
    [InlineData("[Ringfence.App.ReadOnlyPartition(Name = \"_score\")] public static partial ref readonly int Shared { get; }", "_score")]
    [InlineData("[Ringfence.App.WritablePartition] static partial ref DayOfWeek Shared { get; }", "Shared")]
    public void A_sound_property_gets_a_body_that_asks_the_symbol_of_its_name(string property, string partition)
    {
        Generation generation = Compile.Generate(
            "using System;\n" + Surroundings + "partial class C { " + property + " }", Project.Component, allowUnsafe: false);

        Assert.Empty(generation.Ids);
        Compile.AssertNoErrors(generation.Output);
        IMethodSymbol import = generation.Output.GetTypeByMetadataName("PartitionAddresses")!.GetMembers().OfType<IMethodSymbol>().Single(static m => m.IsStatic);
        Assert.True(import.IsExtern);
        AttributeData link = import.GetAttributes().Single(static a => a.AttributeClass!.Name == "RuntimeImportAttribute");
        Assert.Equal(["*", "partition_" + partition], link.ConstructorArguments.Select(static a => a.Value));
    }

    [Fact]
    public void Properties_in_nested_generic_and_record_types_get_bodies_too()
    {
        Generation generation = Compile.Generate(
            Surroundings + """
            namespace A.B
            {
                internal partial record struct Outer<T>
                {
                    private partial interface IInner
                    {
                        private struct Hidden { public long X; }
                        [Ringfence.App.WritablePartition("one")] private static partial ref Hidden @event { get; }
                    }
                }
                internal static partial class Other
                {
                    [Ringfence.App.ReadOnlyPartition("one")] internal static partial ref readonly Board Board { get; }
                }
            }
            """,
            Project.Component);

        Assert.Empty(generation.Ids);
        Compile.AssertNoErrors(generation.Output);
    }

    [Theory]
    [InlineData("RF1102", "[Ringfence.App.WritablePartition] static partial ref readonly Board Shared { get; }")]
    [InlineData("RF1102", "[Ringfence.App.WritablePartition] static partial Board Shared { get; }")]
    [InlineData("RF1103", "[Ringfence.App.ReadOnlyPartition] static partial ref Board Shared { get; }")]
    [InlineData("RF1103", "[Ringfence.App.ReadOnlyPartition] static partial Board Shared { get; }")]
    [InlineData("RF1104", "[Ringfence.App.WritablePartition] static partial ref string Shared { get; }")]
    [InlineData("RF1104", "[Ringfence.App.WritablePartition] static partial ref (int, object) Shared { get; }")]
    [InlineData("RF1104", "[Ringfence.App.WritablePartition] static unsafe partial ref int* Shared { get; }")]
    [InlineData("RF1105", "[Ringfence.App.WritablePartition(\"\")] static partial ref Board Shared { get; }")]
    [InlineData("RF1105", "[Ringfence.App.WritablePartition(\"2x\")] static partial ref Board Shared { get; }")]
    [InlineData("RF1105", "[Ringfence.App.WritablePartition(\"a-b\")] static partial ref Board Shared { get; }")]
    [InlineData("RF1105", "[Ringfence.App.WritablePartition(\"é\")] static partial ref Board Shared { get; }")]
    [InlineData("RF1107", "static Board s_b; [Ringfence.App.WritablePartition] static ref Board Shared => ref s_b;")]
    [InlineData("RF1107", "[Ringfence.App.WritablePartition] partial ref Board Shared { get; }")]
    public void An_unsound_property_is_reported_at_its_name_and_gets_no_body(string id, string property)
    {
        Generation generation = Compile.Generate(Surroundings + "partial class C { " + property + " }", Project.Component);

        Assert.Equal([id], generation.Ids);
        Location place = generation.Diagnostics[0].Location;
        Assert.Equal("Shared", generation.Output.SyntaxTrees.First().GetText(TestContext.Current.CancellationToken).ToString(place.SourceSpan));
        Assert.DoesNotContain("Partitions.g.cs", generation.Sources.Keys);
    }

    [Fact]
    public async Task Generated_bodies_pass_the_analyzers()
    {
        Generation generation = Compile.Generate(
            Surroundings + "partial class C { [Ringfence.App.WritablePartition] internal static partial ref Board Shared { get; } }", Project.Component);

        Assert.Empty(await Compile.FindingsAsync(generation.Output, Project.Component));
    }
}

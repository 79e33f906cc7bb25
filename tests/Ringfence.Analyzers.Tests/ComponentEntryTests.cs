// Laws of the generated component entry.

using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class ComponentEntryTests
{
    [Theory]
    [InlineData("internal static void Main() { Ran = 1; }", 0)]
    [InlineData("internal static int Main() { Ran = 1; return 42; }", 42)]
    public void Entry_runs_main_and_returns_its_status(string main, int status)
    {
        Generation generation = Compile.Generate($"namespace A.B; static class P {{ public static int Ran; {main} }}", Project.Component);

        Assert.Empty(generation.Ids);
        Assembly assembly = Emitted.Load(generation.Output);
        Assert.Equal(status, Emitted.Call(assembly, "ComponentEntry", "Run"));
        Assert.Equal(1, assembly.GetType("A.B.P")!.GetField("Ran")!.GetValue(null));
    }

    [Fact]
    public void Entry_is_exported_as_ComponentMain_by_the_attribute_that_the_compiler_matches_by_name()
    {
        Generation generation = Compile.Generate("static class P { internal static void Main() { } }", Project.Component);

        IMethodSymbol run = generation.Output.GetTypeByMetadataName("ComponentEntry")!.GetMembers("Run").OfType<IMethodSymbol>().Single();
        AttributeData export = Assert.Single(run.GetAttributes());
        Assert.Equal("System.Runtime.RuntimeExportAttribute", export.AttributeClass!.ToDisplayString());
        Assert.Equal("ComponentMain", Assert.Single(export.ConstructorArguments).Value);
    }

    [Fact]
    public void Link_attributes_are_emitted_only_where_missing()
    {
        const string Own = """
            namespace System.Runtime { public sealed class RuntimeExportAttribute : System.Attribute { public RuntimeExportAttribute(string e) { } } }
            static class P { internal static void Main() { } }
            """;

        string attributes = Compile.Generate(Own, Project.Component).Sources["RuntimeLinkAttributes.g.cs"];

        Assert.Contains("RuntimeImportAttribute", attributes, System.StringComparison.Ordinal);
        Assert.DoesNotContain("RuntimeExportAttribute", attributes, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_emitted_for_link_attributes_that_the_compilation_sees()
    {
        const string Own = """
            namespace System.Runtime
            {
                public sealed class RuntimeExportAttribute : System.Attribute { public RuntimeExportAttribute(string e) { } }
                public sealed class RuntimeImportAttribute : System.Attribute { public RuntimeImportAttribute(string d, string e) { } }
            }
            static class P { internal static void Main() { } }
            """;

        Generation generation = Compile.Generate(Own, Project.Component);

        Assert.Equal(["ComponentEntry.g.cs"], generation.Sources.Keys);
        Compile.AssertNoErrors(generation.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("static class P { internal static void Main(string[] arguments) { } }")]
    [InlineData("class P { internal void Main() { } }")]
    [InlineData("static class P { internal static long Main() => 0; }")]
    [InlineData("static class P { internal static void Main<T>() { } }")]
    [InlineData("static class P<T> { internal static void Main() { } }")]
    public void A_component_without_a_suitable_main_is_RF1100(string source)
    {
        Generation generation = Compile.Generate(source, Project.Component);

        Assert.Equal(["RF1100"], generation.Ids);
        Assert.DoesNotContain("ComponentEntry.g.cs", generation.Sources.Keys);
    }

    [Fact]
    public void Two_mains_are_RF1101_and_both_are_named()
    {
        Generation generation = Compile.Generate(
            "static class P { internal static void Main() { } } static class Q { internal static int Main() => 0; }", Project.Component);

        Assert.Equal(["RF1101"], generation.Ids);
        Assert.Contains("P.Main(), Q.Main()", generation.Diagnostics[0].GetMessage(System.Globalization.CultureInfo.InvariantCulture), System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("static class P { static void Main() { } }")]
    [InlineData("static class P { private static class Q { internal static void Main() { } } }")]
    [InlineData("file static class P { internal static void Main() { } }")]
    public void A_main_that_generated_code_can_not_call_is_RF1106(string source) =>
        Assert.Equal(["RF1106"], Compile.Generate(source, Project.Component).Ids);

    [Fact]
    public void Another_kind_of_project_gets_no_entry()
    {
        Generation generation = Compile.Generate("static class P { internal static void Main() { } }", Project.Metal);

        Assert.Empty(generation.Ids);
        Assert.Empty(generation.Sources);
    }

    [Fact]
    public async Task Generated_entry_passes_the_analyzers()
    {
        Generation generation = Compile.Generate("static class P { internal static int Main() => 0; }", Project.Component);

        Assert.Empty(await Compile.FindingsAsync(generation.Output, Project.Component));
        Assert.All(generation.Sources.Values, static text => Assert.StartsWith("// <auto-generated/>", text, System.StringComparison.Ordinal));
    }
}

// Laws of the generated registry of guest tests.

using System;
using System.Reflection;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class GuestTestRegistryTests
{
    private const string Attribute = "global using Any.Where; namespace Any.Where { sealed class GuestTestAttribute : System.Attribute; }\n";

    private delegate ReadOnlySpan<byte> NameOf(int index);

    [Fact]
    public void Tests_are_sorted_by_name_and_run_with_their_results_adapted()
    {
        Assembly assembly = Build("""
            static class Zoo { [GuestTest] internal static bool Fails() => false; [GuestTest] public static bool Passes() => true; }
            namespace N
            {
                public class Ant
                {
                    [GuestTest] public static void Quiet() { }
                    [GuestTest] internal static int Code() => 7;
                    public static int NotATest() => 9;
                    internal class Inner { [GuestTest] internal static int Deep() => 3; }
                }
            }
            """);

        Assert.Equal(["Ant.Code", "Ant.Inner.Deep", "Ant.Quiet", "Zoo.Fails", "Zoo.Passes"], Names(assembly));
        Assert.Equal([7, 3, 0, 1, 0], Results(assembly));
    }

    [Fact]
    public void Tests_of_one_name_in_two_namespaces_are_told_apart() => Assert.Equal(
        ["A.Same.Test", "B.Same.Test", "Other.Test"],
        Names(Build("""
            namespace A { static class Same { [GuestTest] internal static void Test() { } } }
            namespace B { static class Same { [GuestTest] internal static void Test() { } } static class Other { [GuestTest] internal static void Test() { } } }
            """)));

    [Fact]
    public void A_project_without_tests_gets_an_empty_registry() => Assert.Empty(Names(Build("")));

    [Fact]
    public void An_index_out_of_range_has_no_name_and_fails()
    {
        Assembly assembly = Build("static class C { [GuestTest] internal static void T() { } }");

        Assert.Equal("", NameAt(assembly, 1));
        Assert.Equal("", NameAt(assembly, -1));
        Assert.Equal(-1, Emitted.Call(assembly, "GuestTestRegistry", "Run", 1));
    }

    [Theory]
    [InlineData("class C { [GuestTest] internal void T() { } }")]
    [InlineData("class C { [GuestTest] static void T() { } }")]
    [InlineData("class C { [GuestTest] internal static void T(int x) { } }")]
    [InlineData("class C { [GuestTest] internal static long T() => 0; }")]
    [InlineData("class C { static int s_x; [GuestTest] internal static ref int T() => ref s_x; }")]
    [InlineData("class C { [GuestTest] internal static void T<X>() { } }")]
    [InlineData("class C<X> { [GuestTest] internal static void T() { } }")]
    [InlineData("class C { private class D { [GuestTest] internal static void T() { } } }")]
    public void A_method_that_the_registry_can_not_call_is_RF1110(string source)
    {
        Generation generation = Compile.Generate(Attribute + source, Project.GuestTests);

        Assert.Equal(["RF1110"], generation.Ids);
        Compile.AssertNoErrors(generation.Output);
        Assert.Contains("Count = 0", generation.Sources["GuestTestRegistry.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Component")]
    [InlineData(null)]
    public void Another_kind_of_project_gets_no_registry(string? kind) => Assert.DoesNotContain(
        "GuestTestRegistry.g.cs",
        Compile.Generate(Attribute + "class C { [GuestTest] internal static void T() { } }", new Project(Kind: kind)).Sources.Keys);

    [Fact]
    public async Task Generated_registry_passes_the_analyzers() => Assert.Empty(await Compile.FindingsAsync(
        Compile.Generate(Attribute + "class C { [GuestTest] internal static bool T() => true; }", Project.GuestTests).Output, Project.GuestTests));

    private static Assembly Build(string source)
    {
        Generation generation = Compile.Generate(Attribute + source, Project.GuestTests);
        Assert.Empty(generation.Ids);
        return Emitted.Load(generation.Output);
    }

    private static string[] Names(Assembly assembly)
    {
        string[] names = new string[Count(assembly)];
        for (int index = 0; index < names.Length; index++)
        {
            names[index] = NameAt(assembly, index);
        }

        return names;
    }

    private static object?[] Results(Assembly assembly)
    {
        object?[] results = new object?[Count(assembly)];
        for (int index = 0; index < results.Length; index++)
        {
            results[index] = Emitted.Call(assembly, "GuestTestRegistry", "Run", index);
        }

        return results;
    }

    private static int Count(Assembly assembly) => (int)assembly.GetType("GuestTestRegistry")!.GetField("Count")!.GetValue(null)!;

    private static string NameAt(Assembly assembly, int index) =>
        Encoding.UTF8.GetString(assembly.GetType("GuestTestRegistry")!.GetMethod("Name")!.CreateDelegate<NameOf>()(index));
}

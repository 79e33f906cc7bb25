// RF1008, RF1009, RF1010: finalizers, reflection, and stack frames without a bound.

using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class RuntimeServiceTests
{
    [Fact]
    public async Task A_finalizer_is_RF1008() => Assert.Equal(["RF1008 C"], await Compile.FindingsAsync("class C { ~C() { } void Finish() { } }"));

    [Theory]
    [InlineData("string M() => typeof(int).Name;", "typeof(int).Name")]
    [InlineData("bool M<T>() => typeof(T).IsValueType;", "typeof(T).IsValueType")]
    [InlineData("object? M() => typeof(C).GetMethod(\"M\");", "typeof(C).GetMethod(\"M\")")]
    [InlineData("Type M(object o) => o.GetType();", "o.GetType()")]
    [InlineData("Type M(int i) => i.GetType();", "i.GetType()")]
    [InlineData("string M(Type t) => t.FullName!;", "t.FullName")]
    [InlineData("void M(dynamic d) { }", "dynamic")]
    public async Task Reflection_and_dynamic_are_RF1009(string member, string underlined) => Assert.Equal(
        ["RF1009 " + underlined], await Compile.FindingsAsync("using System; class C { " + member + " }"));

    [Theory]
    [InlineData("bool M<T>() => typeof(T) == typeof(int);")]
    [InlineData("int dynamic; int M() => dynamic;")]
    [InlineData("[Some(typeof(int))] string M() => nameof(Type.Name); class SomeAttribute : Attribute { public SomeAttribute(Type t) { } }")]
    public async Task Types_that_are_only_compared_or_named_are_left_alone(string member) => Assert.Empty(
        await Compile.FindingsAsync("using System; class C { " + member + " }"));

    [Theory]
    [InlineData("void M(int n) { Span<byte> s = stackalloc byte[n]; }", "stackalloc byte[n]")]
    [InlineData("void M(int n) { if (n < 8) { int* p = stackalloc int[n + 1]; } }", "stackalloc int[n + 1]")]
    public async Task A_stackalloc_of_variable_size_is_RF1010_in_all_metal_code(string member, string underlined)
    {
        string source = "using System; unsafe class C { " + member + " }";
        Assert.Equal(["RF1010 " + underlined], await Compile.FindingsAsync(source, Project.Metal));
        Assert.Equal(["RF1010 " + underlined], await Compile.FindingsAsync(source, Project.Component));
    }

    [Theory]
    [InlineData("stackalloc byte[1025]")]
    [InlineData("stackalloc int[257]")]
    [InlineData("stackalloc (long, byte)[65]")]
    [InlineData("stackalloc Wide[33]")]
    public async Task A_component_may_take_1024_bytes_at_once_and_the_kernel_what_it_needs(string expression)
    {
        string source = $$"""
            using System; using System.Runtime.CompilerServices;
            [InlineArray(8)] struct Wide { int _x; }
            class C { void M() { var s = {{expression}}; } }
            """.Replace("var s", "ReadOnlySpan<" + expression[11..expression.IndexOf('[', System.StringComparison.Ordinal)] + "> s", System.StringComparison.Ordinal);
        Assert.Equal(["RF1010 " + expression], await Compile.FindingsAsync(source, Project.Component));
        Assert.Empty(await Compile.FindingsAsync(source, Project.Metal));
    }

    [Theory]
    [InlineData("void M() { const int N = 1024; Span<byte> s = stackalloc byte[N]; }")]
    [InlineData("void M() { Span<int> s = stackalloc int[256]; Span<char> t = stackalloc[] { 'a', 'b' }; }")]
    [InlineData("void M<T>() where T : unmanaged { Span<T> s = stackalloc T[4]; }")]
    [InlineData("void M(int x) { Span<int> s = stackalloc int[] { x, x }; }")]
    public async Task Small_constant_sizes_are_left_alone(string member) => Assert.Empty(
        await Compile.FindingsAsync("using System; class C { " + member + " }", Project.Component));

    [Theory]
    [InlineData("stackalloc byte[1]")]
    [InlineData("stackalloc int[] { 1, 2 }")]
    [InlineData("stackalloc[] { 1L }")]
    public async Task Any_stackalloc_in_the_kernel_is_RF1011(string expression)
    {
        string source = "class C { static int M() { var s = (System.Span<" + (expression.Contains("byte", System.StringComparison.Ordinal) ? "byte" : expression.Contains('L', System.StringComparison.Ordinal) ? "long" : "int")
            + ">)" + expression + "; return s.Length; } }";

        Assert.Equal(["RF1011 " + expression], await Compile.FindingsAsync(source, Project.Kernel));
        Assert.Empty(await Compile.FindingsAsync(source, Project.Component));
    }
}

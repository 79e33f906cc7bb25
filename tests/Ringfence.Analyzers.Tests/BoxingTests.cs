// RF1002: where values become objects.

using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class BoxingTests
{
    private const string Usings = "using System; using System.Collections.Generic;\n";

    private const string Types = """
        interface I { void F(); }
        struct S : I, IDisposable { public void F() { } public void Dispose() { } }
        struct Own { public override string ToString() => ""; public override int GetHashCode() => 0; public override bool Equals(object? o) => false; }
        enum E { A }

        """;

    [Theory]
    [InlineData("object M(int x) => x;", "x")]
    [InlineData("object M(E x) => x;", "x")]
    [InlineData("Enum M(E x) => x;", "x")]
    [InlineData("ValueType M(S x) => x;", "x")]
    [InlineData("I M(S x) => x;", "x")]
    [InlineData("object? M(int? x) => x;", "x")]
    [InlineData("object? M<T>(T x) => x;", "x")]
    [InlineData("I M<T>(T x) where T : struct, I => x;", "x")]
    [InlineData("object M(int x) => (object)x;", "(object)x")]
    [InlineData("I? M(S x) => x as I;", "x as I")]
    [InlineData("void P(object o) { } void M(int x) { P(x); }", "x")]
    [InlineData("string? M(S x) => x.ToString();", "x.ToString()")]
    [InlineData("int M(S x) => x.GetHashCode();", "x.GetHashCode()")]
    [InlineData("string M(E x) => x.ToString();", "x.ToString()")]
    [InlineData("int M(IEnumerable<int> a) { int n = 0; foreach (int x in a) { n += x; } return n; }", "a")]
    [InlineData("struct B { public override int GetHashCode() => base.GetHashCode(); }", "base.GetHashCode()")]
    public async Task Boxing_is_reported_where_it_happens(string member, string underlined) => Assert.Equal(
        ["RF1002 " + underlined], await Compile.FindingsAsync(Usings + Types + "class C { " + member + " }"));

    [Theory]
    [InlineData("long M(int x) => x; int? N(int x) => x; E O(int x) => (E)x;")]
    [InlineData("void M<T>(T x) where T : I { x.F(); } void N(S s) { M(s); s.F(); }")]
    [InlineData("object M(string s) => s; I? N(I? i) => i; object O<T>(T t) where T : class => t;")]
    [InlineData("string M(Own x) => x.ToString(); int N(Own x) => x.GetHashCode();")]
    [InlineData("string M(int x) => x.ToString(); bool N(int x, int y) => x.Equals(y);")]
    [InlineData("bool M<T>(T x) => x == null; bool N<T>(T x) => x is null; bool O(int? x) => x == null;")]
    [InlineData("void M() { using S s = default; using (S t = default) { } }")]
    [InlineData("int M(List<int> a, int[] b) { int n = 0; foreach (int x in a) { n += x; } foreach (int x in b) { n += x; } return n; }")]
    [InlineData("bool M(object o) => o is 5 or E.A;")]
    [InlineData("(long, int?) M((int, int) t) => t;")]
    [InlineData("int M(S? s) { s?.F(); return s.HasValue ? 1 : 0; } int N(Span<int> s) { ReadOnlySpan<int> r = s; return r.Length; }")]
    [InlineData("bool M(E a, E b) => a == b && (a & b) != 0; int N(E a) => a switch { E.A => 1, _ => 2 };")]
    [InlineData("[Some(1)] void M() { } class SomeAttribute : Attribute { public SomeAttribute(object o) { } }")]
    [InlineData("struct W { public static implicit operator string(W w) => \"\"; } string M(W w) => w;")]
    public async Task Conversions_and_calls_without_a_box_are_left_alone(string member) => Assert.Empty(
        await Compile.FindingsAsync(Usings + Types + "class C { " + member + " }"));
}

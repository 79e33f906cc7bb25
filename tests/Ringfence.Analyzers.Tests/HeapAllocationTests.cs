// RF1001: what allocates, and what only looks as if it did.

using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class HeapAllocationTests
{
    private const string Usings = "using System; using System.Collections.Generic; using System.Threading.Tasks; using System.Runtime.CompilerServices;\n";

    [Theory]
    [InlineData("object M() => new object();", "new object()")]
    [InlineData("object M() { object o = new(); return o; }", "new()")]
    [InlineData("T M<T>() where T : class, new() => new T();", "new T()")]
    [InlineData("T M<T>() where T : new() => new T();", "new T()")]
    [InlineData("int[] M() => new int[3];", "new int[3]")]
    [InlineData("int[] M() => new[] { 1, 2 };", "new[] { 1, 2 }")]
    [InlineData("void M() { int[] a = { 1, 2 }; }", "{ 1, 2 }")]
    [InlineData("int[][] M() => new int[][] { new int[1] };", "new int[][] { new int[1] }")]
    [InlineData("Span<byte> M() => new byte[] { 1, 2 };", "new byte[] { 1, 2 }")]
    [InlineData("ReadOnlySpan<byte> M(byte b) => new byte[] { 1, b };", "new byte[] { 1, b }")]
    [InlineData("ReadOnlySpan<string> M() => new string[] { \"a\" };", "new string[] { \"a\" }")]
    [InlineData("ReadOnlySpan<byte> M() => new byte[8];", "new byte[8]")]
    [InlineData("void P(params int[] a) { } void M() { P(1, 2); }", "P(1, 2)")]
    [InlineData("void P(params int[] a) { } void M() { P(); }", "P()")]
    [InlineData("int[] M() => [1, 2];", "[1, 2]")]
    [InlineData("List<int> M() => [1, 2];", "[1, 2]")]
    [InlineData("int M(ReadOnlySpan<int> a) { ReadOnlySpan<int> s = [1, .. a]; return s.Length; }", "[1, .. a]")]
    [InlineData("void M() { var a = new { X = 1 }; }", "new { X = 1 }")]
    [InlineData("string M(string a) => a + \"b\" + a;", "a + \"b\" + a")]
    [InlineData("string M(int a) => \"b\" + a;", "\"b\" + a")]
    [InlineData("void M(string a) { a += \"b\"; }", "a += \"b\"")]
    [InlineData("string M(int a) => $\"{a}\";", "$\"{a}\"")]
    [InlineData("string M(string a) => a + $\"{a}b\";", "a + $\"{a}b\"")]
    [InlineData("Action M() => M2; static void M2() { }", "M2")]
    [InlineData("Action M() => new Action(M2); static void M2() { }", "new Action(M2)")]
    [InlineData("Func<int> M() => static () => 1;", "static () => 1")]
    [InlineData("void M(int x) { Func<int> f = delegate { return x; }; }", "delegate { return x; }")]
    [InlineData("IEnumerable<int> M() { yield return 1; yield return 2; }", "yield return 1;")]
    [InlineData("void M() { IEnumerable<int> L() { yield break; } L(); }", "yield break;")]
    [InlineData("record class R(int X); R M(R r) => r with { X = 1 };", "r with { X = 1 }")]
    [InlineData("int _x = new object().GetHashCode();", "new object()")]
    public async Task Allocations_are_reported_where_they_stand(string member, string underlined) => Assert.Equal(
        ["RF1001 " + underlined], await Compile.FindingsAsync(Usings + "unsafe class C { " + member + " }"));

    [Theory]
    [InlineData("async void M() { await Task.Yield(); }", "M")]
    [InlineData("void M() { async Task L() { await Task.Yield(); } L(); }", "L")]
    public async Task Async_methods_are_reported_at_their_name(string member, string underlined) => Assert.Equal(
        ["RF1001 " + underlined], await Compile.FindingsAsync(Usings + "class C { " + member + " }"));

    [Theory]
    [InlineData("ReadOnlySpan<byte> Text => \"abc\"u8;")]
    [InlineData("string Text() => \"a\" + \"b\" + nameof(C);")]
    [InlineData("const string Text = \"a\" + \"b\"; string M() => $\"{Text}c\";")]
    [InlineData("static ReadOnlySpan<byte> Table => new byte[] { 1, 2, 3 };")]
    [InlineData("static ReadOnlySpan<int> Table => new[] { 1, 2, 3 };")]
    [InlineData("static ReadOnlySpan<ulong> Table => [1, 2, 3];")]
    [InlineData("static ReadOnlySpan<byte> Table => new ReadOnlySpan<byte>(new byte[] { 1, 2 });")]
    [InlineData("static ReadOnlySpan<DayOfWeek> Table => [DayOfWeek.Monday, DayOfWeek.Friday];")]
    [InlineData("static ReadOnlySpan<int> None => [];")]
    [InlineData("int M(int a) { Span<int> s = [a, 2]; ReadOnlySpan<int> r = [a, a]; return s.Length + r.Length; }")]
    [InlineData("void P(params ReadOnlySpan<int> a) { } void M(int x) { P(1, x); P(); }")]
    [InlineData("int M() { Span<int> s = stackalloc int[4]; Span<int> t = stackalloc[] { 1, 2 }; return s.Length + t.Length; }")]
    [InlineData("struct S(int x) { public int X = x; } S M() => new S(1) with { X = 2 }; S N() => new(); S O() => default;")]
    [InlineData("T M<T>() where T : struct => new T();")]
    [InlineData("static void F() { } delegate*<void> M() => &F;")]
    [InlineData("int M(int x) { return L(); int L() => x + 1; }")]
    [InlineData("[Obsolete(\"a\" + \"b\")] [Params(new[] { 1, 2 })] void M() { } class ParamsAttribute : Attribute { public ParamsAttribute(params int[] a) { } }")]
    [InlineData("(int, int) M() => (1, 2); int? N() => 3; int O((int A, int B) t) => t is (1, var b) ? b : t.A;")]
    [InlineData("[InlineArray(4)] struct Four { int _x; } int M() { Four f = default; f[1] = 2; Span<int> s = f; return s[..2].Length; }")]
    [InlineData("interface IFormat { static abstract int Levels { get; } } struct Pae : IFormat { public static int Levels => 3; } int M<T>() where T : struct, IFormat => T.Levels; int N() => M<Pae>();")]
    [InlineData("int M(string s) => s switch { \"a\" => 1, \"b\" => 2, _ => 0 };")]
    [InlineData("int M(ReadOnlySpan<byte> s) { int n = 0; foreach (byte b in s) { n += b; } foreach (char c in \"abc\") { n += c; } return n; }")]
    [InlineData("[InterpolatedStringHandler] ref struct H { public H(int l, int f) { } public void AppendLiteral(string s) { } public void AppendFormatted(int i) { } } void W(H h) { } void M(int x) { W($\"a{x}\"); }")]
    public async Task Code_that_stays_off_the_heap_is_left_alone(string member) => Assert.Empty(
        await Compile.FindingsAsync(Usings + "unsafe class C { " + member + " }"));

    [Fact]
    public async Task Wide_constants_need_the_runtime_helper_that_reads_them()
    {
        // A corelib without RuntimeHelpers.CreateSpan: the compiler would cache an array in a static.
        const string Source = """
            namespace System
            {
                public class Object { }
                public abstract class ValueType { }
                public abstract class Enum { }
                public struct Void { }
                public struct Int32 { }
                public struct Byte { }
                public class String { }
                public abstract class Array { }
                public class Attribute { }
                public readonly ref struct ReadOnlySpan<T>
                {
                    public ReadOnlySpan(T[] array) { }
                    public static implicit operator ReadOnlySpan<T>(T[] array) => default;
                }
            }
            static class C
            {
                static System.ReadOnlySpan<byte> Narrow => new byte[] { 1, 2 };
                static System.ReadOnlySpan<int> Wide => new int[] { 1, 2 };
            }
            """;

        Assert.Equal(
            ["RF1001 new int[] { 1, 2 }"],
            await Compile.FindingsAsync(Compile.Source(Source).RemoveAllReferences(), Project.Metal));
    }

    [Fact]
    public async Task Projects_for_other_worlds_may_allocate() => Assert.Empty(
        await Compile.FindingsAsync("class C { object M() => new object(); static int[] s_a = new int[1]; ~C() { throw null!; } }", Project.Host));
}

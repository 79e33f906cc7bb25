// What metal code may not use must be an error of C#, at the place where it is written, not of a later tool.
using Xunit;

namespace Ringfence.CoreLib.Tests;

public sealed class MetalLanguageTests
{
    [Theory]
    [InlineData("System.Console.WriteLine();")]
    [InlineData("var list = new System.Collections.Generic.List<int>();")]
    [InlineData("System.Threading.Tasks.Task? task = null;")]
    [InlineData("var text = $\"{argument}\";")]
    [InlineData("var text = \"n\" + argument;")]
    [InlineData("var text = argument.ToString();")]
    [InlineData("lock (new object()) { }")]
    [InlineData("throw new System.Exception();")]
    [InlineData("System.Type type = typeof(int);")]
    [InlineData("System.Func<int> function = () => 1;")]
    [InlineData("System.Threading.Thread.Sleep(1);")]
    [InlineData("decimal number = 1m;")]
    [InlineData("dynamic value = argument; value.Method();")]
    [InlineData("object value = argument; value.GetType();")]
    [InlineData("var slice = new int[3][1..];")]
    [InlineData("int n = \"5\".Length + int.Parse(\"5\");")]
    public void What_needs_a_runtime_below_it_is_an_error_of_CSharp(string statement) => Assert.NotEmpty(MetalCompilation.ErrorsOf(InMethod(statement)));

    [Theory]
    [InlineData("class C { System.Collections.Generic.IEnumerable<int> M() { yield return 1; } }")]
    [InlineData("class C { async void M() { } }")]
    [InlineData("record struct R(int A);")]
    [InlineData("record R(int A);")]
    public void What_CSharp_would_generate_on_top_of_a_runtime_is_an_error_of_CSharp(string source) => Assert.NotEmpty(MetalCompilation.ErrorsOf(source));

    [Theory]
    [InlineData("Span<int> span = stackalloc int[4]; span[^1] = argument; foreach (ref int item in span[1..]) item++;")]
    [InlineData("ReadOnlySpan<int> table = [1, 2, 3]; argument += table[1];")]
    [InlineData("Span<int> span = [argument, 2]; span.Fill(3);")]
    [InlineData("ReadOnlySpan<byte> text = \"abc\"u8; ReadOnlySpan<char> units = \"abc\";")]
    [InlineData("int? none = null; argument += none ?? 1;")]
    [InlineData("(int a, int b) = (1, 2); (a, b) = (b, a); bool same = (a, b) == (1, 2);")]
    [InlineData("argument = argument switch { 1 => 2, > 5 and < 9 => 3, _ => 4 };")]
    [InlineData("unsafe { delegate*<int, int> call = &Twice; argument = call(argument); } static int Twice(int x) => x * 2;")]
    [InlineData("unsafe { fixed (char* text = \"abc\") { argument = text[0]; } }")]
    [InlineData("System.Threading.Interlocked.Or(ref argument, 1); System.Threading.Volatile.Write(ref argument, 2);")]
    [InlineData("switch (\"a\") { case \"a\": break; case \"b\": argument++; break; }")]
    [InlineData("const string Name = nameof(argument) + \"!\";")]
    public void What_compiles_to_plain_code_is_accepted(string statement) => Assert.Empty(MetalCompilation.ErrorsOf(InMethod(statement)));

    [Theory]
    [InlineData("interface I { static abstract int N { get; } } struct S : I { public static int N => 1; } class C { int M<T>() where T : I => T.N; }")]
    [InlineData("[System.Runtime.CompilerServices.InlineArray(4)] struct A { int _first; } class C { int M(ref A a) { System.Span<int> s = a; return a[1] + s[2]; } }")]
    [InlineData("unsafe struct F { public fixed byte Bytes[8]; }")]
    [InlineData("ref struct R { public ref int Field; } class C { volatile int _flag; required public int Number { get; init; } }")]
    [InlineData("static class E { extension(int x) { public int Twice => x * 2; } }")]
    [InlineData("[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Other\")] class C { [System.Diagnostics.Conditional(\"X\")] void M(in int a, [System.Diagnostics.CodeAnalysis.NotNull] ref string? b) => b = \"\"; }")]
    public void Declarations_of_systems_code_are_accepted(string source) => Assert.Empty(MetalCompilation.ErrorsOf(source));

    private static string InMethod(string statements) => "using System; class Sample { void Method(int argument) { " + statements + " } }";
}

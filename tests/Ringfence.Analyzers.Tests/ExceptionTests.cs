// RF1003: what would need a stack to be unwound.

using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class ExceptionTests
{
    private const string Usings = "using System;\n";

    [Theory]
    [InlineData("void M() { throw new Exception(); }", "throw new Exception();")]
    [InlineData("int M(int? x) => x ?? throw new Exception();", "throw new Exception()")]
    [InlineData("void M() { try { } catch { } }", "catch")]
    [InlineData("void M() { try { } catch (Exception e) when (e is ArgumentException) { } finally { } }", "catch")]
    [InlineData("int M(int x) => x switch { 1 => 1, 2 => 2 };", "switch")]
    [InlineData("enum E { A, B } int M(E x) => x switch { E.A => 1, E.B => 2 };", "switch")]
    [InlineData("int M(int x) => x switch { > 0 => 1, <= 0 when x < -5 => 2 };", "switch")]
    [InlineData("int M(bool? x) => x switch { true => 1, false => 2 };", "switch")]
    public async Task Throw_and_catch_are_reported_written_or_added(string member, string underlined) => Assert.Equal(
        ["RF1003 " + underlined], await Compile.FindingsAsync(Usings + "class C { " + member + " }"));

    [Fact]
    public async Task A_rethrow_is_a_throw() => Assert.Equal(
        ["RF1003 catch", "RF1003 throw;"], await Compile.FindingsAsync("class C { void M() { try { } catch { throw; } } }"));

    [Theory]
    [InlineData("void M() { try { M(); } finally { M(); } }")]
    [InlineData("ref struct R { public void Dispose() { } } void M() { using R r = new(); }")]
    [InlineData("void M(object gate) { lock (gate) { M(gate); } }")]
    [InlineData("int M(int x) => x switch { 1 => 1, _ => 2 };")]
    [InlineData("int M(int x) => x switch { > 0 => 1, <= 0 => 2 };")]
    [InlineData("int M(bool x, bool y) => (x, y) switch { (true, true) => 1, (true, false) => 2, (false, _) => 3 };")]
    [InlineData("int M(bool? x) => x switch { true => 1, false => 2, null => 3 };")]
    [InlineData("int M(string? x) => x switch { \"a\" => 1, var y => y is null ? 2 : 3 };")]
    [InlineData("int M(int x) { switch (x) { case 1: return 1; } return 0; }")]
    public async Task Paths_without_an_exception_are_left_alone(string member) => Assert.Empty(
        await Compile.FindingsAsync(Usings + "class C { " + member + " }"));
}

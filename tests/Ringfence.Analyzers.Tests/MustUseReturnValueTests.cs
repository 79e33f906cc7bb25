// RF1007: an obligation can't be dropped, in any world.

using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class MustUseReturnValueTests
{
    private const string Types = """
        using System;
        namespace Anywhere { sealed class MustUseReturnValueAttribute : Attribute; }
        namespace N
        {
            using Anywhere;
            [MustUseReturnValue] readonly struct Flush { public void Apply() { } public int Pages => 0; }
            abstract class Base { [MustUseReturnValue] public abstract int Claim(); public int Free() => 0; }
            sealed class Derived : Base { public override int Claim() => 1; }
            struct Table { public Flush Map() => default; public bool TryMap(out Flush flush) { flush = default; return true; } public (int, Flush) Both() => default; }

        """;

    [Theory]
    [InlineData("t.Map();", "t.Map()")]
    [InlineData("_ = t.Map();", "_")]
    [InlineData("Flush f = t.Map(); _ = f;", "_")]
    [InlineData("b.Claim();", "b.Claim()")]
    [InlineData("_ = b.Claim();", "_")]
    [InlineData("d.Claim();", "d.Claim()")]
    [InlineData("b?.Claim();", "b?.Claim()")]
    [InlineData("new Flush();", "new Flush()")]
    [InlineData("t.Both();", "t.Both()")]
    [InlineData("(int x, _) = t.Both(); x++;", "_")]
    [InlineData("t.TryMap(out _);", "_")]
    [InlineData("t.TryMap(out Flush unread);", "unread")]
    [InlineData("Flush unread = t.Map();", "unread = t.Map()")]
    [InlineData("Flush unread; unread = t.Map();", "unread")]
    [InlineData("for (; ; t.Map()) { }", "t.Map()")]
    [InlineData("Action a = () => t2.Map(); a();", "t2.Map()")]
    public async Task Dropping_a_marked_value_is_reported(string statement, string underlined) => Assert.Equal(
        ["RF1007 " + underlined],
        await Compile.FindingsAsync(Types + $"class C {{ Table t2; void M(Table t, Base b, Derived d) {{ {statement} }} }} }}", Project.Host));

    [Theory]
    [InlineData("t.Map().Apply();")]
    [InlineData("Flush f = t.Map(); f.Apply();")]
    [InlineData("Flush f; f = t.Map(); Use(f);")]
    [InlineData("_f = t.Map();")]
    [InlineData("if (t.TryMap(out Flush f)) { f.Apply(); }")]
    [InlineData("(int x, Flush f) = t.Both(); f.Apply(); (_, f) = t.Both();")]
    [InlineData("if (b.Claim() != 0) { b.Free(); _ = b.Free(); }")]
    [InlineData("foreach (Flush f in new Flush[1]) { }")]
    [InlineData("var result = t.Map() is { Pages: 0 };")]
    public async Task Using_a_marked_value_is_left_alone(string statement) => Assert.Empty(
        await Compile.FindingsAsync(Types + $"class C {{ Flush _f; void Use(Flush f) {{ }} void M(Table t, Base b) {{ {statement} }} }} }}", Project.Host));

    [Fact]
    public async Task The_rule_holds_on_metal_too() => Assert.Equal(
        ["RF1007 t.Map()"], await Compile.FindingsAsync(Types + "class C { void M(Table t) { t.Map(); } } }", Project.Metal));

    [Fact]
    public async Task Returning_a_marked_value_passes_the_obligation_on() => Assert.Empty(
        await Compile.FindingsAsync(Types + "class C { Flush M(Table t) => t.Map(); Flush N(Table t) { return t.Map(); } } }", Project.Metal));
}

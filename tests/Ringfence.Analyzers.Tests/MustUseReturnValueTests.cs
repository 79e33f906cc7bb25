// RF1007: an obligation can't be dropped, in any world.

using System.Threading.Tasks;
using Microsoft.CodeAnalysis.CSharp;
using Ringfence.Paging;
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

    // The paging library's own types: everything that it hands out to be carried out or looked at.
    [Theory]
    [InlineData("s.Map(ref pool, ref account, pages, frame, rights);", "s.Map(ref pool, ref account, pages, frame, rights)")]
    [InlineData("_ = s.Unmap(pages);", "_")]
    [InlineData("EditResult unread = s.SetRights(pages, rights);", "unread = s.SetRights(pages, rights)")]
    [InlineData("if (s.ResetRights(pages).Succeeded) { }", "s.ResetRights(pages).Succeeded")]
    [InlineData("PagingError error = s.SetBaseRights(pages, rights).Error;", "s.SetBaseRights(pages, rights).Error")]
    [InlineData("EditResult result = s.Unmap(pages); if (!result.Succeeded) { Use(result.Error); }", "result = s.Unmap(pages)")]
    [InlineData("FlushObligation unread = s.Unmap(pages).Flush;", "unread = s.Unmap(pages).Flush")]
    [InlineData("owed.Combine(s.Unmap(pages).Flush);", "owed.Combine(s.Unmap(pages).Flush)")]
    [InlineData("FlushObligation.ForPages(pages);", "FlushObligation.ForPages(pages)")]
    [InlineData("edit.Step(8);", "edit.Step(8)")]
    [InlineData("while (!edit.IsComplete) { _ = edit.Step(8); }", "_")]
    [InlineData("s.BeginUnmap(pages, out PagingError error); Use(error);", "s.BeginUnmap(pages, out PagingError error)")]
    [InlineData("s.DetachAll();", "s.DetachAll()")]
    [InlineData("var release = s.DetachEmptyTable(pages); Use(release.Error);", "release = s.DetachEmptyTable(pages)")]
    [InlineData("if (s.MergeIntoLargePage(pages.First, default).Succeeded) { }", "s.MergeIntoLargePage(pages.First, default).Succeeded")]
    [InlineData("s.CopyTo(ref pool, ref account, s);", "s.CopyTo(ref pool, ref account, s)")]
    public async Task Nothing_that_paging_hands_out_can_be_dropped(string statement, string underlined) =>
        Assert.Equal(["RF1007 " + underlined], await FindingsInPagingAsync(statement));

    [Theory]
    [InlineData("EditResult result = s.Unmap(pages); if (!result.Succeeded) { Use(result.Error); } result.Flush.Discharge(ref cache);")]
    [InlineData("owed = owed.Combine(s.Unmap(pages).Flush); owed.Discharge(ref cache);")]
    [InlineData("while (!edit.IsComplete) { edit.Step(8).Discharge(ref cache); }")]
    [InlineData("s.DetachAll().Discharge(ref cache, ref pool, ref account);")]
    [InlineData("var release = s.DetachEmptyTable(pages); if (release.Succeeded) { release.Discharge(ref cache, ref pool, ref account); }")]
    [InlineData("if (s.CopyTo(ref pool, ref account, s).IsNone) { }")]
    public async Task What_paging_hands_out_is_used_by_discharging_combining_or_looking_at_it(string statement) =>
        Assert.Empty(await FindingsInPagingAsync(statement));

    [Fact]
    public async Task The_rule_holds_on_metal_too() => Assert.Equal(
        ["RF1007 t.Map()"], await Compile.FindingsAsync(Types + "class C { void M(Table t) { t.Map(); } } }", Project.Metal));

    [Fact]
    public async Task Returning_a_marked_value_passes_the_obligation_on() => Assert.Empty(
        await Compile.FindingsAsync(Types + "class C { Flush M(Table t) => t.Map(); Flush N(Table t) { return t.Map(); } } }", Project.Metal));

    private static async Task<string[]> FindingsInPagingAsync(string statement)
    {
        CSharpCompilation compilation = Compile.Source(
            $$"""
            using Ringfence.Paging;
            abstract class C<TFormat, TMemory, TCache>
                where TFormat : struct, IPagingFormat where TMemory : struct, ITableMemory where TCache : struct, ITranslationCache
            {
                void Use(PagingError error) { }
                void M(
                    AddressSpace<TFormat, TMemory> s, PageRange pages, FrameNumber frame, LeafRights rights, RangeEdit<TFormat, TMemory> edit,
                    TablePool<TMemory> pool, TableAccount account, TCache cache, FlushObligation owed)
                {
                    {{statement}}
                }
            }
            """,
            references: [typeof(FlushObligation).Assembly.Location]);
        Compile.AssertNoErrors(compilation);
        return await Compile.FindingsAsync(compilation, Project.Host);
    }
}

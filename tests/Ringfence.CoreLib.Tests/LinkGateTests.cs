// Code that needs a runtime must leave an undefined symbol whose name says what it needs; all other code only the documented ones.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace Ringfence.CoreLib.Tests;

public sealed class LinkGateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ringfence-corelib-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void On_x64_all_cases_need_only_the_documented_symbols() =>
        Assert.Equal(
            ["RhpFallbackFailFast", "RhpReversePInvoke", "RhpReversePInvokeReturn", "RingfenceFail", "__security_cookie"],
            UndefinedIn(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Native", "Driver.cs")), Target.X64).Order(StringComparer.Ordinal));

    [Fact]
    public void On_IA_32_all_cases_need_only_the_documented_symbols() =>
        Assert.Equal(
            [
                "RhpFallbackFailFast", "RhpLLsh", "RhpLMul", "RhpLRsh", "RhpLRsz", "RhpReversePInvoke", "RhpReversePInvokeReturn", "RingfenceCompareExchange64",
                "RingfenceFail", "___security_cookie",
            ],
            UndefinedIn(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Native", "Driver.cs")), Target.Ia32).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("class C { int _x; } ", "return Keep(new C());", "RhpNewFast")]
    [InlineData("", "return Keep(argument);", "RhpNewFast")]
    [InlineData("", "return Keep(new int[argument]);", "RhpNewArrayFast|RhpNewPtrArrayFast")]
    [InlineData("", "Keep(\"literal\"); return s_object is IEquatable<string> ? 1 : 0;", "RingfenceCastIsNotSupported")]
    [InlineData("", "Keep(\"literal\"); return Keep((IEquatable<string>)s_object!);", "RingfenceCastIsNotSupported")]
    [InlineData("", "return Keep((int?)argument);", "RingfenceBoxingIsNotSupported|RhpNewFast")]
    [InlineData("static class Late { public static int Value = Number(); static int Number() => Sample.External(); }", "return Late.Value;", "RingfenceStaticConstructorIsNotSupported")]
    [InlineData("static unsafe class Late { public static delegate*<int> Call = &Number; static int Number() => 5; }", "unsafe { return Late.Call(); }", "RingfenceStaticConstructorIsNotSupported")]
    [InlineData("static class Late { public static int A = 3; public static int Value = Sample.External(); }", "return Late.A;", "RingfenceStaticConstructorIsNotSupported")]
    public void Code_that_needs_a_runtime_names_it(string declarations, string body, string expected)
    {
        foreach (Target target in new[] { Target.X64, Target.Ia32 })
        {
            IReadOnlySet<string> undefined = UndefinedIn(Sample(declarations, body), target);
            Assert.True(expected.Split('|').Any(undefined.Contains), target.Name + ": " + string.Join(", ", undefined));
        }
    }

    [Fact]
    public void A_type_that_is_never_created_is_tested_for_without_a_cast() =>
        Assert.DoesNotContain("RingfenceCastIsNotSupported", UndefinedIn(Sample("class C { }", "return s_object is C ? 1 : 0;"), Target.X64));

    [Theory]
    [InlineData("", "return argument;")]
    [InlineData("static class Early { public static int A = 3; public static readonly int[] Table = [1, 2, 3]; }", "return Early.A + Early.Table[argument];")]
    [InlineData("readonly struct P(int a) : System.IEquatable<P> { public int A { get; } = a; public bool Equals(P o) => A == o.A; public override bool Equals(object? o) => o is P p && Equals(p); public override int GetHashCode() => A; }", "return new P(argument).Equals(new P(3)) ? 1 : 0;")]
    [InlineData("enum E { A, B }", "E e = (E)argument; return e == E.B ? 1 : 0;")]
    [InlineData("", "int? n = argument == 0 ? null : argument; return n.GetValueOrDefault() + (n.HasValue ? 1 : 0);")]
    [InlineData("", "System.ReadOnlySpan<byte> t = \"abc\"u8; return t[argument];")]
    [InlineData("", "return argument / 3 + argument % 7;")]
    public void Plain_code_needs_no_more_than_the_way_in_and_the_way_out(string declarations, string body)
    {
        string[] allowed = ["RhpReversePInvoke", "RhpReversePInvokeReturn", "RingfenceFail", "SampleExternal"];
        foreach (Target target in new[] { Target.X64, Target.Ia32 })
        {
            IReadOnlySet<string> undefined = UndefinedIn(Sample(declarations, body), target);
            Assert.True(undefined.IsSubsetOf(allowed), target.Name + ": " + string.Join(", ", undefined));
        }
    }

    private static string Sample(string declarations, string body) =>
        $$"""
        using System;
        using System.Runtime;
        using System.Runtime.CompilerServices;

        namespace System.Runtime
        {
            [AttributeUsage(AttributeTargets.Method)]
            internal sealed class RuntimeExportAttribute(string name) : Attribute { public string Name { get; } = name; }

            [AttributeUsage(AttributeTargets.Method)]
            internal sealed class RuntimeImportAttribute(string library, string name) : Attribute { public string Library { get; } = library; public string Name { get; } = name; }
        }

        {{declarations}}

        static class Sample
        {
            public static object? s_object;

            [RuntimeImport("*", "SampleExternal")]
            [MethodImpl(MethodImplOptions.InternalCall)]
            public static extern int External();

            [RuntimeExport("SampleEntry")]
            public static int Entry(int argument)
            {
                {{body}}
            }

            [MethodImpl(MethodImplOptions.NoInlining)]
            public static int Keep(object? value)
            {
                s_object = value;
                return 1;
            }
        }
        """;

    private IReadOnlySet<string> UndefinedIn(string source, Target target)
    {
        string assembly = Path.Combine(_folder, "Sample.dll");
        MetalCompilation.EmitTo(assembly, source);
        return AheadOfTimeCompilation.UndefinedSymbolsOf(AheadOfTimeCompilation.Compile(assembly, target));
    }
}

// RF1004, RF1005, RF1006: statics that plain bytes can't hold, or that code would have to set up first.

using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class StaticFieldTests
{
    private const string Usings = "using System; using System.Runtime.CompilerServices;\n";

    private const string Types = """
        unsafe struct Entries { public delegate*<void> First; public delegate*<int, void> Second; }
        unsafe struct Mixed { public int Number; public delegate*<void> Entry; }
        struct Point(int x, int y) { public int X = x; public int Y = y; }
        class Other { public static int s_variable; public static readonly int Fixed = 3; public const int Constant = 4; }

        """;

    [Theory]
    [InlineData("static string s_a;", "s_a")]
    [InlineData("static readonly string Text = \"abc\";", "Text")]
    [InlineData("static object? s_a, s_b = 1;", "s_a", "s_b")]
    [InlineData("static int[] s_a = { 1, 2 };", "s_a")]
    [InlineData("static readonly int[] s_a = new int[4];", "s_a")]
    [InlineData("static object s_a = new();", "s_a")]
    [InlineData("static (int, string) s_a;", "s_a")]
    [InlineData("struct S { public Inner I; } struct Inner { public object? O; } static S s_a;", "s_a")]
    [InlineData("static string? Auto { get; set; }", "Auto")]
    [InlineData("static event Action? Happened;", "Happened")]
    [InlineData("class G<T> where T : class { static T? s_a; }", "s_a")]
    public async Task Statics_that_hold_references_are_RF1004(string member, params string[] underlined)
    {
        string[] findings = await Compile.FindingsAsync("#pragma warning disable CS8618, CS8625, CS0067\n" + Usings + "class C { " + member + " }");
        // The boxed value of the third case is a finding of its own.
        Assert.Equal(System.Array.ConvertAll(underlined, static name => "RF1004 " + name), System.Array.FindAll(findings, static f => !f.StartsWith("RF1002", System.StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("static delegate*<void> s_f = &F;", "&F")]
    [InlineData("static Mixed s_m = new() { Number = 1, Entry = &F };", "&F")]
    [InlineData("static nint s_n = (nint)(delegate*<void>)&F;", "(delegate*<void>)&F")]
    [InlineData("static Entries s_e = new() { First = &F }; static uint s_u = 1; static uint s_v = s_u >> 3;", "s_u >> 3")]
    [InlineData("static int s_u = 1, s_v = s_u >>> 3;", "s_u >>> 3")]
    [InlineData("static int s_a = Other.s_variable + 1;", "Other.s_variable")]
    [InlineData("static int s_x; static void* s_p = Unsafe.AsPointer(ref s_x);", "Unsafe.AsPointer(ref s_x)")]
    [InlineData("static extern int Outside(); static int s_a = Outside();", "Outside()")]
    [InlineData("interface I { int Get(); } class D { public static I? Instance => null; } static int s_a = D.Instance!.Get();", "D.Instance!.Get()")]
    [InlineData("static Entries s_e = new() { First = &F }; static int s_a = Call(s_e.First); static int Call(delegate*<void> f) => 0; static int Auto { get; } = Outside(); static extern int Outside();", "Outside()")]
    [InlineData("static int s_a = 8, s_b = s_a >> 2;", "s_a >> 2")]
    [InlineData("static int s_a = 8, s_b = s_a ^ 2;", "s_a ^ 2")]
    [InlineData("static int s_a = 8, s_b = ~s_a;", "~s_a")]
    [InlineData("static int s_a = 8, s_b = checked(s_a + 1);", "s_a + 1")]
    [InlineData("static int s_a = 8; static byte s_b = checked((byte)s_a);", "(byte)s_a")]
    [InlineData("static int s_a = 8; static C() { for (int i = 0; i < 4; i++) { s_a >>= i; } }", "s_a >>= i")]
    [InlineData("static C() { Other.s_variable = 1; }", "Other.s_variable")]
    [InlineData("static delegate*<void> s_f; static C() { s_f = &F; }", "&F")]
    [InlineData("static Mixed s_m; static C() { s_m.Entry = &F; }", "&F")]
    [InlineData("static int s_a; static C() => s_a = Outside(); static extern int Outside();", "Outside()")]
    public async Task Statics_that_need_code_first_are_RF1005(string member, string underlined) => Assert.Equal(
        ["RF1005 " + underlined], await Compile.FindingsAsync(Usings + Types + "unsafe class C { static void F() { } " + member + " }"));

    [Theory]
    [InlineData("static int s_a; static int s_b = 5; static readonly ulong Mask = ~0ul >> 12; const string Name = \"x\";")]
    [InlineData("static Point s_p = new(1, 2); static readonly Point Q = new Point { X = 3 }; static Point s_r = default;")]
    [InlineData("static readonly Entries Table = new() { First = &F };")]
    [InlineData("static delegate*<void> s_unset; static delegate*<void> s_null = null; static Mixed s_zero;")]
    [InlineData("static byte* s_screen = (byte*)0xB8000; static nint s_size = sizeof(Point);")]
    [InlineData("static int s_a = Other.Fixed + Other.Constant; static int s_b = s_a + 1; static int s_c = s_b << 2, s_d = 64 >> 2, s_e = ~1 ^ 3;")]
    [InlineData("static int s_a = Twice(21); static int Twice(int x) => x * 2;")]
    [InlineData("[InlineArray(8)] struct Eight { long _x; } static Eight s_e; static (int, long) s_t = (1, 2); static int? s_n = 4;")]
    [InlineData("static int s_a; static Point s_p; static C() { s_a = 1; s_p.X = 2; s_p = new(3, 4); }")]
    [InlineData("static C() { }")]
    [InlineData("static int s_a; static C() { for (int i = 0; i < 4; i++) { if (i != 2) { s_a += i; } } F(); }")]
    [InlineData("static Entries s_e; static C() { s_e.First = &F; }")]
    [InlineData("static int s_a = Given(&F); static int Given(delegate*<void> f) => 3;")]
    [InlineData("enum E { A, B } static E s_e = E.B; static int Count { get; set; } = 7; static int Computed => Other.s_variable;")]
    [InlineData("class G<T> where T : unmanaged { static T s_value; }")]
    [InlineData("object? _instance; event Action? Happened; event Action Custom { add { } remove { } }")]
    [InlineData("static string Text => \"a\"; static ReadOnlySpan<byte> Bytes => \"a\"u8;")]
    public async Task Statics_of_plain_data_are_left_alone(string member) => Assert.Empty(
        await Compile.FindingsAsync("#pragma warning disable\n" + Usings + Types + "unsafe class C { static void F() { } " + member + " }"));

    [Fact]
    public async Task Thread_statics_are_RF1006() => Assert.Equal(
        ["RF1006 t_x"], await Compile.FindingsAsync("class C { [System.ThreadStatic] static int t_x; static int s_y; }"));
}

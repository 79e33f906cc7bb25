// The types below the language: nullable values, tuples, enumerations, inline arrays, generic and static-abstract code, statics.
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.CoreLib.Cases;

public static class TypeCases
{
    private static readonly Pair s_pair = new(6, 7);
    private static int s_counter = 41;
    private static ulong s_wide;

    [Flags]
    private enum Rights : byte
    {
        None = 0,
        Read = 1,
        Write = 2,
        Execute = 4,
    }

    private interface IScale
    {
        static abstract int Factor { get; }

        static virtual int Twice(int value) => value * 2;
    }

    public static bool A_nullable_value_is_there_or_not()
    {
        int? none = Opaque.Value((int?)null);
        int? some = Opaque.Value((int?)5);
        return !none.HasValue && some.HasValue && some.Value == 5 && none.GetValueOrDefault() == 0 && none.GetValueOrDefault(9) == 9 && (none ?? 7) == 7
            && some == 5 && none != some && (some + none) is null && (some + 1) == 6 && some is > 4 and < 6;
    }

    public static bool Tuples_hold_and_compare_their_items()
    {
        (int A, ulong B, byte C) tuple = (Opaque.Value(1), Opaque.Value(2UL), Opaque.Value((byte)3));
        (int x, ulong y, _) = tuple;
        (x, y) = ((int)y, (ulong)x);
        return tuple == (1, 2UL, 3) && tuple != (1, 2UL, 4) && x == 2 && y == 1 && (1, 2, 3, 4, 5, 6, 7).Item7 == 7;
    }

    public static bool Enumerations_are_their_integers()
    {
        Rights rights = Opaque.Value(Rights.Read) | Rights.Execute;
        return (rights & Rights.Write) == 0 && (byte)rights == 5 && (Rights)4 == Rights.Execute && rights == (Rights.Read | Rights.Execute) && (rights & ~Rights.Read) == Rights.Execute;
    }

    public static bool Structs_compare_through_IEquatable_without_boxing()
    {
        ReadOnlySpan<Pair> pairs = [new(1, 2), new(3, 4), new(5, 6)];
        return pairs.IndexOf(new Pair(3, 4)) == 1 && pairs.IndexOf(new Pair(4, 3)) == -1 && new Pair(1, 2) == pairs[0] && AreEqual(Opaque.Value(5), 5) && !AreEqual('a', 'b')
            && AreEqual(Opaque.Value(1L << 40), 1L << 40) && AreEqual(true, Opaque.Value(true)) && !AreEqual((nuint)1, Opaque.Value((nuint)2));
    }

    public static bool Primitives_compare_in_their_order() =>
        Opaque.Value(1).CompareTo(2) < 0 && Opaque.Value(2UL).CompareTo(1UL) > 0 && Opaque.Value((sbyte)-1).CompareTo((sbyte)-1) == 0 && Opaque.Value(long.MinValue).CompareTo(long.MaxValue) < 0
        && Opaque.Value(uint.MaxValue).CompareTo(0u) > 0 && Opaque.Value(false).CompareTo(true) < 0 && Opaque.Value('b').CompareTo('a') > 0 && Opaque.Value((nint)(-1)).CompareTo((nint)1) < 0;

    public static bool Equal_primitives_have_equal_hash_codes() =>
        Opaque.Value(7).GetHashCode() == 7.GetHashCode() && Opaque.Value(1L << 40).GetHashCode() == (1L << 40).GetHashCode() && Opaque.Value(true).GetHashCode() == 1
        && Opaque.Value(0.0).GetHashCode() == Opaque.Value(-0.0).GetHashCode();

    public static bool Inline_arrays_repeat_their_field_in_place()
    {
        Four four = default;
        Span<int> span = four;
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = i + 1;
        }

        four[3] = 10;
        ReadOnlySpan<int> view = four;
        Four copy = four;
        copy[0] = 99;
        return view.Length == 4 && view[0] == 1 && view[3] == 10 && Unsafe.SizeOf<Four>() == 16 && copy[0] == 99 && four[0] == 1;
    }

    public static unsafe bool Fixed_buffers_lie_inside_their_struct()
    {
        Fixed value = default;
        value.Bytes[0] = 1;
        value.Bytes[7] = 2;
        value.Tail = -1;
        return sizeof(Fixed) == 12 && value.Bytes[0] == 1 && value.Bytes[6] == 0 && value.Bytes[7] == 2 && value.Bytes[8] == 0xFF;
    }

    public static bool Explicit_layout_overlays_fields()
    {
        Overlay overlay = default;
        overlay.Whole = 0x1122_3344;
        return overlay.Low == 0x3344 && overlay.High == 0x1122 && Unsafe.SizeOf<Overlay>() == 4;
    }

    public static bool Static_abstract_members_are_chosen_by_the_type_argument() =>
        Scale<Ten>(Opaque.Value(4)) == 40 && Scale<Hundred>(Opaque.Value(4)) == 400 && TwiceOf<Ten>(Opaque.Value(4)) == 8;

    public static unsafe bool Function_pointers_call_their_target()
    {
        delegate*<int, int> call = Opaque.Value(1) == 1 ? &AddOne : &AddTwo;
        return call(41) == 42;
    }

    public static bool Statics_start_with_their_initial_values()
    {
        s_wide += 5;
        int before = s_counter;
        s_counter++;
        int after = s_counter;
        s_counter--;
        return before == 41 && after == 42 && s_pair == new Pair(6, 7) && s_wide >= 5;
    }

    public static bool Tables_in_read_only_data_are_spans()
    {
        ReadOnlySpan<uint> table = [10, 20, 30];
        ReadOnlySpan<Pair> pairs = [new(1, 2)];
        return table[Opaque.Value(2)] == 30 && table.Length == 3 && pairs[0].Second == 2;
    }

    public static bool Large_structs_are_copied_whole()
    {
        Large first = default;
        Span<ulong> words = first;
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = (ulong)i * 3;
        }

        Large second = Opaque.Value(first);
        first = default;
        ReadOnlySpan<ulong> copied = second;
        ReadOnlySpan<ulong> cleared = first;
        for (int i = 0; i < copied.Length; i++)
        {
            if (copied[i] != (ulong)i * 3 || cleared[i] != 0)
            {
                return false;
            }
        }

        return true;
    }

    public static unsafe bool Unsafe_arithmetic_counts_in_elements_or_bytes()
    {
        Span<int> span = [10, 20, 30, 40];
        ref int first = ref span[0];
        ref int third = ref Unsafe.Add(ref first, 2);
        third++;
        return span[2] == 31 && Unsafe.ByteOffset(ref first, ref third) == 8 && Unsafe.AddByteOffset(ref first, 4) == 20 && Unsafe.AreSame(ref third, ref span[2])
            && Unsafe.IsAddressLessThan(ref first, ref third) && !Unsafe.IsAddressGreaterThan(ref first, ref third) && Unsafe.Subtract(ref third, 1) == 20
            && Unsafe.As<int, uint>(ref first) == 10u && *(int*)Unsafe.AsPointer(ref third) == 31 && Unsafe.IsNullRef(ref Unsafe.NullRef<int>()) && !Unsafe.IsNullRef(ref first);
    }

    public static bool Bit_casts_keep_the_bits() =>
        Unsafe.BitCast<uint, int>(Opaque.Value(uint.MaxValue)) == -1 && Unsafe.BitCast<Pair, ulong>(new Pair(1, 2)) == 0x2_0000_0001
        && Unsafe.BitCast<double, long>(Opaque.Value(1.0)) == 0x3FF0_0000_0000_0000;

    public static unsafe bool Blocks_are_copied_and_filled()
    {
        byte* memory = stackalloc byte[40];
        Unsafe.InitBlock(memory, 3, 40);
        Unsafe.InitBlockUnaligned(memory + 1, 4, 3);
        Unsafe.CopyBlock(memory + 20, memory, 8);
        Unsafe.WriteUnaligned(memory + 9, 0x0807_0605u);
        return memory[0] == 3 && memory[1] == 4 && memory[3] == 4 && memory[4] == 3 && memory[20] == 3 && memory[21] == 4 && memory[27] == 3 && memory[10] == 6
            && Unsafe.ReadUnaligned<ushort>(memory + 11) == 0x0807;
    }

    public static bool A_finally_block_runs_when_the_body_ends()
    {
        int log = 0;
        using (new Closing(ref log))
        {
            log = (log * 10) + 1;
        }

        return log == 12;
    }

    public static bool Only_types_with_references_say_so() =>
        !RuntimeHelpers.IsReferenceOrContainsReferences<Pair>() && RuntimeHelpers.IsReferenceOrContainsReferences<string>() && RuntimeHelpers.IsReferenceOrContainsReferences<Named>();

    public static bool Floating_point_comparison_knows_NaN() =>
        double.IsNaN(Opaque.Value(double.NaN)) && !double.IsNaN(Opaque.Value(double.MaxValue)) && Opaque.Value(double.NaN).Equals(double.NaN) && Opaque.Value(double.NaN).CompareTo(0) < 0
        && float.IsNaN(Opaque.Value(float.NaN)) && Opaque.Value(1.5f).CompareTo(1.25f) > 0 && Opaque.Value(double.PositiveInfinity) > double.MaxValue;

    private static bool AreEqual<T>(T left, T right)
        where T : IEquatable<T> => left.Equals(right);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Scale<TScale>(int value)
        where TScale : struct, IScale => value * TScale.Factor;

    private static int TwiceOf<TScale>(int value)
        where TScale : struct, IScale => TScale.Twice(value);

    private static int AddOne(int value) => value + 1;

    private static int AddTwo(int value) => value + 2;

    private readonly struct Ten : IScale
    {
        public static int Factor => 10;
    }

    private readonly struct Hundred : IScale
    {
        public static int Factor => 100;
    }

    private readonly struct Pair(int first, int second) : IEquatable<Pair>
    {
        public int First { get; } = first;

        public int Second { get; } = second;

        public static bool operator ==(Pair left, Pair right) => left.Equals(right);

        public static bool operator !=(Pair left, Pair right) => !left.Equals(right);

        public bool Equals(Pair other) => First == other.First && Second == other.Second;

        public override bool Equals([NotNullWhen(true)] object? obj) => obj is Pair other && Equals(other);

        public override int GetHashCode() => (First * 31) + Second;
    }

    [InlineArray(4)]
    private struct Four
    {
        private int _element;
    }

    [InlineArray(40)]
    private struct Large
    {
        private ulong _element;
    }

    private unsafe struct Fixed
    {
        public fixed byte Bytes[8];
        public int Tail;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Overlay
    {
        [FieldOffset(0)]
        public uint Whole;

        [FieldOffset(0)]
        public ushort Low;

        [FieldOffset(2)]
        public ushort High;
    }

    private readonly struct Named(string name)
    {
        public string Name { get; } = name;
    }

    private readonly ref struct Closing(ref int log) : IDisposable
    {
        private readonly ref int _log = ref log;

        public void Dispose() => _log = (_log * 10) + 2;
    }
}

// Spans: bounds, slices, copies in both directions, searches.
using System;
using System.Runtime.InteropServices;

namespace Ringfence.CoreLib.Cases;

public static class SpanCases
{
    public static bool Elements_are_written_and_read_in_place()
    {
        Span<int> span = stackalloc int[4];
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = i * i;
        }

        ref int third = ref span[2];
        third = -1;
        return span[0] == 0 && span[1] == 1 && span[2] == -1 && span[3] == 9 && span[^1] == 9;
    }

    public static bool An_empty_span_has_no_elements() =>
        Span<int>.Empty.IsEmpty && default(ReadOnlySpan<byte>).Length == 0 && new Span<int>((int[]?)null).IsEmpty && ReadOnlySpan<int>.Empty.Length == 0;

    public static bool A_slice_shares_its_elements()
    {
        Span<byte> span = stackalloc byte[8];
        span.Clear();
        Span<byte> slice = span.Slice(2, 3);
        slice.Fill(7);
        span[2] = 9;
        return slice.Length == 3 && slice[0] == 9 && span[1] == 0 && span[3] == 7 && span[4] == 7 && span[5] == 0 && span.Slice(8).IsEmpty;
    }

    public static bool Ranges_slice_from_both_ends()
    {
        ReadOnlySpan<byte> text = "abcdef"u8;
        return text[1..3].SequenceEqual("bc"u8) && text[^2..].SequenceEqual("ef"u8) && text[..^4].SequenceEqual("ab"u8) && text[..].Length == 6;
    }

    public static bool Index_and_Range_resolve_against_a_length()
    {
        Index fromEnd = ^Opaque.Value(2);
        Range range = Opaque.Value(1)..^Opaque.Value(1);
        (int offset, int length) = range.GetOffsetAndLength(10);
        return fromEnd.GetOffset(10) == 8 && fromEnd.IsFromEnd && fromEnd.Value == 2 && offset == 1 && length == 8 && Range.All.GetOffsetAndLength(5) == (0, 5)
            && fromEnd.Equals(Index.FromEnd(2)) && range.Equals(new Range(Index.FromStart(1), Index.FromEnd(1)));
    }

    public static bool Copies_move_every_length_from_0_to_70()
    {
        Span<byte> source = stackalloc byte[72];
        Span<byte> destination = stackalloc byte[72];
        for (int length = 0; length <= 70; length++)
        {
            for (int i = 0; i < source.Length; i++)
            {
                source[i] = (byte)(i + length + 1);
                destination[i] = 0xEE;
            }

            source.Slice(1, length).CopyTo(destination.Slice(1));
            for (int i = 0; i < destination.Length; i++)
            {
                byte expected = i >= 1 && i <= length ? (byte)(i + length + 1) : (byte)0xEE;
                if (destination[i] != expected)
                {
                    return false;
                }
            }
        }

        return true;
    }

    public static bool Overlapping_copies_keep_the_source_bytes_for_every_distance()
    {
        Span<byte> memory = stackalloc byte[128];
        for (int distance = -40; distance <= 40; distance++)
        {
            for (int i = 0; i < memory.Length; i++)
            {
                memory[i] = (byte)i;
            }

            memory.Slice(42, 43).CopyTo(memory.Slice(42 + distance));
            for (int i = 0; i < memory.Length; i++)
            {
                int at = i - (42 + distance);
                byte expected = (uint)at < 43u ? (byte)(42 + at) : (byte)i;
                if (memory[i] != expected)
                {
                    return false;
                }
            }
        }

        return true;
    }

    public static bool TryCopyTo_refuses_a_short_destination_and_writes_nothing()
    {
        Span<byte> destination = stackalloc byte[2];
        destination.Fill(5);
        return !"abc"u8.TryCopyTo(destination) && destination[0] == 5 && destination[1] == 5 && "ab"u8.TryCopyTo(destination) && destination[1] == (byte)'b';
    }

    public static bool Fill_and_Clear_touch_exactly_their_span()
    {
        Span<byte> bytes = stackalloc byte[64];
        for (int length = 0; length <= 60; length++)
        {
            bytes.Clear();
            bytes.Slice(2, length).Fill(0xA5);
            if (bytes.Count((byte)0xA5) != length || bytes[1] != 0 || bytes[2 + length] != 0)
            {
                return false;
            }

            bytes.Fill(1);
            bytes.Slice(2, length).Clear();
            if (bytes.Count((byte)0) != length || bytes[1] != 1 || bytes[2 + length] != 1)
            {
                return false;
            }
        }

        Span<ulong> wide = stackalloc ulong[5];
        wide.Fill(0x0102_0304_0506_0708);
        return wide[0] == 0x0102_0304_0506_0708 && wide[4] == 0x0102_0304_0506_0708;
    }

    public static bool Equality_of_contents_ignores_the_place()
    {
        Span<byte> copy = stackalloc byte[5];
        "hello"u8.CopyTo(copy);
        ReadOnlySpan<byte> view = copy;
        return copy.SequenceEqual("hello"u8) && !copy.SequenceEqual("hellO"u8) && !copy.SequenceEqual("hell"u8) && default(Span<byte>).SequenceEqual(""u8)
            && view == copy && view[..4] != copy;
    }

    public static bool Prefixes_and_suffixes_are_found() =>
        "kernel"u8.StartsWith("ker"u8) && !"kernel"u8.StartsWith("kerb"u8) && "kernel"u8.EndsWith("nel"u8) && !"kernel"u8.EndsWith("kernels"u8)
        && "kernel"u8.StartsWith(""u8) && "kernel"u8.EndsWith("kernel"u8);

    public static bool Searches_return_the_first_or_last_position() =>
        "a.b.c"u8.IndexOf((byte)'.') == 1 && "a.b.c"u8.LastIndexOf((byte)'.') == 3 && "abc"u8.IndexOf((byte)'x') == -1 && "abcabc"u8.IndexOf("ca"u8) == 2
        && "abc"u8.IndexOf(""u8) == 0 && "ab"u8.IndexOf("abc"u8) == -1 && "abc"u8.Contains((byte)'c') && "a b"u8.IndexOfAny((byte)' ', (byte)'b') == 1
        && "   x"u8.IndexOfAnyExcept((byte)' ') == 3 && "aaa"u8.Count((byte)'a') == 3;

    public static bool Trimming_removes_both_ends_only() =>
        "  a b "u8.Trim((byte)' ').SequenceEqual("a b"u8) && "  a"u8.TrimStart((byte)' ').SequenceEqual("a"u8) && "a  "u8.TrimEnd((byte)' ').SequenceEqual("a"u8)
        && "   "u8.Trim((byte)' ').IsEmpty;

    public static bool Comparison_is_lexicographic() =>
        "abc"u8.SequenceCompareTo("abd"u8) < 0 && "abc"u8.SequenceCompareTo("ab"u8) > 0 && "abc"u8.SequenceCompareTo("abc"u8) == 0 && ""u8.SequenceCompareTo("a"u8) < 0;

    public static bool Reversal_swaps_the_ends()
    {
        Span<int> span = [1, 2, 3, 4, 5];
        span.Reverse();
        return span.SequenceEqual([5, 4, 3, 2, 1]);
    }

    public static bool Binary_search_finds_a_value_or_the_complement_of_its_place()
    {
        ReadOnlySpan<int> sorted = [2, 4, 6, 8];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (sorted.BinarySearch(Opaque.Value(sorted[i])) != i || sorted.BinarySearch(Opaque.Value(sorted[i] - 1)) != ~i)
            {
                return false;
            }
        }

        return sorted.BinarySearch(Opaque.Value(9)) == ~4;
    }

    public static bool Overlap_is_sharing_of_memory()
    {
        Span<int> span = stackalloc int[8];
        return span.Slice(0, 4).Overlaps(span.Slice(3, 2)) && span.Slice(3, 2).Overlaps(span.Slice(0, 4)) && !span.Slice(0, 4).Overlaps(span.Slice(4))
            && !span.Slice(4).Overlaps(span.Slice(0, 4)) && !span.Overlaps(span.Slice(0, 0));
    }

    public static bool Foreach_visits_every_element_in_order()
    {
        int sum = 0;
        foreach (byte item in "\u0001\u0002\u0003"u8)
        {
            sum = (sum * 10) + item;
        }

        Span<int> span = [1, 2, 3];
        foreach (ref int item in span)
        {
            item *= 2;
        }

        return sum == 123 && span[2] == 6;
    }

    public static bool Casts_keep_the_bytes_and_recount_the_elements()
    {
        Span<uint> words = [0x0403_0201, 0x0807_0605];
        Span<byte> bytes = MemoryMarshal.AsBytes(words);
        Span<ulong> wide = MemoryMarshal.Cast<uint, ulong>(words);
        ReadOnlySpan<ushort> narrow = MemoryMarshal.Cast<byte, ushort>((ReadOnlySpan<byte>)bytes.Slice(0, 7));
        return bytes.Length == 8 && bytes[4] == 5 && wide.Length == 1 && wide[0] == 0x0807_0605_0403_0201 && narrow.Length == 3 && narrow[2] == 0x0605;
    }

    public static bool Values_are_read_and_written_at_any_alignment()
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes.Clear();
        MemoryMarshal.Write(bytes.Slice(1), 0x1122_3344_5566_7788UL);
        return MemoryMarshal.Read<ulong>(bytes.Slice(1)) == 0x1122_3344_5566_7788 && bytes[0] == 0 && bytes[8] == 0x11
            && !MemoryMarshal.TryRead(bytes.Slice(2), out ulong _) && MemoryMarshal.TryRead(bytes.Slice(5), out uint high) && high == 0x1122_3344
            && !MemoryMarshal.TryWrite(bytes.Slice(6), 1) && MemoryMarshal.AsRef<byte>(bytes.Slice(8)) == 0x11;
    }

    public static bool A_span_over_one_variable_writes_through()
    {
        int value = 5;
        Span<int> span = new(ref value);
        span[0] = 6;
        Span<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref value, 1));
        bytes[1] = 1;
        return value == 262 && MemoryMarshal.GetReference(span) == 262 && MemoryMarshal.CreateReadOnlySpan(in value, 1)[0] == 262;
    }
}

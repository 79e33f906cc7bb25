// Text: literals, and integers written as UTF-8.
using System;

namespace Ringfence.CoreLib.Cases;

public static class TextCases
{
    public static bool Utf8_literals_hold_their_bytes() =>
        "é"u8.Length == 2 && "é"u8[0] == 0xC3 && "é"u8[1] == 0xA9 && "\0"u8.Length == 1 && ""u8.IsEmpty;

    public static bool String_literals_have_length_and_units()
    {
        string text = Opaque.Value("fence");
        ReadOnlySpan<char> span = text;
        return text.Length == 5 && text[0] == 'f' && text[4] == 'e' && span.Length == 5 && span[2] == 'n' && Opaque.Value("").Length == 0
            && text.AsSpan(1, 2).SequenceEqual("en") && text.AsSpan().EndsWith("ce");
    }

    public static bool Strings_are_equal_by_content() =>
        Opaque.Value("abc") == "abc" && Opaque.Value("abc") != Opaque.Value("abd") && !string.Equals(Opaque.Value("ab"), "abc") && Opaque.Value((string?)null) != "a"
        && string.IsNullOrEmpty(Opaque.Value("")) && string.IsNullOrEmpty(Opaque.Value((string?)null)) && !string.IsNullOrEmpty(Opaque.Value("x"));

    public static bool A_switch_on_a_literal_finds_its_case() =>
        NumberOf(Opaque.Value("one")) == 1 && NumberOf(Opaque.Value("three")) == 3 && NumberOf(Opaque.Value("five")) == 5 && NumberOf(Opaque.Value("eight")) == 8
        && NumberOf(Opaque.Value("nine")) == 0;

    public static unsafe bool A_pinned_literal_ends_in_zero()
    {
        fixed (char* text = Opaque.Value("ab"))
        {
            return text[0] == 'a' && text[1] == 'b' && text[2] == '\0';
        }
    }

    public static bool Characters_have_ascii_classes() =>
        char.IsAsciiDigit(Opaque.Value('7')) && !char.IsAsciiDigit(Opaque.Value('/')) && !char.IsAsciiDigit(Opaque.Value(':')) && char.IsAsciiLetter(Opaque.Value('z'))
        && !char.IsAsciiLetter(Opaque.Value('[')) && char.IsAsciiHexDigit(Opaque.Value('F')) && !char.IsAsciiHexDigit(Opaque.Value('g'))
        && char.IsAsciiLetterOrDigit(Opaque.Value('0')) && char.IsAsciiLetterUpper(Opaque.Value('Q')) && !char.IsAsciiLetterLower(Opaque.Value('Q'))
        && char.IsAscii(Opaque.Value('\x7F')) && !char.IsAscii(Opaque.Value('\x80')) && char.IsBetween(Opaque.Value('b'), 'a', 'c');

    public static bool Integers_of_32_bits_are_written_in_decimal()
    {
        Span<byte> text = stackalloc byte[32];
        return Opaque.Value(0).TryFormat(text, out int n) && text[..n].SequenceEqual("0"u8) && Opaque.Value(-1).TryFormat(text, out n) && text[..n].SequenceEqual("-1"u8)
            && Opaque.Value(int.MinValue).TryFormat(text, out n) && text[..n].SequenceEqual("-2147483648"u8)
            && Opaque.Value(int.MaxValue).TryFormat(text, out n) && text[..n].SequenceEqual("2147483647"u8)
            && Opaque.Value(uint.MaxValue).TryFormat(text, out n) && text[..n].SequenceEqual("4294967295"u8)
            && Opaque.Value(1000000000u).TryFormat(text, out n) && text[..n].SequenceEqual("1000000000"u8)
            && Opaque.Value(999999999u).TryFormat(text, out n) && text[..n].SequenceEqual("999999999"u8);
    }

    public static bool Integers_of_64_bits_are_written_in_decimal()
    {
        Span<byte> text = stackalloc byte[32];
        return Opaque.Value(ulong.MaxValue).TryFormat(text, out int n) && text[..n].SequenceEqual("18446744073709551615"u8)
            && Opaque.Value(long.MinValue).TryFormat(text, out n) && text[..n].SequenceEqual("-9223372036854775808"u8)
            && Opaque.Value(long.MaxValue).TryFormat(text, out n) && text[..n].SequenceEqual("9223372036854775807"u8)
            && Opaque.Value(1000000000000000000UL).TryFormat(text, out n) && text[..n].SequenceEqual("1000000000000000000"u8)
            && Opaque.Value(999999999999999999UL).TryFormat(text, out n) && text[..n].SequenceEqual("999999999999999999"u8)
            && Opaque.Value(10000000000UL).TryFormat(text, out n) && text[..n].SequenceEqual("10000000000"u8)
            && Opaque.Value(0L).TryFormat(text, out n) && text[..n].SequenceEqual("0"u8);
    }

    public static bool Small_and_native_integers_are_written_in_decimal()
    {
        Span<byte> text = stackalloc byte[32];
        return Opaque.Value(sbyte.MinValue).TryFormat(text, out int n) && text[..n].SequenceEqual("-128"u8)
            && Opaque.Value(byte.MaxValue).TryFormat(text, out n) && text[..n].SequenceEqual("255"u8)
            && Opaque.Value(short.MinValue).TryFormat(text, out n) && text[..n].SequenceEqual("-32768"u8)
            && Opaque.Value(ushort.MaxValue).TryFormat(text, out n) && text[..n].SequenceEqual("65535"u8)
            && Opaque.Value((nint)(-42)).TryFormat(text, out n) && text[..n].SequenceEqual("-42"u8)
            && Opaque.Value((nuint)42).TryFormat(text, out n) && text[..n].SequenceEqual("42"u8);
    }

    public static bool A_precision_pads_with_zeros_after_the_sign()
    {
        Span<byte> text = stackalloc byte[40];
        return Opaque.Value(7).TryFormat(text, out int n, "D3") && text[..n].SequenceEqual("007"u8)
            && Opaque.Value(-7).TryFormat(text, out n, "d3") && text[..n].SequenceEqual("-007"u8)
            && Opaque.Value(1234).TryFormat(text, out n, "D2") && text[..n].SequenceEqual("1234"u8)
            && Opaque.Value(5UL).TryFormat(text, out n, "D25") && text[..n].SequenceEqual("0000000000000000000000005"u8)
            && Opaque.Value(12).TryFormat(text, out n, "G") && text[..n].SequenceEqual("12"u8)
            && Opaque.Value(12L).TryFormat(text, out n, "g") && text[..n].SequenceEqual("12"u8);
    }

    public static bool Hexadecimal_shows_the_bits_of_the_type()
    {
        Span<byte> text = stackalloc byte[32];
        return Opaque.Value(0xBEEFu).TryFormat(text, out int n, "X") && text[..n].SequenceEqual("BEEF"u8)
            && Opaque.Value(0xBEEFu).TryFormat(text, out n, "x8") && text[..n].SequenceEqual("0000beef"u8)
            && Opaque.Value(-1).TryFormat(text, out n, "X") && text[..n].SequenceEqual("FFFFFFFF"u8)
            && Opaque.Value((sbyte)-1).TryFormat(text, out n, "x") && text[..n].SequenceEqual("ff"u8)
            && Opaque.Value((short)-2).TryFormat(text, out n, "X4") && text[..n].SequenceEqual("FFFE"u8)
            && Opaque.Value(0x1_0000_0000UL).TryFormat(text, out n, "X16") && text[..n].SequenceEqual("0000000100000000"u8)
            && Opaque.Value(-1L).TryFormat(text, out n, "x") && text[..n].SequenceEqual("ffffffffffffffff"u8)
            && Opaque.Value(0).TryFormat(text, out n, "X") && text[..n].SequenceEqual("0"u8)
            && Opaque.Value((nuint)0xA0).TryFormat(text, out n, "X") && text[..n].SequenceEqual("A0"u8);
    }

    public static bool Binary_shows_the_bits_of_the_type()
    {
        Span<byte> text = stackalloc byte[72];
        return Opaque.Value(5).TryFormat(text, out int n, "B") && text[..n].SequenceEqual("101"u8)
            && Opaque.Value((byte)5).TryFormat(text, out n, "b8") && text[..n].SequenceEqual("00000101"u8)
            && Opaque.Value(0x1_0000_0001L).TryFormat(text, out n, "B") && text[..n].SequenceEqual("100000000000000000000000000000001"u8)
            && Opaque.Value(ulong.MaxValue).TryFormat(text, out n, "B") && n == 64 && text[..n].IndexOf((byte)'0') == -1;
    }

    public static bool A_short_destination_is_refused_and_nothing_is_counted()
    {
        Span<byte> text = stackalloc byte[3];
        return !Opaque.Value(1234).TryFormat(text, out int n) && n == 0 && !Opaque.Value(-123).TryFormat(text, out n) && n == 0 && !Opaque.Value(1).TryFormat(text, out n, "D4") && n == 0
            && !Opaque.Value(0x1234).TryFormat(text, out n, "X") && n == 0 && !Opaque.Value(0).TryFormat(default, out n) && n == 0
            && Opaque.Value(-12).TryFormat(text, out n) && n == 3;
    }

    private static int NumberOf(string word) => word switch
    {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        _ => 0,
    };
}

// What a debugger reads of a machine at once.

using System;

namespace Ringfence.Guest.Tests;

/// <summary>The registers of a machine that stands still; equal if every one is.</summary>
/// <param name="Digits">The registers as the debugger interface writes them.</param>
internal sealed record MachineRegisters(string Digits)
{
    private const int LongestOf32Bits = 1000;

    /// <summary>The instruction pointer.</summary>
    public ulong InstructionPointer
    {
        get
        {
            // Sixteen registers of eight bytes come first, or eight of four.
            byte[] bytes = Convert.FromHexString(Digits);
            return Digits.Length > LongestOf32Bits ? BitConverter.ToUInt64(bytes, 16 * sizeof(ulong)) : BitConverter.ToUInt32(bytes, 8 * sizeof(uint));
        }
    }

    /// <summary>Says which bytes differ from those of <paramref name="other"/>; empty if none does.</summary>
    public string DifferenceFrom(MachineRegisters other)
    {
        int first = 0;
        while (first < Digits.Length && first < other.Digits.Length && Digits[first] == other.Digits[first])
        {
            first++;
        }

        return Digits == other.Digits ? "" : $"from byte {first / 2} of the registers on: {Excerpt(first)}, before it was {other.Excerpt(first)}";
    }

    private string Excerpt(int first)
    {
        int begin = Math.Max(0, first - 8) & ~1;
        return Digits[begin..Math.Min(Digits.Length, begin + 32)];
    }
}

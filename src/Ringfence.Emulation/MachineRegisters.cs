// What a debugger reads of a machine at once.

using System;
using System.Buffers.Binary;

namespace Ringfence.Emulation;

/// <summary>The registers of a machine that stands still; equal if every one is.</summary>
/// <param name="Digits">The registers as the debugger interface writes them.</param>
public sealed record MachineRegisters(string Digits)
{
    private const int LongestOf32Bits = 1000;

    // In the order of GDB: rax rbx rcx rdx rsi rdi rbp rsp r8 to r15 rip, and eax ecx edx ebx esp ebp esi edi eip.
    private static readonly Places s_64Bits = new(sizeof(ulong), InstructionPointer: 16, StackPointer: 7, FirstArgument: 5, Result: 0);
    private static readonly Places s_32Bits = new(sizeof(uint), InstructionPointer: 8, StackPointer: 4, FirstArgument: 1, Result: 0);

    private sealed record Places(int WordBytes, int InstructionPointer, int StackPointer, int FirstArgument, int Result);

    /// <summary>The instruction pointer.</summary>
    public ulong InstructionPointer => Read(Place.InstructionPointer);

    /// <summary>The stack pointer.</summary>
    public ulong StackPointer => Read(Place.StackPointer);

    /// <summary>At the entry of a C# method, its first argument: in rdi, or in ecx.</summary>
    public ulong FirstArgument => Read(Place.FirstArgument);

    /// <summary>At the return of a C# method, the truth value that it gave.</summary>
    public bool ResultIsTrue => (byte)Read(Place.Result) != 0;

    /// <summary>Bytes of a register.</summary>
    public int WordBytes => Place.WordBytes;

    private Places Place => Digits.Length > LongestOf32Bits ? s_64Bits : s_32Bits;

    /// <summary>The same with another first argument.</summary>
    public MachineRegisters WithFirstArgument(uint value)
    {
        byte[] bytes = new byte[WordBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        int begin = 2 * WordBytes * Place.FirstArgument;
        return new(Digits[..begin] + Convert.ToHexStringLower(bytes) + Digits[(begin + (2 * WordBytes))..]);
    }

    /// <summary>Says which bytes differ from those of <paramref name="other"/>; empty if none does.</summary>
    public string DifferenceFrom(MachineRegisters other)
    {
        ArgumentNullException.ThrowIfNull(other);
        int first = 0;
        while (first < Digits.Length && first < other.Digits.Length && Digits[first] == other.Digits[first])
        {
            first++;
        }

        return Digits == other.Digits ? "" : $"from byte {first / 2} of the registers on: {Excerpt(first)}, before it was {other.Excerpt(first)}";
    }

    private ulong Read(int register)
    {
        byte[] bytes = Convert.FromHexString(Digits.AsSpan(2 * WordBytes * register, 2 * WordBytes));
        return WordBytes == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private string Excerpt(int first)
    {
        int begin = Math.Max(0, first - 8) & ~1;
        return Digits[begin..Math.Min(Digits.Length, begin + 32)];
    }
}

// The few registers that a call of a guest's method takes and gives, found in what the debugger's protocol calls all registers.

using System;
using System.Buffers.Binary;

namespace Ringfence.Emulation;

/// <summary>Registers of a guest that stands still: a copy, which can be changed and written back.</summary>
public sealed class DebuggerRegisters
{
    private readonly byte[] _bytes;
    private readonly Layout _layout;

    private readonly record struct Layout(int WordBytes, int Counter, int StackPointer, int FirstArgument, int Result);

    // Orders of GDB: rax rbx rcx rdx rsi rdi rbp rsp r8-r15 rip, and eax ecx edx ebx esp ebp esi edi eip. Methods take their first argument in rdi (System V), or in ecx.
    private static readonly Layout s_amd64 = new(sizeof(ulong), 16, 7, 5, 0);
    private static readonly Layout s_ia32 = new(sizeof(uint), 8, 4, 1, 0);

    /// <summary>Interprets registers.</summary>
    /// <param name="format">Whose they are.</param>
    /// <param name="bytes">What <see cref="DebuggerClient.ReadRegisters"/> gave.</param>
    public DebuggerRegisters(GuestFormat format, ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes.ToArray();
        _layout = format == GuestFormat.X8664 ? s_amd64 : s_ia32;
    }

    /// <summary>All of them.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Bytes of one.</summary>
    public int WordBytes => _layout.WordBytes;

    /// <summary>Address of the instruction that is executed next.</summary>
    public ulong InstructionPointer => Read(_layout.Counter);

    /// <summary>The stack pointer.</summary>
    public ulong StackPointer => Read(_layout.StackPointer);

    /// <summary>The first argument, at the entry of a method.</summary>
    public ulong FirstArgument => Read(_layout.FirstArgument);

    /// <summary>The truth value that a method has returned.</summary>
    public bool ResultIsTrue => (byte)Read(_layout.Result) != 0;

    /// <summary>The same with another first argument.</summary>
    public DebuggerRegisters WithFirstArgument(ulong value)
    {
        DebuggerRegisters changed = new(_layout.WordBytes == sizeof(ulong) ? GuestFormat.X8664 : GuestFormat.Ia32, _bytes);
        Span<byte> place = changed._bytes.AsSpan(_layout.FirstArgument * _layout.WordBytes, _layout.WordBytes);
        if (_layout.WordBytes == sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(place, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)value);
        }

        return changed;
    }

    private ulong Read(int index)
    {
        ReadOnlySpan<byte> place = _bytes.AsSpan(index * _layout.WordBytes);
        return _layout.WordBytes == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(place) : BinaryPrimitives.ReadUInt32LittleEndian(place);
    }
}

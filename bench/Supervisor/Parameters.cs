using System;
using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

/// <summary>What an operation was measured with, by name; up to two.</summary>
internal readonly ref struct Parameters
{
    private readonly ReadOnlySpan<byte> _firstName;
    private readonly ReadOnlySpan<byte> _secondName;
    private readonly int _first;
    private readonly int _second;

    public Parameters(ReadOnlySpan<byte> name, int value)
    {
        _firstName = name;
        _first = value;
    }

    public Parameters(ReadOnlySpan<byte> firstName, int first, ReadOnlySpan<byte> secondName, int second)
        : this(firstName, first)
    {
        _secondName = secondName;
        _second = second;
    }

    /// <summary>No parameters.</summary>
    public static Parameters None => default;

    /// <summary>Writes a space and <c>NAME=VALUE,NAME=VALUE</c>, or a dash.</summary>
    public void Write()
    {
        KernelConsole.Write(" "u8);
        if (_firstName.Length == 0)
        {
            KernelConsole.Write("-"u8);
            return;
        }

        Write(_firstName, _first);
        if (_secondName.Length != 0)
        {
            KernelConsole.Write(","u8);
            Write(_secondName, _second);
        }
    }

    private static void Write(ReadOnlySpan<byte> name, int value)
    {
        KernelConsole.Write(name);
        KernelConsole.Write("="u8);
        KernelConsole.WriteDecimal(value);
    }
}

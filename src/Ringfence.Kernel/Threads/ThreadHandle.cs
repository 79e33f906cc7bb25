// A handle names one life of a slot: the generation tells the thread that was from the thread that is.

using System;

namespace Ringfence.Kernel;

/// <summary>Names a thread. Bits 0 to 7: slot; bits 8 to 30: generation, never 0. Never negative, never 0, so it can't be taken for a status.</summary>
public readonly struct ThreadHandle : IEquatable<ThreadHandle>
{
    private const int SlotBits = 8;
    private const int SlotMask = (1 << SlotBits) - 1;

    /// <summary>Generations count from 1 to this and start again.</summary>
    public const int GenerationLimit = (1 << 23) - 1;

    private readonly int _value;

    private ThreadHandle(int value) => _value = value;

    /// <summary>The handle of a slot in its present generation.</summary>
    public static ThreadHandle Create(int slot, int generation) => new(slot | (generation << SlotBits));

    /// <summary>Takes a value from user mode. It proves nothing: <see cref="ThreadTable.TryFind"/> decides.</summary>
    public static ThreadHandle FromUntrusted(nint value) => new(value is > 0 and <= int.MaxValue ? (int)value : 0);

    /// <summary>The handle as user mode sees it; 0 names nothing.</summary>
    public int Value => _value;

    /// <summary>Index into the thread table; may be beyond it.</summary>
    public int Slot => _value & SlotMask;

    /// <summary>Which life of the slot is meant.</summary>
    public int Generation => _value >> SlotBits;

    /// <inheritdoc/>
    public bool Equals(ThreadHandle other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ThreadHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value;

    /// <summary>Same slot and generation.</summary>
    public static bool operator ==(ThreadHandle left, ThreadHandle right) => left._value == right._value;

    /// <summary>Another slot or generation.</summary>
    public static bool operator !=(ThreadHandle left, ThreadHandle right) => left._value != right._value;
}

// A handle names one life of a slot: the generation tells the thread that was from the thread that is.

using System;
using Ringfence.Abi;

namespace Ringfence.Kernel;

/// <summary>Names a thread; the layout is <see cref="KernelHandle"/>'s.</summary>
public readonly struct ThreadHandle : IEquatable<ThreadHandle>
{
    private const int KindMask = (1 << KernelHandle.KindBitCount) - 1;
    private const int SlotMask = (1 << KernelHandle.SlotBitCount) - 1;

    private readonly int _value;

    private ThreadHandle(int value) => _value = value;

    /// <summary>The handle of a slot in its present generation.</summary>
    public static ThreadHandle Create(int slot, int generation) =>
        new(slot | ((int)KernelObjectKind.Thread << KernelHandle.KindShift) | (generation << KernelHandle.GenerationShift));

    /// <summary>Takes a value from user mode; one that can't be a thread's becomes 0. It proves nothing: <see cref="ThreadTable.TryFind"/> decides.</summary>
    public static ThreadHandle FromUntrusted(nint value)
    {
        bool isThread = value is > 0 and <= int.MaxValue && (((int)value >> KernelHandle.KindShift) & KindMask) == (int)KernelObjectKind.Thread;
        return new(isThread ? (int)value : 0);
    }

    /// <summary>The handle as user mode sees it; 0 names nothing.</summary>
    public int Value => _value;

    /// <summary>Index into the thread table; may be beyond it.</summary>
    public int Slot => _value & SlotMask;

    /// <summary>Which life of the slot is meant.</summary>
    public int Generation => _value >> KernelHandle.GenerationShift;

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

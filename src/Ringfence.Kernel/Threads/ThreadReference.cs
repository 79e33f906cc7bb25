// A thread by the address of its slot, which is what the scheduler and its lists hold: a slot's number would be multiplied at every look.

using System.Runtime.CompilerServices;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>One of the slots of the thread table, or none. Made by the kernel alone; user mode names threads by <see cref="ThreadHandle"/>.</summary>
public readonly struct ThreadReference
{
    private readonly nuint _address;

    /// <summary>A reference to a slot.</summary>
    /// <param name="address">Where the slot is.</param>
    internal ThreadReference(nuint address) => _address = address;

    /// <summary>No thread: the end of a queue, nobody waiting. The default value.</summary>
    public static ThreadReference None => default;

    /// <summary>Whether it refers to no thread.</summary>
    public bool IsNone => _address == 0;

    /// <summary>The thread. Images built with the audit check that there is one.</summary>
    public ref Thread Target
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
#if AUDIT
            nuint offset = _address - KernelTables.Threads;
            return ref ThreadTable.At((int)(offset / (nuint)Unsafe.SizeOf<Thread>()));
#else
            return ref KernelMemory.At<Thread>(_address);
#endif
        }
    }

    /// <summary>Where the slot is.</summary>
    internal nuint Address => _address;

    /// <summary>Whether both refer to one thread, or to none.</summary>
    public static bool operator ==(ThreadReference left, ThreadReference right) => left._address == right._address;

    /// <summary>Whether they refer to different threads.</summary>
    public static bool operator !=(ThreadReference left, ThreadReference right) => left._address != right._address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ThreadReference other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_address;
}

// The few places where a number becomes memory: the image's description, the kernel's view of grantable pages, stacks being cleared.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.Machine;

/// <summary>Memory of the kernel named by its address. The caller vouches for the address; nothing here is ever a user's address.</summary>
public static unsafe class KernelMemory
{
    /// <summary>The bytes from <paramref name="address"/> on.</summary>
    public static Span<byte> Bytes(nuint address, nuint byteCount) => new((void*)address, (int)byteCount);

    /// <summary>The value of type <typeparamref name="T"/> that lies at <paramref name="address"/>.</summary>
    public static ref T At<T>(nuint address)
        where T : unmanaged => ref *(T*)address;

    /// <summary>The item <paramref name="index"/> of an array of <typeparamref name="T"/> that starts at <paramref name="address"/>.</summary>
    public static ref T At<T>(nuint address, nuint index)
        where T : unmanaged => ref ((T*)address)[index];

    /// <summary>
    /// The item <paramref name="index"/> of a table of <paramref name="count"/> items. The kernel makes these indexes itself; images built with the audit
    /// check them all the same, as an array would. In others a switch of threads would spend a tenth more on it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T At<T>(nuint table, int index, int count)
        where T : unmanaged
    {
#if AUDIT
        return ref MemoryMarshal.CreateSpan(ref *(T*)table, count)[index];
#else
        return ref ((T*)table)[(nuint)(uint)index];
#endif
    }

    /// <summary>All items of a table.</summary>
    public static Span<T> Items<T>(nuint table, int count)
        where T : unmanaged => MemoryMarshal.CreateSpan(ref *(T*)table, count);

    /// <summary>Address of a field of the kernel; kernel statics don't move.</summary>
    public static nuint AddressOf<T>(ref T field)
        where T : unmanaged
    {
        fixed (T* pointer = &field)
        {
            return (nuint)pointer;
        }
    }

    /// <summary>Calls a function without arguments that returns a status, in managed convention.</summary>
    [CallsThroughPointer]
    public static int Call(nuint function) => ((delegate*<int>)function)();
}

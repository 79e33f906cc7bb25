// The few places where a number becomes memory: the image's description, the kernel's view of grantable pages, stacks being cleared.

using System;

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
    public static int Call(nuint function) => ((delegate*<int>)function)();
}

// The way into the kernel. Everything else in this library is a name for one of these calls.

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>System calls as they are, for those who need one that has no better name here. See <see cref="SystemCall"/> for arguments and results.</summary>
public static class Kernel
{
    /// <summary>Calls the kernel; arguments that a call doesn't take are ignored.</summary>
    public static long Call(SystemCall number, nint argument0 = 0, nint argument1 = 0, nint argument2 = 0, nint argument3 = 0) =>
        ImportCall((nint)number, argument0, argument1, argument2, argument3, 0);

    [RuntimeImport("*", "RingfenceSystemCall")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long ImportCall(nint number, nint argument0, nint argument1, nint argument2, nint argument3, nint argument4);
}

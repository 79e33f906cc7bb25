// The way into the kernel for those who choose the call when they run. Everything else in this library is a name for one call (SystemCalls.cs).

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>
/// System calls as they are, for those who need one that has no better name here. See <see cref="SystemCall"/> for arguments and results. A call that takes more arguments than it is given gets
/// whatever the registers hold; arguments that it doesn't take are ignored.
/// <para>
/// An image has the calls that its components' code names. The number that is given here could be any: in an image with a component that uses this class, the kernel has all calls. Those that have a
/// better name cost less by it.
/// </para>
/// </summary>
public static class Kernel
{
    /// <summary>Enters the kernel and comes back: what a system call costs at least. The image needs no other call for it.</summary>
    public static void Visit() => SystemCalls.Nothing((nint)CountingMark.None);

    /// <summary>Calls the kernel without an argument.</summary>
    public static long Call(SystemCall number) => ImportCall0((nint)number);

    /// <summary>Calls the kernel with one argument.</summary>
    public static long Call(SystemCall number, nint argument0) => ImportCall1(argument0, (nint)number);

    /// <summary>Calls the kernel with two arguments.</summary>
    public static long Call(SystemCall number, nint argument0, nint argument1) => ImportCall2(argument0, argument1, (nint)number);

    /// <summary>Calls the kernel with three to five arguments.</summary>
    public static long Call(SystemCall number, nint argument0, nint argument1, nint argument2, nint argument3 = 0, nint argument4 = 0) =>
        ImportCall5(argument0, argument1, argument2, argument3, argument4, (nint)number);

    // The number comes last, so that what comes before it lies where the kernel wants it.
    [RuntimeImport("*", "RingfenceSystemCall0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long ImportCall0(nint number);

    [RuntimeImport("*", "RingfenceSystemCall1")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long ImportCall1(nint argument0, nint number);

    [RuntimeImport("*", "RingfenceSystemCall2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long ImportCall2(nint argument0, nint argument1, nint number);

    [RuntimeImport("*", "RingfenceSystemCall5")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long ImportCall5(nint argument0, nint argument1, nint argument2, nint argument3, nint argument4, nint number);
}

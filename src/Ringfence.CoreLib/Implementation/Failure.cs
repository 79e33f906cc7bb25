// The single way out of the core library: nothing here throws, everything that .NET would throw ends in RingfenceFail.
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.CoreLib;

namespace Internal.Runtime;

/// <summary>Ends the running thread (in a component) or the machine (in the kernel) with a reason from <see cref="FailureReason"/>.</summary>
internal static class Failure
{
    [RuntimeImport("*", "RingfenceFail")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void RingfenceFail(int reason);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Raise(int reason)
    {
        // A supplier that returns by mistake must not let the caller go on with a broken assumption.
        while (true)
        {
            RingfenceFail(reason);
        }
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void IndexOutOfRange() => Raise(FailureReason.IndexOutOfRange);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void DivideByZero() => Raise(FailureReason.DivideByZero);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Overflow() => Raise(FailureReason.Overflow);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ArgumentOutOfRange() => Raise(FailureReason.ArgumentOutOfRange);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Argument() => Raise(FailureReason.Argument);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void NotSupported() => Raise(FailureReason.NotSupported);

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void InvalidOperation() => Raise(FailureReason.InvalidOperation);
}

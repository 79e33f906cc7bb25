// Boxing and unboxing that compiled code asks for by name. Boxing allocates, so it is the undefined symbol RingfenceBoxingIsNotSupported.
using System.Runtime.CompilerServices;
using Internal.Runtime;
using Ringfence.CoreLib;

namespace System.Runtime;

/// <summary>The boxing routines that ILC 10.0 resolves in the core library.</summary>
internal static unsafe class RuntimeExports
{
    [RuntimeImport("*", "RingfenceBoxingIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object? RhBox(MethodTable* type, ref byte data);

    internal static ref byte RhUnbox2(MethodTable* type, object value)
    {
        // Reached only after the compiled code has found another type than the one it asks for.
        Failure.Raise(FailureReason.InvalidCast);
        return ref Unsafe.NullRef<byte>();
    }

    [RuntimeImport("*", "RingfenceBoxingIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void RhUnboxNullable(ref byte data, MethodTable* type, object? value);

    internal static void RhUnboxTypeTest(MethodTable* type, MethodTable* boxedType)
    {
        if (type != boxedType)
        {
            Failure.Raise(FailureReason.InvalidCast);
        }
    }
}

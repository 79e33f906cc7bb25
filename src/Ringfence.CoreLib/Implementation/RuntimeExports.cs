// Boxing and unboxing that compiled code asks for by name. Boxing allocates, so it is refused at link time.
using System.Runtime.CompilerServices;
using Internal.Runtime;
using Ringfence.CoreLib;

namespace System.Runtime;

/// <summary>The boxing routines that ILC 10.0 resolves in the core library.</summary>
internal static unsafe class RuntimeExports
{
    [RuntimeImport("*", "RingfenceBoxingIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern object RingfenceBoxingIsNotSupported(MethodTable* type);

    internal static object RhBox(MethodTable* type, ref byte data) => RingfenceBoxingIsNotSupported(type);

    internal static ref byte RhUnbox2(MethodTable* type, object value)
    {
        // Reached only after the compiled code has found another type than the one it asks for.
        Failure.Raise(FailureReason.InvalidCast);
        return ref Unsafe.NullRef<byte>();
    }

    internal static void RhUnboxNullable(ref byte data, MethodTable* type, object? value) => RingfenceBoxingIsNotSupported(type);

    internal static void RhUnboxTypeTest(MethodTable* type, MethodTable* boxedType)
    {
        if (type != boxedType)
        {
            Failure.Raise(FailureReason.InvalidCast);
        }
    }
}

// Casts that compiled code asks for by name. Metal code has no objects but literals, so whatever needs a cast is refused at link time.
using System.Runtime.CompilerServices;
using Internal.Runtime;
using Ringfence.CoreLib;

namespace System.Runtime;

/// <summary>
/// The casting routines that ILC 10.0 resolves in the core library. Each leads to <c>RingfenceCastIsNotSupported</c>, a symbol that nobody defines:
/// the linker then names the method that casts. Casts that the compiler decides by itself (exact sealed types, <c>null</c>) never get here.
/// </summary>
internal static unsafe class TypeCast
{
    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern object RingfenceCastIsNotSupported(MethodTable* type, object? value);

    internal static object CheckCastAny(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value);

    internal static object CheckCastInterface(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value);

    internal static object CheckCastClass(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value);

    internal static object CheckCastClassSpecial(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value);

    internal static object IsInstanceOfAny(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value);

    internal static object IsInstanceOfInterface(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value);

    internal static object IsInstanceOfClass(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value);

    internal static bool IsInstanceOfException(MethodTable* type, object? value) => RingfenceCastIsNotSupported(type, value) is not null;

    internal static void StelemRef(object?[] array, nint index, object? value) => RingfenceCastIsNotSupported(null, value);

    internal static ref object? LdelemaRef(object?[] array, nint index, nint elementType)
    {
        RingfenceCastIsNotSupported((MethodTable*)elementType, null);
        return ref array[index];
    }
}

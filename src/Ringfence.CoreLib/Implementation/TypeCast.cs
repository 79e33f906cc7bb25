// Casts that compiled code asks for by name. Metal code has no objects but literals, so whatever needs a cast is refused at link time.
using System.Runtime.CompilerServices;
using Internal.Runtime;

namespace System.Runtime;

/// <summary>
/// The casting routines that ILC 10.0 resolves in the core library. Each is the symbol <c>RingfenceCastIsNotSupported</c> itself, which nobody defines: the
/// linker then names the method that casts. Casts that the compiler decides by itself (exact sealed types, <c>null</c>) never get here.
/// </summary>
internal static unsafe class TypeCast
{
    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object CheckCastAny(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object CheckCastInterface(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object CheckCastClass(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object CheckCastClassSpecial(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object? IsInstanceOfAny(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object? IsInstanceOfInterface(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object? IsInstanceOfClass(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern bool IsInstanceOfException(MethodTable* type, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void StelemRef(object?[] array, nint index, object? value);

    [RuntimeImport("*", "RingfenceCastIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ref object? LdelemaRef(object?[] array, nint index, nint elementType);
}

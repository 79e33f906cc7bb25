// Makes a static constructor that cannot be run at compile time a link error instead of a field that silently reads zero.
using Internal.Runtime;

namespace System.Runtime.CompilerServices;

/// <summary>What ILC stores beside a class whose static constructor has to run.</summary>
internal struct StaticClassConstructionContext
{
    public nint cctorMethodAddress;
}

/// <summary>
/// ILC 10.0 calls these before an access to a static of a class that it could not preinitialise. Without this type it emits no call at all, never runs the
/// constructor, and the fields read zero. With it, each such access refers to <c>RingfenceStaticConstructorIsNotSupported</c>, which nobody defines.
/// </summary>
internal static unsafe class ClassConstructorRunner
{
    [RuntimeImport("*", "RingfenceStaticConstructorIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void RingfenceStaticConstructorIsNotSupported();

    internal static void CheckStaticClassConstruction(StaticClassConstructionContext* context) => RingfenceStaticConstructorIsNotSupported();

    internal static object? CheckStaticClassConstructionReturnGCStaticBase(StaticClassConstructionContext* context, object? gcStaticBase)
    {
        RingfenceStaticConstructorIsNotSupported();
        return gcStaticBase;
    }

    internal static nint CheckStaticClassConstructionReturnNonGCStaticBase(StaticClassConstructionContext* context, nint nonGcStaticBase)
    {
        RingfenceStaticConstructorIsNotSupported();
        return nonGcStaticBase;
    }

    internal static object? CheckStaticClassConstructionReturnThreadStaticBase(
        nint typeManagerSlot, int typeTlsIndex, StaticClassConstructionContext* context)
    {
        RingfenceStaticConstructorIsNotSupported();
        return null;
    }
}

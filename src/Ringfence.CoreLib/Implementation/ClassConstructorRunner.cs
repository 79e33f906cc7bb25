// Makes a static constructor that cannot be run at compile time a link error instead of a field that silently reads zero.
namespace System.Runtime.CompilerServices;

/// <summary>What ILC stores beside a class whose static constructor has to run.</summary>
internal struct StaticClassConstructionContext
{
    public nint cctorMethodAddress;
}

/// <summary>
/// ILC 10.0 calls these before an access to a static of a class that it could not preinitialise. Without this type it emits no call at all, never runs the
/// constructor, and the fields read zero. Its methods are the symbol <c>RingfenceStaticConstructorIsNotSupported</c>,
/// which nobody defines, so that the linker names the method that makes the access.
/// </summary>
internal static unsafe class ClassConstructorRunner
{
    [RuntimeImport("*", "RingfenceStaticConstructorIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void CheckStaticClassConstruction(StaticClassConstructionContext* context);

    [RuntimeImport("*", "RingfenceStaticConstructorIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object? CheckStaticClassConstructionReturnGCStaticBase(StaticClassConstructionContext* context, object? gcStaticBase);

    [RuntimeImport("*", "RingfenceStaticConstructorIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern nint CheckStaticClassConstructionReturnNonGCStaticBase(StaticClassConstructionContext* context, nint nonGcStaticBase);

    [RuntimeImport("*", "RingfenceStaticConstructorIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern object? CheckStaticClassConstructionReturnThreadStaticBase(
        nint typeManagerSlot, int typeTlsIndex, StaticClassConstructionContext* context);
}

// Metadata tokens in code. The ones that C# writes for tables of constants are removed by the compiler; any other is a link error.
using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Internal.Runtime.CompilerHelpers;

/// <summary>What ILC 10.0 resolves for the <c>ldtoken</c> instruction. Types, methods and fields have no description at run time.</summary>
internal static class LdTokenHelpers
{
    [RuntimeImport("*", "RingfenceReflectionIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern RuntimeTypeHandle GetRuntimeTypeHandle(nint type);

    [RuntimeImport("*", "RingfenceReflectionIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern Type? GetRuntimeType(nint type);

    [RuntimeImport("*", "RingfenceReflectionIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern RuntimeMethodHandle GetRuntimeMethodHandle(nint method);

    [RuntimeImport("*", "RingfenceReflectionIsNotSupported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern RuntimeFieldHandle GetRuntimeFieldHandle(nint field);
}

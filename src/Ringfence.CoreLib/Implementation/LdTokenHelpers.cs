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
    private static extern void RingfenceReflectionIsNotSupported();

    internal static RuntimeTypeHandle GetRuntimeTypeHandle(nint type)
    {
        RingfenceReflectionIsNotSupported();
        return default;
    }

    internal static Type? GetRuntimeType(nint type)
    {
        RingfenceReflectionIsNotSupported();
        return null;
    }

    internal static RuntimeMethodHandle GetRuntimeMethodHandle(nint method)
    {
        RingfenceReflectionIsNotSupported();
        return default;
    }

    internal static RuntimeFieldHandle GetRuntimeFieldHandle(nint field)
    {
        RingfenceReflectionIsNotSupported();
        return default;
    }
}

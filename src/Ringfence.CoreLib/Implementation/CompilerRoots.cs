// Types that ILC's whole-program scanner demands although nothing here uses them.
using Internal.Runtime;
using Ringfence.CoreLib;

namespace System
{
    /// <summary>RyuJIT asks for its identity when it compares references. No instance ever exists.</summary>
    internal abstract class RuntimeType : Type
    {
    }
}

namespace System.Runtime.InteropServices
{
    /// <summary>Demanded by the scanner; dynamic casts do not exist here.</summary>
    internal unsafe interface IDynamicInterfaceCastable
    {
        internal static MethodTable* GetDynamicInterfaceImplementation(IDynamicInterfaceCastable instance, MethodTable* type, ushort slot)
        {
            Failure.Raise(FailureReason.NotSupported);
            return null;
        }
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    /// <summary>Demanded where code creates an array of more than one dimension; arrays are not allocated here.</summary>
    internal static unsafe class ArrayHelpers
    {
        internal static object? NewObjArray(nint type, int dimensionCount, int* dimensions)
        {
            Failure.Raise(FailureReason.NotSupported);
            return null;
        }

        internal static object? NewObjArrayRare(nint type, int dimensionCount, int* dimensions)
        {
            Failure.Raise(FailureReason.NotSupported);
            return null;
        }
    }
}

// The compiler matches this one by name; the reference assemblies don't have it, so an assembly that meets assembly code brings
// its own copy.

namespace System.Runtime;

/// <summary>Binds an extern method to a symbol of the component, in RyuJIT's own calling convention, with no transition code.</summary>
[System.AttributeUsage(System.AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute : System.Attribute
{
    /// <summary>Takes the symbol's library (always "*", the component itself) and its name.</summary>
    public RuntimeImportAttribute(string library, string entryPoint)
    {
        _ = library;
        _ = entryPoint;
    }
}

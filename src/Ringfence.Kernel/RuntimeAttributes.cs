// The compiler matches this one by name; the reference assemblies don't have it, so an assembly that assembly code calls into
// brings its own copy.

namespace System.Runtime;

/// <summary>Exports a static method under a symbol name, in RyuJIT's own calling convention, with no transition code.</summary>
[System.AttributeUsage(System.AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute : System.Attribute
{
    /// <summary>Takes the symbol name.</summary>
    public RuntimeExportAttribute(string entryPoint) => _ = entryPoint;
}

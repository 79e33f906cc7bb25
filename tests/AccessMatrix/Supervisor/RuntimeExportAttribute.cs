namespace System.Runtime;

/// <summary>Exports a static method under a symbol name; the compiler matches it by name.</summary>
[System.AttributeUsage(System.AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute : System.Attribute
{
    public RuntimeExportAttribute(string entryPoint) => _ = entryPoint;
}

namespace System.Runtime;

/// <summary>Binds an extern method to a symbol of the image; the compiler matches it by name.</summary>
[System.AttributeUsage(System.AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute : System.Attribute
{
    public RuntimeImportAttribute(string library, string entryPoint)
    {
        _ = library;
        _ = entryPoint;
    }
}

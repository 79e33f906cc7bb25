// ILC binds these two attributes by name; other assemblies declare their own internal copies.
namespace System.Runtime;

/// <summary>Binds an extern method to a symbol that the link supplies, called without any transition.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
internal sealed class RuntimeImportAttribute : Attribute
{
    public RuntimeImportAttribute(string dllName, string entryPoint)
    {
        DllName = dllName;
        EntryPoint = entryPoint;
    }

    public string DllName { get; }

    public string EntryPoint { get; }
}

/// <summary>Gives a static method a symbol of the stated name, callable from assembly without any transition.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
internal sealed class RuntimeExportAttribute : Attribute
{
    public RuntimeExportAttribute(string entryPoint) => EntryPoint = entryPoint;

    public string EntryPoint { get; }
}

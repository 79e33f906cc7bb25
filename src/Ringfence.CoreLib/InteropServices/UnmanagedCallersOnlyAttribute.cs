// A method that assembly calls by name under an unmanaged convention.
namespace System.Runtime.InteropServices;

/// <summary>Exports a static method for callers that aren't C#.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class UnmanagedCallersOnlyAttribute : Attribute
{
    public Type[]? CallConvs;
    public string? EntryPoint;
}

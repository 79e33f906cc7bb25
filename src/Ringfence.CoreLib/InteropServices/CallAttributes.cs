// Calls between C# and assembly that the ordinary .NET knows too.
namespace System.Runtime.InteropServices;

/// <summary>A calling convention.</summary>
public enum CallingConvention
{
    Winapi = 1,
    Cdecl = 2,
    StdCall = 3,
    ThisCall = 4,
    FastCall = 5,
}

/// <summary>Binds an extern method to a symbol; give <c>*</c> for one that the link supplies.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class DllImportAttribute : Attribute
{
    public string? EntryPoint;
    public CharSet CharSet;
    public bool SetLastError;
    public bool ExactSpelling;
    public CallingConvention CallingConvention;
    public bool BestFitMapping;
    public bool PreserveSig;
    public bool ThrowOnUnmappableChar;

    public DllImportAttribute(string dllName) => Value = dllName;

    public string Value { get; }
}

// How the fields of a type lie in memory, and how data crosses a call.
namespace System.Runtime.InteropServices;

/// <summary>Who chooses the offsets of fields.</summary>
public enum LayoutKind
{
    Sequential = 0,
    Explicit = 2,
    Auto = 3,
}

/// <summary>The character set of a call; C# needs the type for a layout.</summary>
public enum CharSet
{
    None = 1,
    Ansi = 2,
    Unicode = 3,
    Auto = 4,
}

/// <summary>Lays out a type.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class StructLayoutAttribute : Attribute
{
    public int Pack;
    public int Size;
    public CharSet CharSet;

    public StructLayoutAttribute(LayoutKind layoutKind) => Value = layoutKind;

    public LayoutKind Value { get; }
}

/// <summary>A field's offset in bytes.</summary>
[AttributeUsage(AttributeTargets.Field, Inherited = false)]
public sealed class FieldOffsetAttribute : Attribute
{
    public FieldOffsetAttribute(int offset)
    {
        Value = offset;
    }

    public int Value { get; }
}

/// <summary>A parameter that is only read.</summary>
[AttributeUsage(AttributeTargets.Parameter, Inherited = false)]
public sealed class InAttribute : Attribute;

/// <summary>A parameter that is only written.</summary>
[AttributeUsage(AttributeTargets.Parameter, Inherited = false)]
public sealed class OutAttribute : Attribute;

/// <summary>A call made without telling the runtime.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class SuppressGCTransitionAttribute : Attribute;

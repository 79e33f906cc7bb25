// The root of attributes and the attribute that says where one may stand.
namespace System;

/// <summary>The base of all attributes. They are data for compilers and analyzers; nothing reads them at run time.</summary>
[AttributeUsage(AttributeTargets.All, Inherited = true)]
public abstract class Attribute
{
    protected Attribute()
    {
    }
}

/// <summary>Where an attribute may stand.</summary>
[Flags]
public enum AttributeTargets
{
    Assembly = 0x0001,
    Module = 0x0002,
    Class = 0x0004,
    Struct = 0x0008,
    Enum = 0x0010,
    Constructor = 0x0020,
    Method = 0x0040,
    Property = 0x0080,
    Field = 0x0100,
    Event = 0x0200,
    Interface = 0x0400,
    Parameter = 0x0800,
    Delegate = 0x1000,
    ReturnValue = 0x2000,
    GenericParameter = 0x4000,
    All = 0x7FFF,
}

/// <summary>Says where an attribute may stand.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
public sealed class AttributeUsageAttribute : Attribute
{
    public AttributeUsageAttribute(AttributeTargets validOn) => ValidOn = validOn;

    public AttributeTargets ValidOn { get; }

    public bool AllowMultiple { get; set; }

    public bool Inherited { get; set; } = true;
}

// The head of every object points to one of these. Only what casts need is described; the layout is ILC 10.0's.
using System.Runtime.InteropServices;

namespace Internal.Runtime;

/// <summary>The fixed head of ILC's type description; the vtable and the interface list follow it in memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MethodTable
{
    /// <summary>Bytes an element takes, for arrays and strings; otherwise zero or more flags.</summary>
    public ushort ComponentSize;

    /// <summary>Kind and feature flags.</summary>
    public ushort Flags;

    /// <summary>Bytes an instance takes, object header and alignment included.</summary>
    public uint BaseSize;

    /// <summary>For a class the base class; for an array the element type.</summary>
    public MethodTable* RelatedType;

    /// <summary>Entries in the vtable.</summary>
    public ushort VtableSlotCount;

    /// <summary>Entries in the interface list.</summary>
    public ushort InterfaceCount;

    /// <summary>Hash code of the type's name.</summary>
    public uint HashCode;
}

// The compiler marks every type parameter constrained to unmanaged with this type; nothing here ever reads a value of it.

namespace System.Runtime.InteropServices;

/// <summary>How a value is marshalled. Nothing is marshalled on metal: only the type's existence counts.</summary>
public enum UnmanagedType
{
    Bool = 2,
    I1 = 3,
    U1 = 4,
    I2 = 5,
    U2 = 6,
    I4 = 7,
    U4 = 8,
    I8 = 9,
    U8 = 10,
}

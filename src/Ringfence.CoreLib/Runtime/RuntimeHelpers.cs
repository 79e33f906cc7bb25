// What compiled C# calls for array initialisers and spans over constants, and what generic code may ask about a type.
namespace System.Runtime.CompilerServices;

/// <summary>Support for compiled C#. ILC replaces every body marked as intrinsic.</summary>
public static class RuntimeHelpers
{
    /// <summary>Fills an array from constants. Only in initialisers of static read-only fields, which ILC evaluates.</summary>
    [Intrinsic]
    public static void InitializeArray(Array array, RuntimeFieldHandle fldHandle) => Internal.Runtime.Failure.NotSupported();

    /// <summary>A span over constants in read-only data.</summary>
    [Intrinsic]
    public static ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle fldHandle) => CreateSpan<T>(fldHandle);

    [Intrinsic]
    public static bool IsReferenceOrContainsReferences<T>()
        where T : allows ref struct => IsReferenceOrContainsReferences<T>();
}

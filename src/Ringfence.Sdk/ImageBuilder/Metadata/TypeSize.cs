// How many bytes a value takes that components share: asked of the runtime that this program runs on.

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Sizes of unmanaged types.</summary>
internal static class TypeSize
{
    /// <summary>Bytes of a value. On this 64-bit host pointers are as wide as anywhere: it is the target's size or more.</summary>
    public static int Of(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>The first field that is as wide as a pointer, so that the size depends on the target; null if there is none.</summary>
    public static string? PointerSizedField(Type type)
    {
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            Type held = field.FieldType;
            if (held.IsPointer || held.IsFunctionPointer || held == typeof(nint) || held == typeof(nuint))
            {
                return field.Name;
            }

            if (!held.IsPrimitive && !held.IsEnum && PointerSizedField(held) is { } inner)
            {
                return $"{field.Name}.{inner}";
            }
        }

        return null;
    }
}

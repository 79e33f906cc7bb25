// What a type is made of: whether references hide in it, where function pointers do, and how large it is.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Ringfence.Analyzers.Metal;

internal static class TypeContents
{
    /// <summary>
    /// Whether a variable of the type certainly holds a reference. A type parameter counts only if it must be a class.
    /// </summary>
    public static bool HoldsReferences(ITypeSymbol type) =>
        type.IsReferenceType || type.TypeKind == TypeKind.Dynamic || Leaves(type).Any(static leaf => leaf.IsReferenceType);

    /// <summary>The types of a struct's fields, with those of nested structs in their place; a type without fields is its own leaf.</summary>
    public static IEnumerable<ITypeSymbol> Leaves(ITypeSymbol type) => Leaves(type, new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default));

    /// <summary>
    /// The size of a variable of the type in bytes, laid out in order with natural alignment and 8-byte pointers,
    /// or null where it depends on a type parameter.
    /// </summary>
    public static int? SizeInBytes(ITypeSymbol type) => Layout(type)?.Size;

    private static IEnumerable<ITypeSymbol> Leaves(ITypeSymbol type, HashSet<ITypeSymbol> visited)
    {
        List<IFieldSymbol> fields = type is INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } && visited.Add(type)
            ? InstanceFields(type)
            : [];
        return fields.Count == 0 ? [type] : fields.SelectMany(field => Leaves(field.Type, visited));
    }

    private static List<IFieldSymbol> InstanceFields(ITypeSymbol type) =>
        [.. type.GetMembers().OfType<IFieldSymbol>().Where(static field => !field.IsStatic)];

    private static (int Size, int Alignment)? Layout(ITypeSymbol type)
    {
        switch (type.SpecialType)
        {
            case SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_SByte:
                return (1, 1);
            case SpecialType.System_Char or SpecialType.System_Int16 or SpecialType.System_UInt16:
                return (2, 2);
            case SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Single:
                return (4, 4);
            case SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_Double
                or SpecialType.System_IntPtr or SpecialType.System_UIntPtr:
                return (8, 8);
        }

        return type switch
        {
            IPointerTypeSymbol or IFunctionPointerTypeSymbol => (8, 8),
            INamedTypeSymbol { EnumUnderlyingType: { } underlying } => Layout(underlying),
            INamedTypeSymbol { TypeKind: TypeKind.Struct } => LayoutOfFields(type),
            _ => null,
        };
    }

    private static (int Size, int Alignment)? LayoutOfFields(ITypeSymbol type)
    {
        int size = 0;
        int alignment = 1;
        foreach (IFieldSymbol field in InstanceFields(type))
        {
            ITypeSymbol element = field.IsFixedSizeBuffer && field.Type is IPointerTypeSymbol buffer ? buffer.PointedAtType : field.Type;
            if (Layout(element) is not { } layout)
            {
                return null;
            }

            alignment = Math.Max(alignment, layout.Alignment);
            size = RoundUp(size, layout.Alignment) + (layout.Size * Math.Max(1, field.FixedSize));
        }

        size = RoundUp(Math.Max(size, 1), alignment) * InlineArrayLength(type);
        return (size, alignment);
    }

    private static int RoundUp(int size, int alignment) => (size + alignment - 1) / alignment * alignment;

    private static int InlineArrayLength(ITypeSymbol type) => type.GetAttributes()
        .Where(static attribute => attribute.AttributeClass?.Name == "InlineArrayAttribute" && attribute.ConstructorArguments.Length == 1)
        .Select(static attribute => attribute.ConstructorArguments[0].Value as int?)
        .FirstOrDefault() ?? 1;
}

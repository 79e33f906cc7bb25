// The one form of array that costs no heap: constant elements seen through a ReadOnlySpan, which the compiler writes
// into the assembly's read-only data instead of creating an array (toolchain: C# language, "RVA data").

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Ringfence.Analyzers.Metal;

/// <summary>Decides whether a list of elements becomes read-only data.</summary>
internal sealed class ConstantData
{
    private readonly Compilation _compilation;
    private readonly bool _hasCreateSpan;

    public ConstantData(Compilation compilation)
    {
        _compilation = compilation;
        // Elements wider than a byte go through this method; without it the compiler falls back to a cached array.
        _hasCreateSpan = compilation.GetTypeByMetadataName("System.Runtime.CompilerServices.RuntimeHelpers")?
            .GetMembers("CreateSpan").Length > 0;
    }

    /// <summary>Whether an array creation is only the C# spelling of a span over constants.</summary>
    public bool Holds(IArrayCreationOperation array)
    {
        bool becomesSpan = array.Parent switch
        {
            IConversionOperation conversion => conversion.Type.IsReadOnlySpan(_compilation),
            IArgumentOperation { Parent: IObjectCreationOperation { Arguments.Length: 1 } span } => span.Type.IsReadOnlySpan(_compilation),
            _ => false,
        };
        if (!becomesSpan || array.Type is not IArrayTypeSymbol { Rank: 1, ElementType: { } element })
        {
            return false;
        }

        if (array.Initializer is null)
        {
            return array.DimensionSizes[0].ConstantValue is { HasValue: true, Value: 0 };
        }

        return array.Initializer.ElementValues.Length == 0 || Holds(element, array.Initializer.ElementValues);
    }

    /// <summary>Whether a collection expression is: its target a ReadOnlySpan, its elements constants.</summary>
    public bool Holds(ICollectionExpressionOperation collection) =>
        collection.Type.IsReadOnlySpan(_compilation) && Holds(((INamedTypeSymbol)collection.Type!).TypeArguments[0], collection.Elements);

    private bool Holds(ITypeSymbol element, IEnumerable<IOperation> values)
    {
        int? size = SizeOf(element is INamedTypeSymbol { EnumUnderlyingType: { } underlying } ? underlying : element);
        return (size == 1 || (size is not null && _hasCreateSpan)) && values.All(static value => value.ConstantValue.HasValue);
    }

    private static int? SizeOf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_SByte => 1,
        SpecialType.System_Char or SpecialType.System_Int16 or SpecialType.System_UInt16 => 2,
        SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Single => 4,
        SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_Double => 8,
        _ => null,
    };
}

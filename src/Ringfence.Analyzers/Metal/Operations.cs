// Questions about the compiler's operation tree that more than one rule asks.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Ringfence.Analyzers.Metal;

internal static class Operations
{
    /// <summary>
    /// Whether the operation is part of an attribute's arguments: written to metadata by the compiler, never executed.
    /// </summary>
    public static bool InAttribute(this IOperation operation)
    {
        for (IOperation? step = operation; step is not null; step = step.Parent)
        {
            if (step.Kind == OperationKind.Attribute)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The operation without the conversions around it.</summary>
    public static IOperation WithoutConversions(this IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    break;
                default:
                    return operation;
            }
        }
    }

    /// <summary>The nearest enclosing operation that isn't a conversion, an initialiser's braces or parentheses.</summary>
    public static IOperation? ParentBeyondConversions(this IOperation operation)
    {
        IOperation? parent = operation.Parent;
        while (parent is IConversionOperation or IParenthesizedOperation)
        {
            parent = parent.Parent;
        }

        return parent;
    }

    /// <summary>Whether the operation joins strings.</summary>
    public static bool IsStringConcatenation(this IOperation? operation) => operation switch
    {
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String, ConstantValue.HasValue: false } => true,
        ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String } => true,
        _ => false,
    };

    public static bool IsSpan(this ITypeSymbol? type, Compilation compilation) =>
        type is INamedTypeSymbol { IsGenericType: true } named
        && (IsWellKnown(named, compilation, "System.Span`1") || IsWellKnown(named, compilation, "System.ReadOnlySpan`1"));

    public static bool IsReadOnlySpan(this ITypeSymbol? type, Compilation compilation) =>
        type is INamedTypeSymbol { IsGenericType: true } named && IsWellKnown(named, compilation, "System.ReadOnlySpan`1");

    private static bool IsWellKnown(INamedTypeSymbol type, Compilation compilation, string metadataName) =>
        SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, compilation.GetTypeByMetadataName(metadataName));
}

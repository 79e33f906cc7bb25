// A shared typed partition is declared as a property without a body. This checks the declaration; PartitionEmitter writes the body.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Analyzers.Generation;

/// <summary>A property marked as the way into a shared partition.</summary>
/// <param name="PartitionName">The partition's name; its address comes from the symbol <c>partition_</c> + name.</param>
/// <param name="Property">Where its body goes.</param>
/// <param name="ValueType">The fully qualified type in the partition.</param>
/// <param name="Problems">Why no body can be generated; empty if one can.</param>
internal sealed record PartitionProperty(string PartitionName, GeneratedProperty Property, string ValueType, EquatableArray<DiagnosticRecord> Problems)
{
    public const string WritableAttribute = "Ringfence.App.WritablePartitionAttribute";
    public const string ReadOnlyAttribute = "Ringfence.App.ReadOnlyPartitionAttribute";

    public static PartitionProperty From(IPropertySymbol property, PropertyDeclarationSyntax syntax, AttributeData attribute, bool writable)
    {
        string name = GeneratedProperty.NameFrom(attribute) ?? property.Name;
        string valueType = property.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return new PartitionProperty(
            name,
            GeneratedProperty.From(property, syntax, (writable ? "ref " : "ref readonly ") + valueType),
            valueType,
            new EquatableArray<DiagnosticRecord>(ProblemsOf(property, syntax, name, writable)));
    }

    private static IEnumerable<DiagnosticRecord> ProblemsOf(IPropertySymbol property, PropertyDeclarationSyntax syntax, string name, bool writable)
    {
        SourcePlace? place = SourcePlace.Of(property);
        if (!GeneratedProperty.IsDeclaration(property, syntax))
        {
            yield return new DiagnosticRecord(GenerationRules.PartitionDeclaration, place, property.Name);
        }

        if (writable && property.RefKind != RefKind.Ref)
        {
            yield return new DiagnosticRecord(GenerationRules.WritableReturn, place, property.Name);
        }

        if (!writable && property.RefKind != RefKind.RefReadOnly)
        {
            yield return new DiagnosticRecord(GenerationRules.ReadOnlyReturn, place, property.Name);
        }

        if (!property.Type.IsUnmanagedType || property.Type.TypeKind is not (TypeKind.Struct or TypeKind.Enum))
        {
            yield return new DiagnosticRecord(GenerationRules.ManagedPartition, place, property.Name, property.Type.ToDisplayString());
        }

        if (!GeneratedProperty.IsSymbolName(name))
        {
            yield return new DiagnosticRecord(GenerationRules.PartitionName, place, name);
        }
    }
}

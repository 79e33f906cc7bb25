// A shared typed partition is declared as a property without a body. This checks the declaration; PartitionEmitter writes the body.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Analyzers.Generation;

/// <summary>A property marked as the way into a shared partition.</summary>
/// <param name="PartitionName">The partition's name; its address comes from the symbol <c>partition_</c> + name.</param>
/// <param name="Namespace">The namespace of the declaring type; empty for the global one.</param>
/// <param name="ContainingTypes">The declaring types from the outermost in, as headers to repeat.</param>
/// <param name="Header">The property up to its body, as it has to be repeated.</param>
/// <param name="ValueType">The fully qualified type in the partition.</param>
/// <param name="Problems">Why no body can be generated; empty if one can.</param>
internal sealed record PartitionProperty(
    string PartitionName,
    string Namespace,
    EquatableArray<string> ContainingTypes,
    string Header,
    string ValueType,
    EquatableArray<DiagnosticRecord> Problems)
{
    public const string WritableAttribute = "Ringfence.App.WritablePartitionAttribute";
    public const string ReadOnlyAttribute = "Ringfence.App.ReadOnlyPartitionAttribute";

    private static readonly SymbolDisplayFormat s_typeHeader = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    public static PartitionProperty From(IPropertySymbol property, PropertyDeclarationSyntax syntax, AttributeData attribute, bool writable)
    {
        string name = NameFrom(attribute) ?? property.Name;
        string valueType = property.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        string reference = writable ? "ref" : "ref readonly";
        string modifiers = string.Join(" ", syntax.Modifiers.Select(static modifier => modifier.Text));

        return new PartitionProperty(
            name,
            property.ContainingNamespace.IsGlobalNamespace ? "" : property.ContainingNamespace.ToDisplayString(),
            new EquatableArray<string>(ContainingTypesOf(property)),
            $"{modifiers} {reference} {valueType} {syntax.Identifier.Text}",
            valueType,
            new EquatableArray<DiagnosticRecord>(ProblemsOf(property, syntax, name, writable)));
    }

    private static IEnumerable<DiagnosticRecord> ProblemsOf(IPropertySymbol property, PropertyDeclarationSyntax syntax, string name, bool writable)
    {
        SourcePlace? place = SourcePlace.Of(property);

        bool hasBody = syntax.ExpressionBody is not null
            || syntax.AccessorList is not { Accessors.Count: 1 } accessors
            || !accessors.Accessors[0].IsKind(SyntaxKind.GetAccessorDeclaration)
            || accessors.Accessors[0] is not { Body: null, ExpressionBody: null };
        if (!property.IsStatic || !syntax.Modifiers.Any(SyntaxKind.PartialKeyword) || hasBody)
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

        if (!IsSymbolName(name))
        {
            yield return new DiagnosticRecord(GenerationRules.PartitionName, place, name);
        }
    }

    private static string? NameFrom(AttributeData attribute)
    {
        foreach (KeyValuePair<string, TypedConstant> named in attribute.NamedArguments)
        {
            if (named.Key == "Name")
            {
                return named.Value.Value as string;
            }
        }

        return attribute.ConstructorArguments.Select(static argument => argument.Value).FirstOrDefault() as string;
    }

    private static bool IsSymbolName(string name) =>
        name.Length != 0
        && !(name[0] is >= '0' and <= '9')
        && name.All(static c => c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    private static List<string> ContainingTypesOf(ISymbol symbol)
    {
        List<string> types = [];
        for (INamedTypeSymbol? type = symbol.ContainingType; type is not null; type = type.ContainingType)
        {
            string keyword = (type.TypeKind, type.IsRecord) switch
            {
                (TypeKind.Interface, _) => "interface",
                (TypeKind.Struct, true) => "record struct",
                (TypeKind.Struct, false) => "struct",
                (_, true) => "record",
                (_, false) => "class",
            };
            types.Add($"partial {keyword} {type.ToDisplayString(s_typeHeader)}");
        }

        types.Reverse();
        return types;
    }
}

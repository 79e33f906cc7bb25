// A property that is declared without a body, static partial and get-only: what has to be repeated where its body is generated.

using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Analyzers.Generation;

/// <summary>The surroundings of a generated body.</summary>
/// <param name="Namespace">The namespace of the declaring type; empty for the global one.</param>
/// <param name="ContainingTypes">The declaring types from the outermost in, as headers to repeat.</param>
/// <param name="Header">The property up to its body, as it has to be repeated.</param>
internal sealed record GeneratedProperty(string Namespace, EquatableArray<string> ContainingTypes, string Header)
{
    private static readonly SymbolDisplayFormat s_typeHeader = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>The property with a result as it is written: <c>ref T</c>, say.</summary>
    public static GeneratedProperty From(IPropertySymbol property, PropertyDeclarationSyntax syntax, string result)
    {
        string modifiers = string.Join(" ", syntax.Modifiers.Select(static modifier => modifier.Text));
        return new GeneratedProperty(
            property.ContainingNamespace.IsGlobalNamespace ? "" : property.ContainingNamespace.ToDisplayString(),
            new EquatableArray<string>(ContainingTypesOf(property)),
            $"{modifiers} {result} {syntax.Identifier.Text}");
    }

    /// <summary>Whether the declaration leaves its body to the generator.</summary>
    public static bool IsDeclaration(IPropertySymbol property, PropertyDeclarationSyntax syntax)
    {
        bool hasBody = syntax.ExpressionBody is not null
            || syntax.AccessorList is not { Accessors.Count: 1 } accessors
            || !accessors.Accessors[0].IsKind(SyntaxKind.GetAccessorDeclaration)
            || accessors.Accessors[0] is not { Body: null, ExpressionBody: null };
        return property.IsStatic && syntax.Modifiers.Any(SyntaxKind.PartialKeyword) && !hasBody;
    }

    /// <summary>The name that an attribute gives: by a property or as its first text.</summary>
    public static string? NameFrom(AttributeData attribute)
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

    /// <summary>Whether a name can be part of a linker symbol.</summary>
    public static bool IsSymbolName(string name) =>
        name.Length != 0
        && !(name[0] is >= '0' and <= '9')
        && name.All(static c => c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    /// <summary>Writes the property with an expression as its body.</summary>
    public void Emit(StringBuilder text, string expression)
    {
        List<string> headers = [.. ContainingTypes];
        if (Namespace.Length != 0)
        {
            headers.Insert(0, "namespace " + Namespace);
        }

        for (int depth = 0; depth < headers.Count; depth++)
        {
            text.Append(' ', 4 * depth).Append(headers[depth]).Append('\n').Append(' ', 4 * depth).Append("{\n");
        }

        text.Append(' ', 4 * headers.Count).Append(Header).Append(" => ").Append(expression).Append(";\n");
        for (int depth = headers.Count - 1; depth >= 0; depth--)
        {
            text.Append(' ', 4 * depth).Append("}\n");
        }
    }

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

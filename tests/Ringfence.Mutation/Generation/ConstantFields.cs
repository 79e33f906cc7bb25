// Constants can't depend on which mutant is switched on. Those that need not be constants become properties, the others are made of nothing but their value.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Generation;

/// <summary>The constant fields of all files.</summary>
internal sealed class ConstantFields
{
    private readonly Dictionary<(string File, string Type, string Name), object> _values = [];

    // By name alone: one of two with the same name keeps both constant.
    private readonly HashSet<string> _needed;

    // Names that code reads, each with the constant in whose making it is read, if it is one. What nothing reads is for the library's users, and compiled into their code.
    private readonly HashSet<(string Name, string? Constant)> _read;

    /// <summary>Looks for them, and for what needs a constant.</summary>
    public ConstantFields(IReadOnlyList<CSharpCompilation> compilations)
    {
        List<SyntaxNode> nodes = [.. compilations.SelectMany(static compilation => compilation.SyntaxTrees).SelectMany(static tree => tree.GetRoot().DescendantNodes())];
        _needed = [.. nodes.Where(static node =>
                node is AttributeSyntax or CaseSwitchLabelSyntax or ConstantPatternSyntax or EnumMemberDeclarationSyntax
                || (node is EqualsValueClauseSyntax && node.Parent is ParameterSyntax))
            .SelectMany(NamesIn)];
        _read = [.. nodes.OfType<IdentifierNameSyntax>().Select(static name => (name.Identifier.Text, ConstantAround(name)))];
        foreach (CSharpCompilation compilation in compilations)
        {
            foreach (SyntaxTree tree in compilation.SyntaxTrees)
            {
                SemanticModel model = compilation.GetSemanticModel(tree);
                foreach (FieldDeclarationSyntax field in tree.GetRoot().DescendantNodes().OfType<FieldDeclarationSyntax>().Where(IsConstant))
                {
                    var symbol = (IFieldSymbol)model.GetDeclaredSymbol(field.Declaration.Variables[0])!;
                    _values[(tree.FilePath, symbol.ContainingType.Name, symbol.Name)] = symbol.ConstantValue!;
                }
            }
        }
    }

    /// <summary>Whether the field is a constant that can become a property.</summary>
    public bool CanConvert(FieldDeclarationSyntax field) =>
        IsConstant(field)
        && _read.Any(read => read.Name == NameOf(field) && (read.Constant is null || !_needed.Contains(read.Constant)))
        && !_needed.Contains(NameOf(field));

    /// <summary>Keeps those constant that an expression, which can't be compiled otherwise, names.</summary>
    /// <returns>Whether it names any.</returns>
    public bool Keeps(SyntaxNode expression)
    {
        HashSet<string> constants = [.. _values.Keys.Select(static key => key.Name)];
        constants.IntersectWith(NamesIn(expression));
        _needed.UnionWith(constants);
        return constants.Count != 0;
    }

    /// <summary>The constant with its value in place of what it was made of.</summary>
    public FieldDeclarationSyntax WithValue(string file, string type, FieldDeclarationSyntax field)
    {
        VariableDeclaratorSyntax variable = field.Declaration.Variables[0];
        string value = Convert.ToString(_values[(file, type, NameOf(field))], CultureInfo.InvariantCulture)!;
        return field.ReplaceNode(variable.Initializer!.Value, SyntaxFactory.ParseExpression(value));
    }

    /// <summary>Whether the field is a constant.</summary>
    public static bool IsConstant(FieldDeclarationSyntax field) => field.Modifiers.Any(SyntaxKind.ConstKeyword);

    /// <summary>The name of a constant; each is declared by itself.</summary>
    public static string NameOf(FieldDeclarationSyntax field) => field.Declaration.Variables[0].Identifier.Text;

    private static string? ConstantAround(SyntaxNode node) =>
        node.FirstAncestorOrSelf<FieldDeclarationSyntax>() is { } field && IsConstant(field) ? NameOf(field) : null;

    private static IEnumerable<string> NamesIn(SyntaxNode node) =>
        node.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Select(static name => name.Identifier.Text);
}

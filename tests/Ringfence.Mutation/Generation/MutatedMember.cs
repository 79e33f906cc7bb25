// A member with a switch at its entry: to one copy of it for each of its mutants.

using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Generation;

/// <summary>Writes the member anew.</summary>
/// <param name="Number">The member's number.</param>
/// <param name="Member">The member as it is.</param>
/// <param name="Mutations">The number of each mutant and the member with that change.</param>
internal sealed record MutatedMember(int Number, MemberDeclarationSyntax Member, IReadOnlyList<(int Mutant, MemberDeclarationSyntax Changed)> Mutations)
{
    /// <summary>Before a mutant's number, in the name of its copy.</summary>
    public const string CopyMark = "__mutant";

    private static readonly SyntaxKind[] s_keptModifiers = [SyntaxKind.StaticKeyword, SyntaxKind.ReadOnlyKeyword];

    /// <summary>Whether a member has code that can be switched. A constant has none, unless it becomes a property.</summary>
    public static bool CanHold(MemberDeclarationSyntax member) => member switch
    {
        // What a hash is is no matter of right or wrong. What implements an interface by its name has its constraints from there: a copy would have none.
        MethodDeclarationSyntax method => CodeOf(member) is not null && method.Identifier.Text != nameof(GetHashCode) && method.ExplicitInterfaceSpecifier is null,
        OperatorDeclarationSyntax or ConstructorDeclarationSyntax or PropertyDeclarationSyntax or IndexerDeclarationSyntax => CodeOf(member) is not null,
        _ => false,
    };

    /// <summary>The member's name.</summary>
    public static string NameOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        FieldDeclarationSyntax field => ConstantFields.NameOf(field),
        OperatorDeclarationSyntax @operator => "operator " + @operator.OperatorToken.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        ConstructorDeclarationSyntax => "constructor",
        _ => "indexer",
    };

    /// <summary>The block, the expression or the initialiser that a member consists of; null if there is none.</summary>
    public static SyntaxNode? CodeOf(MemberDeclarationSyntax member) => member switch
    {
        BaseMethodDeclarationSyntax method => (SyntaxNode?)method.Body ?? method.ExpressionBody?.Expression,
        FieldDeclarationSyntax field => field.Declaration.Variables[0].Initializer?.Value,
        PropertyDeclarationSyntax { ExpressionBody: { } body } => body.Expression,
        IndexerDeclarationSyntax { ExpressionBody: { } body } => body.Expression,
        BasePropertyDeclarationSyntax { AccessorList.Accessors: [{ RawKind: (int)SyntaxKind.GetAccessorDeclaration } getter] } =>
            (SyntaxNode?)getter.Body ?? getter.ExpressionBody?.Expression,
        _ => null,
    };

    /// <summary>The member with its switch, and the copies.</summary>
    public string Write()
    {
        StringBuilder text = new();
        string name = Member is OperatorDeclarationSyntax ? "Operator" : Member is IndexerDeclarationSyntax ? "Item" : NameOf(Member);
        string switched = $"{{ switch (global::Ringfence.Paging.ActiveMutant.In({Number})) {{ {string.Concat(Mutations.Select(Case))} }} {Block(Member)} }}";
        text.AppendLine(Header(Member, switched));
        if (Member is not ConstructorDeclarationSyntax)
        {
            foreach ((int mutant, MemberDeclarationSyntax changed) in Mutations)
            {
                text.AppendLine(Copy(name + CopyMark + mutant, changed));
            }
        }

        return text.ToString();

        string Case((int Mutant, MemberDeclarationSyntax Changed) mutation) => Member is ConstructorDeclarationSyntax
            ? $"case {mutation.Mutant}: {{ {Block(mutation.Changed)} return; }} "
            : IsVoid ? $"case {mutation.Mutant}: {name}{CopyMark}{mutation.Mutant}{Arguments()}; return; "
            : $"case {mutation.Mutant}: return {name}{CopyMark}{mutation.Mutant}{Arguments()}; ";
    }

    private bool IsVoid => Member is ConstructorDeclarationSyntax
        || (Member is MethodDeclarationSyntax method && method.ReturnType is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword });

    private string Block(MemberDeclarationSyntax member) => CodeOf(member) switch
    {
        BlockSyntax block => block.ToFullString(),
        { } expression => IsVoid ? $"{{ {expression.ToFullString()}; }}" : $"{{ return {expression.ToFullString()}; }}",
        null => "{ }",
    };

    private static string Header(MemberDeclarationSyntax member, string body) => member switch
    {
        MethodDeclarationSyntax method =>
            $"{method.Modifiers} {method.ReturnType} {method.Identifier}{method.TypeParameterList}{method.ParameterList} {method.ConstraintClauses} {body}",
        OperatorDeclarationSyntax @operator => $"{@operator.Modifiers} {@operator.ReturnType} operator {@operator.OperatorToken}{@operator.ParameterList} {body}",
        ConstructorDeclarationSyntax constructor => $"{constructor.Modifiers} {constructor.Identifier}{constructor.ParameterList} {constructor.Initializer} {body}",
        PropertyDeclarationSyntax property => $"{property.Modifiers} {property.Type} {property.Identifier} {{ get {body} }}",
        IndexerDeclarationSyntax indexer => $"{indexer.Modifiers} {indexer.Type} this{indexer.ParameterList} {{ get {body} }}",
        _ => $"{string.Join(" ", member.Modifiers.Where(static modifier => !modifier.IsKind(SyntaxKind.ConstKeyword)))} static "
            + $"{((FieldDeclarationSyntax)member).Declaration.Type} {NameOf(member)} {{ get {body} }}",
    };

    private string Copy(string name, MemberDeclarationSyntax changed)
    {
        string modifiers = string.Join(" ", changed.Modifiers.Where(static modifier => s_keptModifiers.Contains(modifier.Kind())).Select(static modifier => modifier.Text));
        string body = Block(changed);
        return changed switch
        {
            MethodDeclarationSyntax method =>
                $"private {modifiers} {method.ReturnType} {name}{method.TypeParameterList}{WithoutThis(method.ParameterList)} {method.ConstraintClauses} {body}",
            OperatorDeclarationSyntax @operator => $"private {modifiers} {@operator.ReturnType} {name}{@operator.ParameterList} {body}",
            PropertyDeclarationSyntax property => $"private {modifiers} {property.Type} {name}() {body}",
            IndexerDeclarationSyntax indexer => $"private {modifiers} {indexer.Type} {name}({indexer.ParameterList.Parameters}) {body}",
            _ => $"private static {((FieldDeclarationSyntax)changed).Declaration.Type} {name}() {body}",
        };
    }

    private static string WithoutThis(ParameterListSyntax list) => list.ToString().Replace("(this ", "(", System.StringComparison.Ordinal);

    private string Arguments()
    {
        SeparatedSyntaxList<ParameterSyntax> parameters = Member switch
        {
            BaseMethodDeclarationSyntax method => method.ParameterList.Parameters,
            IndexerDeclarationSyntax indexer => indexer.ParameterList.Parameters,
            _ => default,
        };
        string types = Member is MethodDeclarationSyntax { TypeParameterList.Parameters: var generic }
            ? $"<{string.Join(", ", generic.Select(static type => type.Identifier.Text))}>"
            : string.Empty;
        return $"{types}({string.Join(", ", parameters.Select(static parameter => Passing(parameter) + parameter.Identifier.Text))})";
    }

    private static string Passing(ParameterSyntax parameter) =>
        parameter.Modifiers.Any(SyntaxKind.RefKeyword) ? "ref "
        : parameter.Modifiers.Any(SyntaxKind.OutKeyword) ? "out "
        : parameter.Modifiers.Any(SyntaxKind.InKeyword) ? "in "
        : string.Empty;
}

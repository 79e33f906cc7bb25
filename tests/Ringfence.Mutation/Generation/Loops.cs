// A mutant that never ends must be told from one that takes long: turns of loops are counted.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Generation;

/// <summary>Puts a call at the start of each loop's body.</summary>
internal sealed class Loops : CSharpSyntaxRewriter
{
    private static readonly StatementSyntax s_count = SyntaxFactory.ParseStatement("global::Ringfence.Paging.ActiveMutant.Turn(); ");

    private Loops()
    {
    }

    /// <summary>The member with its loops counted.</summary>
    public static MemberDeclarationSyntax Count(MemberDeclarationSyntax member) => (MemberDeclarationSyntax)new Loops().Visit(member);

    /// <inheritdoc/>
    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) =>
        base.VisitForStatement(node.WithStatement(Counting(node.Statement)));

    /// <inheritdoc/>
    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node) =>
        base.VisitWhileStatement(node.WithStatement(Counting(node.Statement)));

    /// <inheritdoc/>
    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node) =>
        base.VisitDoStatement(node.WithStatement(Counting(node.Statement)));

    private static BlockSyntax Counting(StatementSyntax body) => SyntaxFactory.Block(s_count, body);
}

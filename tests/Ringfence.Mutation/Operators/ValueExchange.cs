// One constant answer for another.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Exchanges true and false.</summary>
internal sealed class ValueExchange : IMutationOperator
{
    /// <inheritdoc/>
    public string Name => "answer";

    /// <inheritdoc/>
    public bool IsDomainSpecific => false;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) => node.Kind() switch
    {
        SyntaxKind.TrueLiteralExpression => [Change.Of(node, SyntaxFactory.LiteralExpression(SyntaxKind.FalseLiteralExpression))],
        SyntaxKind.FalseLiteralExpression => [Change.Of(node, SyntaxFactory.LiteralExpression(SyntaxKind.TrueLiteralExpression))],
        _ => [],
    };
}

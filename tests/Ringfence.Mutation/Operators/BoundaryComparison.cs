// The end that belongs to a range, or doesn't.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Moves each comparison by one.</summary>
internal sealed class BoundaryComparison : IMutationOperator
{
    private static readonly Dictionary<SyntaxKind, string> s_others = new()
    {
        [SyntaxKind.LessThanExpression] = "<=",
        [SyntaxKind.LessThanOrEqualExpression] = "<",
        [SyntaxKind.GreaterThanExpression] = ">=",
        [SyntaxKind.GreaterThanOrEqualExpression] = ">",
    };

    /// <inheritdoc/>
    public string Name => "boundary of a comparison";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) =>
        node is BinaryExpressionSyntax binary && s_others.TryGetValue(binary.Kind(), out string? other)
            ? [Change.Of(binary, $"{binary.Left} {other} {binary.Right}")]
            : [];
}

// Bits of an entry that are lost, or let through.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Takes each part out of a union of bits, and each mask away.</summary>
internal sealed class MaskBitRemoval : IMutationOperator
{
    /// <inheritdoc/>
    public string Name => "bits of a mask";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.BitwiseOrExpression or (int)SyntaxKind.BitwiseAndExpression or (int)SyntaxKind.ExclusiveOrExpression } binary =>
            [Change.Of(binary, binary.Left.ToString()), Change.Of(binary, binary.Right.ToString())],
        AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.OrAssignmentExpression or (int)SyntaxKind.AndAssignmentExpression } assignment =>
            [Change.Of(assignment, SyntaxFactory.ParseExpression($"{assignment.Left} = {assignment.Right}"))],
        _ => [],
    };
}

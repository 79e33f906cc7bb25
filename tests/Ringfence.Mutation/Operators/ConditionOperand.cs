// A condition with one of its parts forgotten.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Leaves out each operand of a logical operator.</summary>
internal sealed class ConditionOperand : IMutationOperator
{
    /// <inheritdoc/>
    public string Name => "part of a condition";

    /// <inheritdoc/>
    public bool IsDomainSpecific => false;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) =>
        node is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression } binary
            ? [Change.Of(binary, binary.Left.ToString()), Change.Of(binary, binary.Right.ToString())]
            : [];
}

// A statement that was forgotten.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Removes each assignment, call and early end.</summary>
internal sealed class StatementRemoval : IMutationOperator
{
    /// <inheritdoc/>
    public string Name => "statement left out";

    /// <inheritdoc/>
    public bool IsDomainSpecific => false;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) =>
        node is ExpressionStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax or ReturnStatementSyntax { Expression: null }
            ? [Change.Removal(node)]
            : [];
}

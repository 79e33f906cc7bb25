// A check that doesn't refuse, or always does.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Makes each condition false, and true.</summary>
internal sealed class RefusalRemoval : IMutationOperator
{
    /// <inheritdoc/>
    public string Name => "check left out";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    // With the condition still evaluated, since it may assign what is used later.
    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node)
    {
        ExpressionSyntax? condition = node switch
        {
            IfStatementSyntax choice => choice.Condition,
            ConditionalExpressionSyntax choice => choice.Condition,
            WhenClauseSyntax clause => clause.Condition,
            _ => null,
        };
        if (condition is not null)
        {
            yield return Change.Of(condition, $"({condition}) & false") with { After = "false" };
            yield return Change.Of(condition, $"({condition}) | true") with { After = "true" };
        }
    }
}

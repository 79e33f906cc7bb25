// P before the rest of the entry, or the other way round: the order of two stores that a walk may come between.

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Exchanges two stores that follow each other.</summary>
internal sealed class StoreOrder : IMutationOperator
{
    private static readonly HashSet<string> s_stores = ["Write32", "Write64", "Appear", "Disappear", "Free", "Discharge", "FreeTable"];

    /// <inheritdoc/>
    public string Name => "order of stores";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node)
    {
        if (node is not BlockSyntax block)
        {
            yield break;
        }

        for (int index = 0; index + 1 < block.Statements.Count; index++)
        {
            (StatementSyntax first, StatementSyntax second) = (block.Statements[index], block.Statements[index + 1]);
            if (Stores(first) && Stores(second))
            {
                BlockSyntax exchanged = block.WithStatements(block.Statements.Replace(first, second.WithTriviaFrom(first)));
                exchanged = exchanged.WithStatements(exchanged.Statements.Replace(exchanged.Statements[index + 1], first.WithTriviaFrom(second)));
                yield return new Change(block, exchanged, $"{Change.Text(first)} {Change.Text(second)}", $"{Change.Text(second)} {Change.Text(first)}");
            }
        }
    }

    private static bool Stores(StatementSyntax statement) =>
        statement is ExpressionStatementSyntax or IfStatementSyntax
        && statement.DescendantNodes().OfType<InvocationExpressionSyntax>().Any(static call =>
            call.Expression is MemberAccessExpressionSyntax access && s_stores.Contains(access.Name.Identifier.Text));
}

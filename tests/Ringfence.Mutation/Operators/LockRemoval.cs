// A read and a store where one locked operation is needed: what the page walker sets between the two is lost.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Replaces each locked operation.</summary>
internal sealed class LockRemoval : IMutationOperator
{
    private static readonly HashSet<string> s_locked = ["ExchangeAdd32", "ExchangeAdd64", "CompareExchange32", "CompareExchange64"];

    /// <inheritdoc/>
    public string Name => "locked operation";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) =>
        node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax memory, Name.Identifier.Text: var name } } call
        && s_locked.Contains(name)
            ? [Change.Of(call, Microsoft.CodeAnalysis.CSharp.SyntaxFactory.ParseExpression($"UnlockedMemory.{name}({memory}, {call.ArgumentList.Arguments})")) with { After = "read, then store" }]
            : [];
}

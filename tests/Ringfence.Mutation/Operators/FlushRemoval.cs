// A flush that is forgotten, wherever one is noted, handed on, combined or carried out.

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Removes each flush once.</summary>
internal sealed class FlushRemoval : IMutationOperator
{
    // Methods that note a flush or carry one out.
    private static readonly HashSet<string> s_noting = ["Add", "AddEverything", "AddAll", "FlushPage", "FlushAll", "Discharge"];

    // Types whose value is nothing but flushes that are owed.
    private static readonly HashSet<string> s_owing = ["FlushObligation", "FlushSet"];

    // Names under which a flush is owed, each with where it goes when it is dropped.
    private static readonly Dictionary<string, string> s_owed = new()
    {
        ["owed"] = "global::Ringfence.Paging.ActiveMutant.DroppedObligation",
        ["flush"] = "global::Ringfence.Paging.ActiveMutant.DroppedSet",
    };

    /// <inheritdoc/>
    public string Name => "flush left out";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) => node switch
    {
        ExpressionStatementSyntax { Expression: InvocationExpressionSyntax call } statement when s_noting.Contains(NameOf(call)) => [Change.Removal(statement)],
        InvocationExpressionSyntax call => OfCall(call),
        ObjectCreationExpressionSyntax { ArgumentList: not null } creation => OfCreation(creation),
        ArgumentSyntax argument => OfArgument(argument),
        ReturnStatementSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "owed" or "flush" } expression } => [Change.Of(expression, "default")],
        _ => [],
    };

    private static IEnumerable<Change> OfCall(InvocationExpressionSyntax call)
    {
        if (NameOf(call) == "FlushForLink")
        {
            yield return Change.Of(call, "default(FlushObligation)");
        }

        if (NameOf(call) == "MustFlush")
        {
            yield return Change.Of(call, "false");
        }

        if (NameOf(call) == "Combine" && call.Expression is MemberAccessExpressionSyntax access)
        {
            yield return Change.Of(call, access.Expression.ToString());
            yield return Change.Of(call, call.ArgumentList.Arguments[0].Expression.ToString());
        }
    }

    private static IEnumerable<Change> OfCreation(ObjectCreationExpressionSyntax creation)
    {
        if (!s_owing.Contains(creation.Type.ToString()))
        {
            yield break;
        }

        yield return Change.Of(creation, "default(FlushObligation)");
        foreach (ArgumentSyntax argument in creation.ArgumentList!.Arguments.Skip(1))
        {
            yield return Change.Of(argument.Expression, "false");
        }
    }

    private static IEnumerable<Change> OfArgument(ArgumentSyntax argument)
    {
        if (argument.Expression is not IdentifierNameSyntax { Identifier.Text: var name } || !s_owed.TryGetValue(name, out string? dropped))
        {
            yield break;
        }

        bool isByReference = argument.RefKindKeyword.IsKind(SyntaxKind.RefKeyword);
        yield return Change.Of(argument.Expression, SyntaxFactory.ParseExpression(isByReference ? dropped : "default")) with { After = "(dropped)" };
    }

    private static string NameOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        SimpleNameSyntax name => name.Identifier.Text,
        _ => string.Empty,
    };
}

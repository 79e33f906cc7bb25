// What a mutation operator is, and all of them. A new one is a class and a line here.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ringfence.Mutation.Operators;

/// <summary>One change of the source.</summary>
/// <param name="Node">What is replaced.</param>
/// <param name="Replacement">By what.</param>
/// <param name="Before">The part that changes, as a reader recognises it.</param>
/// <param name="After">What it becomes.</param>
internal sealed record Change(SyntaxNode Node, SyntaxNode Replacement, string Before, string After)
{
    /// <summary>The replacement of a whole node.</summary>
    public static Change Of(SyntaxNode node, SyntaxNode replacement) => new(node, replacement, Text(node), Text(replacement));

    /// <summary>The replacement of an expression by another, given as text.</summary>
    public static Change Of(SyntaxNode node, string replacement) => new(node, SyntaxFactory.ParseExpression($"({replacement})"), Text(node), replacement);

    /// <summary>The removal of a statement.</summary>
    public static Change Removal(SyntaxNode statement) =>
        new(statement, SyntaxFactory.EmptyStatement(), Text(statement), "(nothing)");

    /// <summary>A node on one line, without comments.</summary>
    public static string Text(SyntaxNode node) => node.NormalizeWhitespace(indentation: string.Empty, eol: " ").ToString();
}

/// <summary>A kind of mistake.</summary>
internal interface IMutationOperator
{
    /// <summary>The mistake, in a few words.</summary>
    string Name { get; }

    /// <summary>Whether it is a mistake of this domain (flushes, ends of ranges, refusals, bits, stores) and not of any program.</summary>
    bool IsDomainSpecific { get; }

    /// <summary>The changes that can be made at this node; many can't be compiled, which doesn't matter.</summary>
    IEnumerable<Change> At(SyntaxNode node);
}

/// <summary>The operators.</summary>
internal static class MutationOperators
{
    /// <summary>All of them; of two that make the same change the first one counts.</summary>
    public static IReadOnlyList<IMutationOperator> All { get; } =
    [
        new FlushRemoval(),
        new RangeEndCorrection(),
        new BoundaryComparison(),
        new RefusalRemoval(),
        new MaskBitRemoval(),
        new LiteralBitFlip(),
        new StoreOrder(),
        new LockRemoval(),
        new OperatorExchange(),
        new ConditionOperand(),
        new StatementRemoval(),
        new ValueExchange(),
    ];
}

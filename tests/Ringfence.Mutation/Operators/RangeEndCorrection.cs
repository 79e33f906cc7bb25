// One too many, one too few: the corrections at the ends of ranges.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Leaves out or turns round each correction by one, each rounding to a size, and each choice of the lesser or greater of two ends.</summary>
internal sealed class RangeEndCorrection : IMutationOperator
{
    /// <inheritdoc/>
    public string Name => "end of a range";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax binary => OfBinary(binary),
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.BitwiseNotExpression } not => [Change.Of(not, not.Operand.ToString())],
        ConditionalExpressionSyntax choice => [Change.Of(choice, choice.WhenTrue.ToString()), Change.Of(choice, choice.WhenFalse.ToString())],
        InvocationExpressionSyntax
        {
            Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Least" or "Greatest" },
            ArgumentList.Arguments: [var first, var second],
        } call => [Change.Of(call, first.ToString()), Change.Of(call, second.ToString())],
        _ => [],
    };

    private static IEnumerable<Change> OfBinary(BinaryExpressionSyntax binary)
    {
        (string left, string right) = (binary.Left.ToString(), binary.Right.ToString());
        bool isCorrection = right is "1" or "2" or "PageCount.One";
        switch (binary.Kind())
        {
            case SyntaxKind.SubtractExpression when isCorrection:
                yield return Change.Of(binary, left);
                yield return Change.Of(binary, $"{left} + {right}");
                break;
            case SyntaxKind.AddExpression when isCorrection:
                yield return Change.Of(binary, left);
                yield return Change.Of(binary, $"{left} - {right}");
                break;
            case SyntaxKind.SubtractExpression or SyntaxKind.AddExpression:
                yield return Change.Of(binary, left);
                break;
            case SyntaxKind.BitwiseAndExpression when binary.Right is PrefixUnaryExpressionSyntax or ParenthesizedExpressionSyntax:
                yield return Change.Of(binary, left);
                break;
        }
    }
}

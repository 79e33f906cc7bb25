// One operator for another.

using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>The usual exchanges of operators, of equality, logic, arithmetic, shifts and bits.</summary>
internal sealed class OperatorExchange : IMutationOperator
{
    private static readonly Dictionary<SyntaxKind, string[]> s_binary = new()
    {
        [SyntaxKind.EqualsExpression] = ["!="],
        [SyntaxKind.NotEqualsExpression] = ["=="],
        [SyntaxKind.LessThanExpression] = [">"],
        [SyntaxKind.LessThanOrEqualExpression] = [">="],
        [SyntaxKind.GreaterThanExpression] = ["<"],
        [SyntaxKind.GreaterThanOrEqualExpression] = ["<="],
        [SyntaxKind.LogicalAndExpression] = ["||"],
        [SyntaxKind.LogicalOrExpression] = ["&&"],
        [SyntaxKind.AddExpression] = ["-"],
        [SyntaxKind.SubtractExpression] = ["+"],
        [SyntaxKind.MultiplyExpression] = ["/"],
        [SyntaxKind.DivideExpression] = ["*"],
        [SyntaxKind.LeftShiftExpression] = [">>"],
        [SyntaxKind.RightShiftExpression] = ["<<"],
        [SyntaxKind.UnsignedRightShiftExpression] = ["<<"],
        [SyntaxKind.BitwiseAndExpression] = ["|"],
        // Not "^": what is united here has no bit in common, so it would be the same.
        [SyntaxKind.BitwiseOrExpression] = ["&"],
        [SyntaxKind.ExclusiveOrExpression] = ["|", "&"],
    };

    private static readonly Dictionary<SyntaxKind, string> s_assignments = new()
    {
        [SyntaxKind.AddAssignmentExpression] = "-=",
        [SyntaxKind.SubtractAssignmentExpression] = "+=",
        [SyntaxKind.OrAssignmentExpression] = "&=",
        [SyntaxKind.AndAssignmentExpression] = "|=",
        [SyntaxKind.ExclusiveOrAssignmentExpression] = "|=",
    };

    /// <inheritdoc/>
    public string Name => "operator";

    /// <inheritdoc/>
    public bool IsDomainSpecific => false;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node)
    {
        switch (node)
        {
            case BinaryExpressionSyntax binary when s_binary.TryGetValue(binary.Kind(), out string[]? others):
                foreach (string other in others)
                {
                    yield return Change.Of(binary, $"{binary.Left} {other} {binary.Right}");
                }

                break;
            case AssignmentExpressionSyntax assignment when s_assignments.TryGetValue(assignment.Kind(), out string? other):
                yield return Change.Of(assignment, SyntaxFactory.ParseExpression($"{assignment.Left} {other} {assignment.Right}"));
                break;
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not:
                yield return Change.Of(not, not.Operand.ToString());
                break;
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression } increment:
                yield return Change.Of(increment, SyntaxFactory.ParseExpression($"--{increment.Operand}"));
                break;
            case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression } increment:
                yield return Change.Of(increment, SyntaxFactory.ParseExpression($"{increment.Operand}--"));
                break;
            case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostDecrementExpression } decrement:
                yield return Change.Of(decrement, SyntaxFactory.ParseExpression($"{decrement.Operand}++"));
                break;
        }
    }
}

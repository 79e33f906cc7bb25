// A wrong number in a table of masks, shifts and widths.

using System.Collections.Generic;
using System.Globalization;
using System.Numerics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Operators;

/// <summary>Inverts each bit of a mask, up to the bit above its highest one, and moves each other number by one.</summary>
internal sealed class LiteralBitFlip : IMutationOperator
{
    /// <inheritdoc/>
    public string Name => "number";

    /// <inheritdoc/>
    public bool IsDomainSpecific => true;

    /// <inheritdoc/>
    public IEnumerable<Change> At(SyntaxNode node)
    {
        if (node is not LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } literal)
        {
            yield break;
        }

        string text = literal.Token.Text;
        ulong value = System.Convert.ToUInt64(literal.Token.Value, CultureInfo.InvariantCulture);
        string suffix = text.EndsWith("ul", System.StringComparison.Ordinal) ? "ul" : text.EndsWith('u') ? "u" : string.Empty;
        if (text.StartsWith("0x", System.StringComparison.Ordinal))
        {
            int width = 64 - BitOperations.LeadingZeroCount(value) + 1;
            for (int bit = 0; bit < width && bit < 64; bit++)
            {
                yield return Number(value ^ (1ul << bit), "x");
            }
        }
        else
        {
            yield return Number(value + 1, string.Empty);
            if (value != 0)
            {
                yield return Number(value - 1, string.Empty);
            }
        }

        Change Number(ulong other, string format)
        {
            string digits = (format == "x" ? "0x" : string.Empty) + other.ToString(format == "x" ? "X" : "D", CultureInfo.InvariantCulture) + suffix;
            return Change.Of(literal, SyntaxFactory.ParseExpression(digits));
        }
    }
}

// What a console said is judged by the lines that matter, in their order, whatever stands between them.

using System;
using Xunit;

namespace Ringfence.Guest.Tests;

/// <summary>Pieces of a text in their order.</summary>
internal static class OrderedText
{
    /// <summary>Fails unless the text holds the pieces, each behind the one before.</summary>
    public static void AssertHolds(string text, params ReadOnlySpan<string> pieces)
    {
        int position = 0;
        foreach (string piece in pieces)
        {
            int found = text.IndexOf(piece, position, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{piece}' is missing or out of order in:\n{text}");
            position = found + piece.Length;
        }
    }
}

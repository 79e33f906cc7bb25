// A failure here must say which word of which document is wrong.

using System.Collections.Generic;
using Xunit;

namespace Ringfence.Documents.Tests;

/// <summary>The words of a document that fail a check.</summary>
internal static class Findings
{
    /// <summary>Fails with all of them, after what is wrong with them.</summary>
    public static void None(string complaint, IEnumerable<string> words)
    {
        string list = string.Join("\n  ", words);
        Assert.True(list.Length == 0, $"{complaint}:\n  {list}");
    }
}

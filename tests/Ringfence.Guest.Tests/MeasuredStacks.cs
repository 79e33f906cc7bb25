// What a run used of its stacks, against what the image builder worked out from the machine code: more was never used.

using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

/// <summary>The line about stacks that an image built with the audit ends with.</summary>
internal static partial class MeasuredStacks
{
    // The deepest that a run comes to can be told from what is never used: an interrupt with the state that FXSAVE saves, and on a thread's stack a switch and an audit with it; a line written by a component.
    private const long LeastKernelBytes = 1024;
    private const long LeastBootBytes = 512 + 128;
    private const long LeastUserBytes = 128;

    /// <summary>Compares the measured use of every kind of stack with the computed need.</summary>
    public static void AssertWithinNeeds(IReadOnlyList<string> console, ImageFiles image)
    {
        Match line = console.Select(static line => LinePattern().Match(line)).Single(static match => match.Success);
        using JsonDocument map = JsonDocument.Parse(File.ReadAllBytes(image.Map));
        JsonElement[] needs = [.. map.RootElement.GetProperty("stacks").GetProperty("needs").EnumerateArray()];
        AssertWithin("kernel stack of a thread", line.Groups[1].Value, LeastKernelBytes, needs);
        AssertWithin("user stack of a thread", line.Groups[2].Value, LeastUserBytes, needs);
        AssertWithin("boot stack", line.Groups[3].Value, LeastBootBytes, needs);
    }

    private static void AssertWithin(string stack, string measured, long least, JsonElement[] needs)
    {
        JsonElement need = needs.Single(need => need.GetProperty("name").GetString() == stack);
        Assert.Empty(need.GetProperty("problems").EnumerateArray().Select(static problem => problem.GetString()));
        long needed = need.GetProperty("neededBytes").GetInt64();
        Assert.InRange(long.Parse(measured, CultureInfo.InvariantCulture), least, needed);
        Assert.InRange(needed, least, need.GetProperty("bytes").GetInt64());
    }

    [GeneratedRegex(@"^stacks: of a kernel stack (\d+) bytes were used, of a user stack (\d+), of the boot stack (\d+)$")]
    private static partial Regex LinePattern();
}

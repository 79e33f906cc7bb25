// mbpoll, as a user runs it.

using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

/// <summary>What one run of mbpoll said.</summary>
/// <param name="Output">Everything, errors included.</param>
internal sealed partial record ModbusPoll(string Output)
{
    /// <summary>The values that were read, in order.</summary>
    public int[] Values => [.. Value().Matches(Output).Select(static match => int.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture))];

    /// <summary>Asks or tells unit 1 once.</summary>
    public static async Task<ModbusPoll> RunAsync(string device, string options, params string[] values)
    {
        // Ten seconds is the longest that it waits.
        string[] arguments = ["-m", "rtu", "-b", "19200", "-P", "none", "-s", "2", "-a", "1", "-o", "10", "-1", .. options.Split(' '), device, .. values];
        using Process process = Process.Start(new ProcessStartInfo("mbpoll", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(output + await errors);
    }

    [GeneratedRegex(@"^\[\d+\]:\s+(?<value>-?\d+)", RegexOptions.Multiline)]
    private static partial Regex Value();
}

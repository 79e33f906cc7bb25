// `ringfence verify`: what takes too long for every test run.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Tool.Verification;

namespace Ringfence.Tool;

/// <summary>The command <c>verify</c>.</summary>
public sealed class VerifyCommand(Repository repository, TextWriter output, TextWriter messages)
{
    /// <summary>Runs the checks one after the other, all of them whatever becomes of the first.</summary>
    /// <returns>The exit status of the command: success if all hold.</returns>
    /// <exception cref="ToolException">A check could not be built or started.</exception>
    public async Task<int> ExecuteAsync(IReadOnlyList<VerificationCheck> checks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checks);
        int failed = 0;
        foreach (VerificationCheck check in checks)
        {
            Stopwatch watch = Stopwatch.StartNew();
            bool holds = await check.RunAsync(repository, output, messages, cancellationToken).ConfigureAwait(false);
            failed += holds ? 0 : 1;
            await output.WriteLineAsync($"{check.Name}: {(holds ? "holds" : "FAILED")} ({watch.Elapsed.TotalSeconds:F0} s)").ConfigureAwait(false);
        }

        return failed == 0 ? ExitStatuses.Success : ExitStatuses.Failure;
    }
}

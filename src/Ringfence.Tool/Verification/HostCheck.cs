// A check that needs no guest: a verb of the host program tests/Ringfence.Verification.

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool.Verification;

/// <summary>Runs the host program with the check's name.</summary>
/// <param name="Name">The check, and the verb.</param>
/// <param name="Description">What holds if it succeeds.</param>
public sealed record HostCheck(string Name, string Description) : VerificationCheck(Name, Description)
{
    /// <inheritdoc/>
    public override async Task<bool> RunAsync(Repository repository, TextWriter output, TextWriter messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        string assembly = repository.TestAssembly(Repository.VerificationName);
        var stamp = new BuildStamp(Path.Combine(repository.StateFolder, "verification.stamp"), Repository.VerificationName, assembly);
        await DotnetBuild.EnsureAsync(
            "the verification", repository.VerificationProject, [], stamp, repository.TestSources(), messages, cancellationToken).ConfigureAwait(false);
        return await ChildProcess.RunAsync(ChildProcess.DotnetHost, [assembly, Name], output, cancellationToken).ConfigureAwait(false) == 0;
    }
}

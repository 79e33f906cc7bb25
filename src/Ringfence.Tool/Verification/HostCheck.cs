// A check that is a verb of a host program, tests/Ringfence.Verification as a rule, with or without a guest.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool.Verification;

/// <summary>Runs a host program with the check's name.</summary>
/// <param name="Name">The check, and the verb.</param>
/// <param name="Description">What holds if it succeeds.</param>
public sealed record HostCheck(string Name, string Description) : VerificationCheck(Name, Description)
{
    /// <summary>The project under <c>tests</c> that is the program.</summary>
    public string Program { get; init; } = Repository.VerificationName;

    /// <summary>What it takes. The program builds the images that some of its checks boot, whichever is asked for.</summary>
    public IReadOnlyList<DebianPackage> Packages { get; init; } = DebianPackage.Required;

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(Repository repository, TextWriter output, TextWriter messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        await DebianPackages.EnsureAsync(Packages, messages, cancellationToken).ConfigureAwait(false);
        string assembly = repository.TestAssembly(Program);
        var stamp = new BuildStamp(Path.Combine(repository.StateFolder, $"{Program}.stamp"), Program, assembly);
        await DotnetBuild.EnsureAsync(
            "the verification", repository.TestProject(Program), [], stamp, repository.TestSources(), messages, cancellationToken).ConfigureAwait(false);
        return await ChildProcess.RunAsync(ChildProcess.DotnetHost, [assembly, Name], output, cancellationToken).ConfigureAwait(false) == 0;
    }
}

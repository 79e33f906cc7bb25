// What `ringfence verify` can be asked for: one class a kind of check, one line a check.

using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool.Verification;

/// <summary>A long verification, named on the command line.</summary>
/// <param name="Name">The word that names it.</param>
/// <param name="Description">What holds if it succeeds, in a few words.</param>
public abstract record VerificationCheck(string Name, string Description)
{
    /// <summary>All checks, in the order in which they are run.</summary>
    public static IReadOnlyList<VerificationCheck> All { get; } =
    [
        new HostCheck("oracles", "the page walk and the prediction of the software MMU agree on every state"),
        new HostCheck("exhaustive", "no sequence of six operations on a small geometry breaks the law in any schedule"),
        new HostCheck("random", "a million random programs of page-table edits leave what the model says and break the law in no schedule"),
        new HostCheck("strategies", "at every return to user mode every table strategy gives the rights that the law gives, in a million random operations of a kernel"),
        new HostCheck("mutants", "every small mistake put into the paging library, the strategy or the page walk is noticed by a test, or explained") { Program = Repository.MutationName, Packages = [] },
        new HostCheck("guest", "accesses on QEMU's MMU end as predicted, but for differences that are known of it"),
        new HostCheck("bochs", "the same on the MMU of Bochs") { Packages = DebianPackage.RequiredByBochs },
    ];

    /// <summary>Builds what is stale and runs it. The last line of the output says how much was verified.</summary>
    /// <param name="repository">The checkout.</param>
    /// <param name="output">Receives progress and figures of the check.</param>
    /// <param name="messages">Receives what builds say.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it holds.</returns>
    /// <exception cref="ToolException">It could not be built or started.</exception>
    public abstract Task<bool> RunAsync(Repository repository, TextWriter output, TextWriter messages, CancellationToken cancellationToken);
}

// `ringfence bench --paging`: times edits of page tables on this host. The times are this machine's; the counts beside them are not.

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool;

/// <summary>The command <c>bench --paging</c>.</summary>
public sealed class PagingBenchCommand(Repository repository, TextWriter console, TextWriter messages)
{
    /// <summary>Builds the program that measures, and runs it.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">It does not build, or it failed.</exception>
    public async Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        string program = repository.PagingBenchAssembly;
        BuildStamp stamp = new(Path.Combine(repository.StateFolder, "paging-bench.stamp"), "paging-bench", program);
        await DotnetBuild.EnsureAsync(
            "the benchmarks of paging", repository.PagingBenchProject, [], stamp, repository.PagingBenchSources(), messages, cancellationToken)
            .ConfigureAwait(false);
        string reports = Path.Combine(repository.Root, "artifacts", "benchmarks");
        await messages.WriteLineAsync($"ringfence: measuring; reports go to {reports}").ConfigureAwait(false);
        int status = await ChildProcess.RunAsync(ChildProcess.DotnetHost, [program, reports], console, cancellationToken).ConfigureAwait(false);
        return status == 0 ? ExitStatuses.Success : throw ToolException.Failure("the benchmarks of paging failed (see above)");
    }
}

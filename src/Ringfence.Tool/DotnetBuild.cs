// The one way in which the command builds anything.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool;

/// <summary>Builds a project or solution unless its stamp says that nothing changed.</summary>
public static class DotnetBuild
{
    /// <summary>Brings something up to date; errors are passed on as the build words them.</summary>
    /// <param name="what">What is built, in a word, for the line that announces it.</param>
    /// <param name="project">Project or solution file.</param>
    /// <param name="properties">MSBuild properties, <c>Name=value</c>.</param>
    /// <param name="stamp">Remembers the last success.</param>
    /// <param name="sources">What the output is made of.</param>
    /// <param name="messages">Receives the announcement and whatever the build says.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    /// <exception cref="ToolException">The build failed.</exception>
    public static async Task EnsureAsync(
        string what,
        string project,
        IReadOnlyList<string> properties,
        BuildStamp stamp,
        IEnumerable<string> sources,
        TextWriter messages,
        CancellationToken cancellationToken)
    {
        if (stamp.IsCurrent(sources))
        {
            return;
        }

        await messages.WriteLineAsync($"ringfence: building {what}").ConfigureAwait(false);

        // What `dotnet build` does, without the summary that it insists on: a build without errors has nothing to say.
        List<string> arguments = ["msbuild", project, "-restore", "-t:Build", "-nodeReuse:false", "-v:q", "-nologo"];
        foreach (string property in properties)
        {
            arguments.Add("-p:" + property);
        }

        DateTime begin = DateTime.UtcNow;
        if (await ChildProcess.RunAsync(ChildProcess.DotnetHost, arguments, messages, cancellationToken).ConfigureAwait(false) != 0)
        {
            throw ToolException.Failure($"building {what} failed (errors above)");
        }

        stamp.Record(begin);
    }
}

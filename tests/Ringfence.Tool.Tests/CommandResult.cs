// Runs the real command as a user would and keeps what it said.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool.Tests;

/// <summary>What a command left behind.</summary>
public sealed record CommandResult(int ExitStatus, string Output, string Errors)
{
    /// <summary>Lines of standard error.</summary>
    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Lines of standard output.</summary>
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Starts the command.</summary>
public static class Command
{
    private static readonly Lazy<Task> s_toolIsBuilt = new(static () => RunAsync(Script, ["--help"], []));

    /// <summary>The checkout that this test was built from.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The front-door script.</summary>
    public static string Script => Path.Combine(RepositoryRoot, "ringfence");

    /// <summary>The tool that came with these tests.</summary>
    public static string ToolAssembly => Path.Combine(AppContext.BaseDirectory, "Ringfence.Tool.dll");

    /// <summary>The <c>dotnet</c> of this machine.</summary>
    public static string Dotnet { get; } = FindProgram("dotnet");

    /// <summary>Runs <c>./ringfence</c>.</summary>
    public static async Task<CommandResult> RunScriptAsync(params string[] arguments)
    {
        await EnsureToolIsBuiltAsync();
        return await RunAsync(Script, arguments, []);
    }

    /// <summary>Lets the script bring its tool up to date, so that what it says afterwards is about what it was asked.</summary>
    public static Task EnsureToolIsBuiltAsync() => s_toolIsBuilt.Value;

    /// <summary>Runs the tool on another checkout.</summary>
    public static Task<CommandResult> RunToolAsync(string root, params string[] arguments) =>
        RunAsync(Dotnet, [ToolAssembly, .. arguments], new() { [Repository.RootVariable] = root });

    /// <summary>Runs a program; a null value removes a variable.</summary>
    public static async Task<CommandResult> RunAsync(string program, string[] arguments, Dictionary<string, string?> environment)
    {
        using Process process = Start(program, arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(400));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end");
        }

        return new(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts a program with its input and outputs redirected.</summary>
    public static Process Start(string program, string[] arguments, Dictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Finds a program on PATH.</summary>
    public static string FindProgram(string name)
    {
        foreach (string folder in Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator))
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"{name} is not on PATH");
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ringfence.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("these tests run inside a checkout");
    }
}

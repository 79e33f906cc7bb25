// Runs the pinned ILC, and the assembler and linker of the images, on code of the tests.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.CoreLib.Tests;

/// <summary>A target that images are built for.</summary>
internal sealed record Target(string Name, string OperatingSystem, string Architecture, string ObjectSuffix, string AssemblerFormat)
{
    public static Target X64 { get; } = new("x64", "linux", "x64", ".o", "elf64");

    public static Target Ia32 { get; } = new("ia32", "windows", "x86", ".obj", "win32");

    public static Target Named(string name) => name == X64.Name ? X64 : Ia32;
}

/// <summary>What a tool said.</summary>
internal sealed record ToolResult(int ExitCode, string Output);

/// <summary>Compiles metal C# to an object file.</summary>
internal static class AheadOfTimeCompilation
{
    /// <summary>Compiles an assembly and the cases as one whole program; the README documents this command line.</summary>
    public static string Compile(string assembly, Target target)
    {
        string output = Path.ChangeExtension(assembly, target.ObjectSuffix);
        List<string> arguments =
        [
            assembly, "-o:" + output, "-r:" + BuildOutput.CoreLib, "-r:" + BuildOutput.Cases, .. BuildOutput.Names.Select(name => "-r:" + BuildOutput.Facade(name)),
            "--systemmodule:System.Private.CoreLib", "--targetos:" + target.OperatingSystem, "--targetarch:" + target.Architecture, "--Os", "--nativelib",
            "--reflectiondata:none", "--feature:System.Diagnostics.StackTrace.IsSupported=false", "--directpinvoke:*",
            "--generateunmanagedentrypoints:" + Path.GetFileNameWithoutExtension(assembly),
        ];
        ToolResult result = Run(BuildOutput.Compiler, arguments);
        Assert.True(result.ExitCode == 0, result.Output);
        return output;
    }

    /// <summary>Names that the object refers to and does not define.</summary>
    public static IReadOnlySet<string> UndefinedSymbolsOf(string objectFile)
    {
        ToolResult result = Run("nm", ["-u", objectFile]);
        Assert.True(result.ExitCode == 0, result.Output);
        return result.Output.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("U ", StringComparison.Ordinal)).Select(line => line[2..])
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Runs a tool to its end, at most a minute.</summary>
    public static ToolResult Run(string tool, IEnumerable<string> arguments)
    {
        using var process = new Process { StartInfo = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail(tool + " did not end within a minute");
        }

        return new ToolResult(process.ExitCode, output.Result + error.Result);
    }
}

// How the ahead-of-time compiler and the assembler are called. Every option here is a decision about code generation.

using System.Globalization;
using System.Text.RegularExpressions;

namespace Ringfence.ImageBuilder.Compilation;

/// <summary>Compiles assemblies with ILC and assembly sources with nasm, for one image's format.</summary>
internal sealed partial class Compiler(ImageRequest request, ObjectCache cache)
{
    /// <summary>The kernel with its modules, but for what a file of substitutions takes out of it. It is the code of one format.</summary>
    public Task<CompiledObject> CompileKernelAsync(IReadOnlyList<string> assemblies, string substitutions) =>
        CompileAsync(FormatFolder, "kernel", assemblies, "--substitution:" + substitutions);

    /// <summary>A component with its libraries: the same for all formats of an architecture.</summary>
    public Task<CompiledObject> CompileComponentAsync(string name, IReadOnlyList<string> assemblies) =>
        CompileAsync(request.Format.Is64Bit() ? "components-64" : "components-32", name, assemblies);

    private Task<CompiledObject> CompileAsync(string folder, string name, IReadOnlyList<string> assemblies, params string[] further)
    {
        List<string> arguments =
        [
            .. assemblies,
            .. request.References.Select(static reference => "-r:" + reference),
            "-o:{output}",
            "--systemmodule:System.Private.CoreLib",
            "--nativelib",
            "--Os",
            // Padding in front of loops is executed and takes room; alignment gains nothing on the processors that this is for.
            "--codegenopt:JitAlignLoops=0",
            "--reflectiondata:none",
            "--feature:System.Diagnostics.StackTrace.IsSupported=false",
            "--parallelism:1",
            // Says which static constructors could not be run at compile time.
            "--verbose",
            .. request.Format.Is64Bit() ? new[] { "--targetos:linux", "--targetarch:x64", "-g" } : ["--targetos:windows", "--targetarch:x86"],
            .. further,
        ];
        return cache.GetAsync(
            Path.Combine(folder, name), request.Compiler, arguments, [.. assemblies, .. request.References], result => Failure(name, result));
    }

    /// <summary>An assembly source of the machine folder.</summary>
    public Task<CompiledObject> AssembleAsync(string source, string systemCallFolder)
    {
        List<string> arguments =
        [
            "-f", request.Format.Is64Bit() ? "elf64" : "win32",
            .. request.Format == ImageFormat.Pae ? new[] { "-DPAE" } : [],
            .. request.Audit ? new[] { "-DAUDIT" } : [],
            .. request.Count ? new[] { "-DCOUNT" } : [],
            .. request.Kpti ? new[] { "-DKPTI" } : [],
            "-I", request.MachineFolder + "/",
            "-I", request.CommonMachineFolder + "/",
            "-I", systemCallFolder + "/",
            "-o", "{output}",
            source,
        ];
        IEnumerable<string> inputs =
        [
            source,
            .. request.MachineFiles("*.inc"),
            .. Directory.GetFiles(systemCallFolder, "*.inc"),
        ];
        return cache.GetAsync(
            Path.Combine(FormatFolder, Path.GetFileNameWithoutExtension(source)),
            request.Assembler,
            arguments,
            inputs,
            result => AssemblerFailure(source, result));
    }

    private string FormatFolder => request.Format.Name() + (request.Kpti ? "_kpti" : "") + (request.Audit ? "_audit" : request.Count ? "_count" : "");

    // ILC says "Code generation failed for method '[Assembly]Namespace.Type.Method()'" and, below, what it missed.
    private static Diagnostic Failure(string name, ToolResult result)
    {
        string missing = MissingPattern().Match(result.Output) is { Success: true } match ? match.Value : FirstErrorLine(result.Output);
        return MethodPattern().Match(result.Output) is { Success: true } method
            ? new Diagnostic("RF2007", name, $"Method {method.Groups[1].Value} cannot be compiled for the bare machine: {missing}")
            : new Diagnostic("RF2007", name, $"Cannot be compiled for the bare machine: {missing}");
    }

    private static Diagnostic AssemblerFailure(string source, ToolResult result) =>
        AssemblerPattern().Match(result.Output) is { Success: true } match
            ? new Diagnostic(
                "RF2013", match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture), match.Groups[3].Value)
            : new Diagnostic("RF2013", source, $"nasm ended with exit code {result.ExitCode}: {FirstErrorLine(result.Output)}");

    private static string FirstErrorLine(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(static line => line.Contains("rror", StringComparison.Ordinal)) ?? lines.FirstOrDefault() ?? "no message";
    }

    [GeneratedRegex(@"Code generation failed for method '(?:\[[^\]]*\])?([^']*)'")]
    private static partial Regex MethodPattern();

    [GeneratedRegex(@"(Expected (type|method|field) '[^']*' not found[^\r\n]*|Failed to load [^\r\n]*|Missing method [^\r\n]*)")]
    private static partial Regex MissingPattern();

    [GeneratedRegex(@"^(.+?):(\d+): error: (.*)$", RegexOptions.Multiline)]
    private static partial Regex AssemblerPattern();
}

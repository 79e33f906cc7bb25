// What the script checks before there is a tool: the system, the SDK, and whether anything needs building at all.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class FrontDoorTests : IDisposable
{
    // What the script itself calls; a machine without the SDK has all of these.
    private static readonly string[] s_ordinaryPrograms = ["bash", "env", "find", "flock", "mkdir", "mv", "apt-get"];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    [InlineData("--help")]
    public async Task Another_system_is_refused_with_what_to_install(string command)
    {
        string release = _folder.Write("os-release", "ID=fedora\nID_LIKE=\"rhel centos\"\nPRETTY_NAME=\"Fedora Linux 43\"\n");
        CommandResult result = await Command.RunAsync(Command.Script, [command], new() { ["RINGFENCE_OS_RELEASE"] = release });
        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.StartsWith("ringfence: Fedora Linux 43 is not supported", result.ErrorLines[0], StringComparison.Ordinal);
        foreach (string needed in new[] { ".NET 10 SDK", "qemu-system-x86", "nasm", "binutils", "mbpoll" })
        {
            Assert.Contains(needed, result.Errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ID=debian\n")]
    [InlineData("ID=ubuntu\nID_LIKE=debian\n")]
    [InlineData("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n")]
    public async Task Debian_Ubuntu_and_what_descends_from_them_are_let_in(string content)
    {
        string release = _folder.Write("os-release", content);
        CommandResult result = await Command.RunAsync(Command.Script, ["--help"], new() { ["RINGFENCE_OS_RELEASE"] = release });
        Assert.Equal(0, result.ExitStatus);
    }

    [Fact]
    public async Task A_system_that_does_not_say_what_it_is_is_refused()
    {
        CommandResult result = await Command.RunAsync(Command.Script, ["run"], new() { ["RINGFENCE_OS_RELEASE"] = "/absent" });
        Assert.Equal(1, result.ExitStatus);
        Assert.StartsWith("ringfence: this system is not supported", result.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_SDK_the_ways_to_install_it_are_told()
    {
        CommandResult result = await RunWithOrdinaryProgramsAsync("run");
        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.StartsWith("ringfence: the .NET 10 SDK is missing", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("apt-get install dotnet-sdk-10.0", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_SDK_that_global_json_does_not_accept_is_no_SDK()
    {
        _folder.WriteProgram("bin/dotnet", "echo 'a compatible SDK was not found' >&2; exit 145");
        CommandResult result = await RunWithOrdinaryProgramsAsync("test");
        Assert.Equal(1, result.ExitStatus);
        Assert.StartsWith("ringfence: the .NET 10 SDK is missing", result.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_built_when_the_tool_is_current()
    {
        string log = Path.Combine(_folder.Path, "calls");
        _folder.WriteProgram("bin/dotnet", $"echo \"$1\" >>'{log}'; exec '{Command.Dotnet}' \"$@\"");
        CommandResult result = await RunWithOrdinaryProgramsAsync("--help");
        Assert.Equal(0, result.ExitStatus);
        Assert.Empty(result.ErrorLines);
        string[] calls = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        Assert.Equal("--version", calls[0]);
        Assert.EndsWith("Ringfence.Tool.dll", calls[1], StringComparison.Ordinal);
        Assert.Equal(2, calls.Length);
    }

    [Fact]
    public async Task The_tool_is_built_when_it_is_missing_or_older_than_a_source_and_never_else()
    {
        string root = CreateCheckout("mkdir -p \"${tool%/*}\" && : >\"$tool\"");
        Assert.Equal(1, await CountBuildsAsync(root));
        Assert.Equal(1, await CountBuildsAsync(root));

        File.WriteAllText(Path.Combine(root, "src/Ringfence.Emulation/New.cs"), "");
        Assert.Equal(2, await CountBuildsAsync(root));

        File.Delete(Path.Combine(root, "src/Ringfence.Emulation/New.cs"));
        Assert.Equal(3, await CountBuildsAsync(root));

        File.SetLastWriteTimeUtc(Path.Combine(root, "Directory.Packages.props"), DateTime.UtcNow);
        Assert.Equal(4, await CountBuildsAsync(root));
        Assert.Equal(4, await CountBuildsAsync(root));
    }

    [Fact]
    public async Task A_process_that_the_build_leaves_behind_does_not_keep_the_lock()
    {
        string root = CreateCheckout("mkdir -p \"${tool%/*}\" && : >\"$tool\"; sleep 20 >/dev/null 2>&1 &");
        Assert.Equal(1, await CountBuildsAsync(root));
        CommandResult result = await Command.RunAsync("flock", ["-n", Path.Combine(root, "artifacts/ringfence/tool.lock"), "true"], []);
        Assert.Equal(0, result.ExitStatus);
    }

    [Fact]
    public async Task A_tool_that_does_not_build_is_an_error_and_is_tried_again()
    {
        string root = CreateCheckout("echo 'Program.cs(1,1): error CS1002' && exit 1");
        for (int attempt = 0; attempt < 2; attempt++)
        {
            CommandResult result = await RunCheckoutAsync(root);
            Assert.Equal(1, result.ExitStatus);
            Assert.Empty(result.Output);
            Assert.Equal(
                ["ringfence: building the tool", "Program.cs(1,1): error CS1002", "ringfence: the tool does not build (errors above)."], result.ErrorLines);
        }
    }

    [Fact]
    public async Task Help_and_usage_errors_need_no_emulator_assembler_or_linker()
    {
        _folder.WriteProgram("bin/dotnet", $"exec '{Command.Dotnet}' \"$@\"");
        Assert.Equal(0, (await RunWithOrdinaryProgramsAsync("run", "--help")).ExitStatus);
        Assert.Equal(2, (await RunWithOrdinaryProgramsAsync("run", "--format", "none")).ExitStatus);
        Assert.Equal(2, (await RunWithOrdinaryProgramsAsync("run", "NoSuchSample")).ExitStatus);
        Assert.Equal(2, (await RunWithOrdinaryProgramsAsync("test", "--fast")).ExitStatus);
    }

    [Fact]
    public async Task It_can_be_called_from_anywhere_and_through_a_link()
    {
        string link = Path.Combine(_folder.Path, "rf");
        File.CreateSymbolicLink(link, Command.Script);
        CommandResult result = await Command.RunAsync("sh", ["-c", $"cd / && '{link}' run NoSuchSample"], []);
        Assert.StartsWith("ringfence: unknown sample 'NoSuchSample'", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    // A checkout with the real script and a dotnet that stands for the SDK: `msbuild` runs the given script, anything else succeeds.
    private string CreateCheckout(string build)
    {
        string root = Path.Combine(_folder.Path, "checkout");
        foreach (string file in new[] { "src/Ringfence.Tool/Program.cs", "src/Ringfence.Emulation/Code.cs", "Directory.Packages.props", "global.json" })
        {
            string path = _folder.Write(Path.Combine("checkout", file), "");
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
            Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(path)!, DateTime.UtcNow.AddHours(-1));
        }

        File.Copy(Command.Script, Path.Combine(root, "ringfence"));
        _folder.WriteProgram("bin/dotnet", $"""
            [ "$1" = msbuild ] || exit 0
            echo built >>'{Path.Combine(_folder.Path, "builds")}'
            tool='{Path.Combine(root, "artifacts/bin/Ringfence.Tool/release/Ringfence.Tool.dll")}'
            {build}
            """);
        return root;
    }

    private Task<CommandResult> RunCheckoutAsync(string root) => Command.RunAsync(
        Path.Combine(root, "ringfence"),
        ["--help"],
        new() { ["PATH"] = Path.Combine(_folder.Path, "bin") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH") });

    private async Task<int> CountBuildsAsync(string root)
    {
        CommandResult result = await RunCheckoutAsync(root);
        Assert.True(result.ExitStatus == 0, result.Errors);
        return (await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "builds"), TestContext.Current.CancellationToken)).Length;
    }

    private async Task<CommandResult> RunWithOrdinaryProgramsAsync(params string[] arguments)
    {
        await Command.EnsureToolIsBuiltAsync();
        string bin = Path.Combine(_folder.Path, "bin");
        Directory.CreateDirectory(bin);
        foreach (string program in s_ordinaryPrograms)
        {
            if (!File.Exists(Path.Combine(bin, program)))
            {
                File.CreateSymbolicLink(Path.Combine(bin, program), Command.FindProgram(program));
            }
        }

        Dictionary<string, string?> environment = new() { ["PATH"] = bin, ["HOME"] = _folder.Path, ["DOTNET_ROOT"] = null };
        return await Command.RunAsync(Command.Script, arguments, environment);
    }
}

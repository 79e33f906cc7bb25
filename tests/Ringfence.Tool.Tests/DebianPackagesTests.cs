// Installation of what is missing, with an apt-get that only says what it was asked for.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class DebianPackagesTests : IDisposable
{
    private readonly SampleRepository _repository = new();
    private readonly ScratchFolder _folder = new();

    public DebianPackagesTests()
    {
        _repository.AddSample("Greeter", "hello\n", GuestEnding.Status);
        foreach (string program in new[] { "sh", "env", "ln", "cat" })
        {
            Link(program);
        }

        // Passes everything on, as the real one does for a user who may.
        _folder.WriteProgram("bin/sudo", $"echo sudo >>'{Log}'; exec \"$@\"");
    }

    private string Log => Path.Combine(_folder.Path, "log");

    private string Bin => Path.Combine(_folder.Path, "bin");

    public void Dispose()
    {
        _repository.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Missing_packages_are_named_with_their_purpose_installed_and_then_used()
    {
        Link("ld");
        WriteAptGet(static (program, path) => $"ln -s '{path}' '{program}'", "qemu-system-x86_64", "qemu-system-i386", "nasm");
        CommandResult result = await RunAsync();
        Assert.True(result.ExitStatus == 0, result.Errors);
        Assert.Equal(["hello"], result.OutputLines);
        Assert.Contains("  qemu-system-x86  emulates the machine that images boot on", result.ErrorLines);
        Assert.Contains("  nasm             assembles boot, entry and switch code", result.ErrorLines);
        Assert.DoesNotContain(result.ErrorLines, static line => line.StartsWith("  binutils", StringComparison.Ordinal));
        Assert.Contains("noninteractive install -y --no-install-recommends qemu-system-x86 nasm", ReadLog());
        Assert.Equal(!Environment.IsPrivilegedProcess, ReadLog().Contains("sudo"));
    }

    [Fact]
    public async Task Nothing_is_installed_when_nothing_is_missing()
    {
        Link("qemu-system-x86_64");
        Link("qemu-system-i386");
        Link("nasm");
        Link("ld");
        WriteAptGet(static (_, _) => "exit 1", "nasm");
        CommandResult result = await RunAsync();
        Assert.Equal(0, result.ExitStatus);
        Assert.False(File.Exists(Log));
    }

    [Fact]
    public async Task A_failed_installation_refreshes_the_lists_tries_again_and_then_says_what_to_do_by_hand()
    {
        Link("qemu-system-x86_64");
        Link("qemu-system-i386");
        Link("nasm");
        WriteAptGet(static (_, _) => "[ \"$1\" = update ] || { echo 'E: no such package' >&2; exit 100; }", "ld");
        CommandResult result = await RunAsync();
        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.Contains("E: no such package", result.ErrorLines);
        Assert.Contains("apt-get install binutils", result.ErrorLines[^1], StringComparison.Ordinal);
        string[] calls = [.. ReadLog().Where(static line => line != "sudo")];
        Assert.Contains("noninteractive update", calls);
        Assert.Equal("noninteractive install -y --no-install-recommends binutils", calls[^1]);
    }

    private void Link(string program) => File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(Bin).FullName, program), Command.FindProgram(program));

    // The script gets, for each program, the line that stands for its installation; it runs on `install` and on `update`.
    private void WriteAptGet(Func<string, string, string> line, params string[] programs)
    {
        IEnumerable<string> lines = programs.Select(program => line(Path.Combine(Bin, program), Command.FindProgram(program)));
        string install = string.Join('\n', lines);
        string body = install.StartsWith("ln", StringComparison.Ordinal) ? $"[ \"$1\" = update ] && exit 0\n{install}" : install;
        _folder.WriteProgram("bin/apt-get", $"echo \"$DEBIAN_FRONTEND $*\" >>'{Log}'\n{body}");
    }

    private string[] ReadLog() => File.ReadAllLines(Log);

    private Task<CommandResult> RunAsync() => Command.RunAsync(
        Command.Dotnet,
        [Command.ToolAssembly, "run", "Greeter"],
        new() { [Repository.RootVariable] = _repository.Root, ["PATH"] = Bin });
}

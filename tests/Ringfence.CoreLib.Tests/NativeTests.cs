// Runs the core library itself: every case and every failure, compiled by ILC, as a process without any runtime below it.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Ringfence.CoreLib.Cases;
using Xunit;

namespace Ringfence.CoreLib.Tests;

public sealed class NativeTests(NativeDrivers drivers) : IClassFixture<NativeDrivers>
{
    [Theory]
    [InlineData("x64")]
    [InlineData("ia32")]
    public void Every_law_holds_in_the_core_library(string target)
    {
        ToolResult result = drivers.Run(target, 0);
        Assert.True(result.ExitCode == 0, $"{result.ExitCode} of {CoreLibCases.Count} cases failed:\n{result.Output}");
    }

    [Theory]
    [InlineData(0, FailureReason.IndexOutOfRange)]
    [InlineData(1, FailureReason.IndexOutOfRange)]
    [InlineData(2, FailureReason.IndexOutOfRange)]
    [InlineData(6, FailureReason.Overflow)]
    [InlineData(7, FailureReason.Overflow)]
    [InlineData(8, FailureReason.Overflow)]
    [InlineData(11, FailureReason.Overflow)]
    [InlineData(12, FailureReason.Overflow)]
    [InlineData(13, FailureReason.ArgumentOutOfRange)]
    [InlineData(14, FailureReason.ArgumentOutOfRange)]
    [InlineData(15, FailureReason.ArgumentOutOfRange)]
    [InlineData(16, FailureReason.Argument)]
    [InlineData(17, FailureReason.InvalidOperation)]
    [InlineData(18, FailureReason.NotSupported)]
    [InlineData(19, FailureReason.Overflow)]
    [InlineData(20, FailureReason.Argument)]
    [InlineData(21, FailureReason.ArgumentOutOfRange)]
    [InlineData(22, FailureReason.ArgumentOutOfRange)]
    [InlineData(24, FailureReason.Overflow)]
    [InlineData(25, FailureReason.Overflow)]
    [InlineData(26, FailureReason.Overflow)]
    public void A_broken_rule_ends_in_its_reason(int rule, int reason)
    {
        Assert.Equal(200 + reason, drivers.Run("x64", rule + 1).ExitCode);
        Assert.Equal(200 + reason, drivers.Run("ia32", rule + 1).ExitCode);
    }

    [Theory]
    [InlineData("x64", 3)]
    [InlineData("x64", 4)]
    [InlineData("x64", 5)]
    [InlineData("x64", 9)]
    [InlineData("x64", 10)]
    [InlineData("x64", 23)]
    [InlineData("ia32", 3)]
    [InlineData("ia32", 23)]
    public void A_division_in_one_instruction_faults_in_the_processor(string target, int rule)
    {
        // 128 + SIGFPE: Linux's name for the divide error, vector 0.
        Assert.Equal(136, drivers.Run(target, rule + 1).ExitCode);
    }

    [Theory]
    [InlineData(4, FailureReason.DivideByZero)]
    [InlineData(5, FailureReason.DivideByZero)]
    [InlineData(9, FailureReason.Overflow)]
    [InlineData(10, FailureReason.Overflow)]
    public void A_64_bit_division_on_IA_32_tells_zero_from_overflow(int rule, int reason) =>
        Assert.Equal(200 + reason, drivers.Run("ia32", rule + 1).ExitCode);
}

/// <summary>The driver linked once for each target.</summary>
public sealed class NativeDrivers : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ringfence-corelib-").FullName;
    private readonly Dictionary<string, string> _programs = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal ToolResult Run(string target, int argumentCount)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The compiled cases are Linux processes.");
        if (!_programs.TryGetValue(target, out string? program))
        {
            program = Link(Target.Named(target));
            _programs.Add(target, program);
        }

        try
        {
            return AheadOfTimeCompilation.Run(program, Enumerable.Repeat("x", argumentCount));
        }
        catch (System.ComponentModel.Win32Exception) when (target == Target.Ia32.Name)
        {
            Assert.Skip("This Linux runs no 32-bit processes.");
            throw;
        }
    }

    private string Link(Target target)
    {
        string native = Path.Combine(AppContext.BaseDirectory, "Native");
        string assembly = Path.Combine(_folder, "Driver" + target.Name + ".dll");
        MetalCompilation.EmitTo(assembly, File.ReadAllText(Path.Combine(native, "Driver.cs")));
        string compiled = AheadOfTimeCompilation.Compile(assembly, target);
        string start = Path.Combine(_folder, "start-" + target.Name + ".o");
        string program = Path.Combine(_folder, "driver-" + target.Name);
        RunTool("nasm", "-f", target.AssemblerFormat, "-o", start, Path.Combine(native, "linux-" + target.Name + ".asm"));
        if (target == Target.X64)
        {
            RunTool("ld", "-o", program, start, compiled);
        }
        else
        {
            // ILC compiles IA-32 to COFF only: link a PE image, then turn the image, never the object, into ELF.
            RunTool("ld", "-m", "i386pe", "--image-base", "0x400000", "-e", "_start", "-o", program + ".exe", start, compiled);
            RunTool("objcopy", "-O", "elf32-i386", program + ".exe", program);
        }

        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return program;
    }

    private static void RunTool(string tool, params string[] arguments)
    {
        ToolResult result = AheadOfTimeCompilation.Run(tool, arguments);
        Assert.True(result.ExitCode == 0, tool + ": " + result.Output);
    }
}

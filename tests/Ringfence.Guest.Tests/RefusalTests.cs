// A machine that can't run the image says so in a line of text. Without the check it would die of a triple fault and say nothing.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

public sealed class RefusalTests
{
    private const int ProcessorRefused = 3;
    private const int Panicked = 2;
    private const ulong PageSize = 4096;

    [Theory]
    [InlineData("x86-64", "qemu64,-nx", "ringfence: this processor lacks execute-disable (NX), which x86-64 images require")]
    [InlineData("x86-64", "qemu64,-syscall", "ringfence: this processor lacks SYSCALL, which x86-64 images require")]
    [InlineData("x86-64", "qemu64,-lm", "ringfence: this processor lacks long mode; build the image for pae or ia32")]
    [InlineData("x86-64", "pentium3", "ringfence: this processor lacks SSE2, which x86-64 images require")]
    [InlineData("x86-64", "486", "ringfence: this processor lacks FXSAVE, which x86-64 images require")]
    [InlineData("pae", "qemu32", "ringfence: this processor lacks execute-disable (NX); build the image for ia32")]
    [InlineData("pae", "qemu32,+nx,-pae", "ringfence: this processor lacks PAE; build the image for ia32")]
    [InlineData("pae", "pentium3", "ringfence: this processor lacks SSE2, which IA-32 images require")]
    [InlineData("pae", "pentium", "ringfence: this processor lacks FXSAVE, which IA-32 images require")]
    [InlineData("ia32", "pentium3", "ringfence: this processor lacks SSE2, which IA-32 images require")]
    [InlineData("ia32", "pentium", "ringfence: this processor lacks FXSAVE, which IA-32 images require")]
    [InlineData("ia32", "486", "ringfence: this processor lacks FXSAVE, which IA-32 images require")]
    public async Task A_processor_that_lacks_something_is_refused_in_a_line_that_names_it(string formatName, string processor, string refusal)
    {
        GuestFormat format = BootableImages.Format(formatName);
        (GuestExit exit, List<string> lines) = await RunAsync(Options(format) with { Processor = processor });
        Assert.Equal(new GuestExit(GuestExitKind.Status, ProcessorRefused, string.Empty), exit);
        Assert.Equal([refusal], lines);
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task A_machine_with_too_little_memory_says_where_the_image_ends(string formatName)
    {
        GuestFormat format = BootableImages.Format(formatName);
        using JsonDocument map = JsonDocument.Parse(
            await System.IO.File.ReadAllBytesAsync(BootableImages.Fences(format).Map, TestContext.Current.CancellationToken));
        ulong end = map.RootElement.GetProperty("end").GetUInt64();

        // Two pages too few: the kernel is there, and the last stacks are not. With less memory the firmware's own, at its end, would reach into the
        // kernel. QEMU takes the last -m.
        string memory = ((end - (2 * PageSize)) / 1024).ToString(CultureInfo.InvariantCulture) + "K";
        (GuestExit exit, List<string> lines) = await RunAsync(Options(format) with { ExtraArguments = ["-m", memory] });
        string address = "0x" + end.ToString(format == GuestFormat.X8664 ? "x16" : "x8", CultureInfo.InvariantCulture);
        Assert.Contains("panic: the machine has too little memory: the image ends at " + address, lines);
        Assert.Equal(new GuestExit(GuestExitKind.Status, Panicked, string.Empty), exit);
    }

    private static QemuOptions Options(GuestFormat format) =>
        new() { ImagePath = BootableImages.Fences(format).Image, Format = format, TimeLimit = TimeSpan.FromSeconds(30) };

    private static async Task<(GuestExit Exit, List<string> Lines)> RunAsync(QemuOptions options)
    {
        List<string> lines = [];
        GuestExit exit = await QemuMachine.RunAsync(options, lines.Add, TestContext.Current.CancellationToken);
        return (exit, lines);
    }
}

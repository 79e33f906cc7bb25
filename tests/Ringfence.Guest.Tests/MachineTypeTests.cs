// The sample runs to its end on every type of machine in 2 MiB, on all formats.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

public sealed class MachineTypeTests
{
    private const int SmallMemoryMiB = 2;

    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(60);

    // Every one, without exception: no machine here has a reason not to boot a format.
    public static TheoryData<string, string> Machines =>
        [.. GuestFormat.All.SelectMany(static _ => MachineType.All, static (format, type) => (format.Name, type.Name))];

    [Theory]
    [MemberData(nameof(Machines))]
    public Task The_sample_ends_with_status_0_in_2_MiB(string formatName, string typeName) => CheckAsync(formatName, typeName, processor: null);

    // Its interrupts don't pass through one, then, and there are no registers to wire.
    [Theory]
    [InlineData("x86-64", "pc", "qemu64,-apic")]
    [InlineData("x86-64", "microvm", "qemu64,-apic")]
    [InlineData("ia32", "pc", "qemu32,-apic")]
    [InlineData("ia32", "microvm", "qemu32,-apic")]
    public Task A_processor_without_a_local_APIC_is_served_too(string formatName, string typeName, string processor) =>
        CheckAsync(formatName, typeName, processor);

    private static async Task CheckAsync(string formatName, string typeName, string? processor)
    {
        GuestFormat format = BootableImages.Format(formatName);
        var options = new QemuOptions
        {
            ImagePath = BootableImages.Fences(format).Image,
            Format = format,
            Machine = MachineType.All.Single(type => type.Name == typeName),
            Processor = processor,
            MemoryMiB = SmallMemoryMiB,
            TimeLimit = s_timeLimit,
        };
        List<string> lines = [];
        GuestExit exit = await QemuMachine.RunAsync(options, lines.Add, TestContext.Current.CancellationToken);
        Assert.True(exit.IsSuccess, $"{exit}. The console:\n{string.Join('\n', lines)}");
        Assert.Equal("kernel  the machine ends with exit status 0", lines[^1]);
    }
}

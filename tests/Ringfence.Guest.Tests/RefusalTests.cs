// A machine that can't run the image says so in a line of text. Without the check it would die of a triple fault and say nothing.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
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
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task A_loader_of_another_protocol_is_refused(string formatName)
    {
        GuestFormat format = BootableImages.Format(formatName);
        string image = BootableImages.Fences(format).Image;
        uint entry = BinaryPrimitives.ReadUInt32LittleEndian((await File.ReadAllBytesAsync(image, TestContext.Current.CancellationToken)).AsSpan(24));
        string loader = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllBytesAsync(loader, LoaderWithoutProtocol(entry), TestContext.Current.CancellationToken);
            (GuestExit exit, List<string> lines) = await RunAsync(
                Options(format) with { ImagePath = loader, ExtraArguments = ["-device", "loader,file=" + image] });
            Assert.Equal(new GuestExit(GuestExitKind.Status, ProcessorRefused, string.Empty), exit);
            Assert.Equal(["ringfence: the loader did not follow the multiboot protocol"], lines);
        }
        finally
        {
            File.Delete(loader);
        }
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task A_machine_with_too_little_memory_says_where_the_image_ends(string formatName)
    {
        GuestFormat format = BootableImages.Format(formatName);
        using JsonDocument map = JsonDocument.Parse(
            await File.ReadAllBytesAsync(BootableImages.Fences(format).Map, TestContext.Current.CancellationToken));
        ulong end = map.RootElement.GetProperty("end").GetUInt64();

        // Two pages too few: the kernel is there, and the last stacks are not. With less memory the firmware's own, at its end, would reach into the
        // kernel. QEMU takes the last -m.
        string memory = ((end - (2 * PageSize)) / 1024).ToString(CultureInfo.InvariantCulture) + "K";
        // In a PC x86-64 resets before its first line, as CAVEATS.md says.
        MachineType machine = format == GuestFormat.X8664 ? MachineType.MicroVm : MachineType.Pc;
        (GuestExit exit, List<string> lines) = await RunAsync(Options(format) with { Machine = machine, ExtraArguments = ["-m", memory] });
        string address = "0x" + end.ToString(format == GuestFormat.X8664 ? "x16" : "x8", CultureInfo.InvariantCulture);
        Assert.Contains("panic: the machine has too little memory: the image ends at " + address, lines);
        Assert.Equal(new GuestExit(GuestExitKind.Status, Panicked, string.Empty), exit);
    }

    // A multiboot program in one page at 3 MiB that jumps to an entry with 0 in eax: file header, program header, multiboot header, code.
    private static byte[] LoaderWithoutProtocol(uint entry)
    {
        const uint Address = 0x30_0000;
        const uint MultibootMagic = 0x1BAD_B002;
        byte[] file = new byte[128];
        "\u007FELF\u0001\u0001\u0001"u8.CopyTo(file);
        uint[] words =
        [
            0x0003_0002, 1, Address + 96, 52, 0, 0, 0x0020_0034, 1, 0,
            1, 0, Address, Address, (uint)file.Length, (uint)file.Length, 7, (uint)PageSize,
            MultibootMagic, 0, unchecked(0 - MultibootMagic),
        ];
        for (int index = 0; index < words.Length; index++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16 + (4 * index)), words[index]);
        }

        // mov edx, entry; xor eax, eax; jmp edx
        file[96] = 0xBA;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(97), entry);
        ((ReadOnlySpan<byte>)[0x31, 0xC0, 0xFF, 0xE2]).CopyTo(file.AsSpan(101));
        return file;
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

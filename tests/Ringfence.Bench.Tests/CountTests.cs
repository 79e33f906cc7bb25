// The guest counts its own flushes. Whether it counts right is asked of the emulator, which counts executions of the only routines that flush.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Iced.Intel;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Reports;
using Xunit;

namespace Ringfence.Bench.Tests;

public sealed class CountTests
{
    private const string InvalidatePage = "machine_invalidate_page";
    private const string WriteControl3 = "machine_write_cr3";
    private const string Begin = "machine_measurement_begins";
    private const string End = "machine_measurement_ends";
    private const string Reported = "machine_measurement_reported";

    public static IEnumerable<TheoryDataRow<string, string>> All => MeasuredImages.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_guests_counts_of_flushes_are_those_of_the_emulators_trace(string format, string strategy)
    {
        BenchRun run = MeasuredImages.Run(format, strategy);
        using EmulatorTrace trace = new(
            ImageLayout.Load(run.Locate(BenchRun.OperationsImage, count: true).Map), InvalidatePage, WriteControl3, Begin, End, Reported);
        BenchReport report = await run.BootAsync(BenchRun.OperationsImage, count: true, trace.Arguments, TextWriter.Null, TestContext.Current.CancellationToken);
        IReadOnlyList<string> calls = trace.Read();

        // Operation by operation: what lies between a begin and an end belongs to the figure that is reported next.
        List<(ulong Pages, ulong Roots)> traced = [];
        (ulong Pages, ulong Roots) sum = default;
        bool isMeasured = false;
        foreach (string call in calls)
        {
            switch (call)
            {
                case Begin or End:
                    Assert.Equal(call == End, isMeasured);
                    isMeasured = call == Begin;
                    break;
                case Reported:
                    traced.Add(sum);
                    sum = default;
                    break;
                case InvalidatePage when isMeasured:
                    sum.Pages++;
                    break;
                case WriteControl3 when isMeasured:
                    sum.Roots++;
                    break;
            }
        }

        Assert.Equal(report.Figures.Select(static figure => (figure.Events!.InvalidatedPages, figure.Events.Control3Writes)), traced);
        Assert.Contains(traced, static figure => figure.Pages != 0);
        Assert.Contains(traced, static figure => figure.Roots != 0);

        // And over the whole run.
        Assert.Equal(
            (report.Totals!.InvalidatedPages, report.Totals.Control3Writes),
            ((ulong)calls.Count(static call => call == InvalidatePage), (ulong)calls.Count(static call => call == WriteControl3)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_other_code_of_the_kernel_flushes(string format, string strategy)
    {
        ImageFiles files = MeasuredImages.Run(format, strategy).Locate(BenchRun.OperationsImage, count: true);
        ImageLayout layout = ImageLayout.Load(files.Map);
        LayoutRegion text = layout.Regions.Single(static region => region.Name == "kernel.text");
        byte[] code = ReadMemory(files.Image, text.Start, (int)text.UsedBytes);
        LayoutSymbol[] routines =
            [.. layout.Symbols.Where(symbol => symbol.Address >= text.Start && symbol.Address < text.Start + text.UsedBytes).OrderBy(static symbol => symbol.Address)];
        HashSet<string> flushing = [];
        for (int index = 0; index < routines.Length; index++)
        {
            ulong start = routines[index].Address;
            ulong end = index + 1 < routines.Length ? routines[index + 1].Address : text.Start + text.UsedBytes;

            // The boot entry of x86-64 is 32-bit code up to long mode; it loads its own tables before the kernel is there.
            int bits = format == "x86-64" && !routines[index].Name.StartsWith("boot_entry", StringComparison.Ordinal) && !routines[index].Name.StartsWith("refuse", StringComparison.Ordinal) ? 64 : 32;
            var decoder = Decoder.Create(bits, new ByteArrayCodeReader(code, (int)(start - text.Start), (int)(end - start)), start);
            while (decoder.IP < end)
            {
                Instruction instruction = decoder.Decode();
                bool writesRoot = instruction.Mnemonic == Mnemonic.Mov && instruction.Op0Kind == OpKind.Register && instruction.Op0Register == Register.CR3;
                if (writesRoot || instruction.Mnemonic is Mnemonic.Invlpg or Mnemonic.Invpcid)
                {
                    flushing.Add(routines[index].Name.Split('.')[0]);
                }
            }
        }

        flushing.Remove("boot_entry");
        Assert.Equal([InvalidatePage, WriteControl3], flushing.Order());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_image_that_is_not_built_to_count_holds_nothing_of_the_counting(string format, string strategy)
    {
        BenchRun run = MeasuredImages.Run(format, strategy);
        foreach (string image in (string[])[BenchRun.OperationsImage, "Footprint1"])
        {
            Assert.NotEmpty(Counting(ImageLayout.Load(run.Locate(image, count: true).Map)));
            Assert.Empty(Counting(ImageLayout.Load(run.Locate(image, count: false).Map)));
        }

        static IEnumerable<string> Counting(ImageLayout layout) => layout.Symbols.Select(static symbol => symbol.Name).Where(static name =>
            name.Contains("EventCount", StringComparison.Ordinal) || name.Contains("machine_measurement", StringComparison.Ordinal)
            || name.Contains("interrupts_off", StringComparison.Ordinal) || name.Contains("interrupts_went", StringComparison.Ordinal));
    }

    // From the program headers: what the file loads at an address.
    private static byte[] ReadMemory(string path, ulong address, int byteCount)
    {
        byte[] file = File.ReadAllBytes(path);
        bool is64 = file[4] == 2;
        int table = (int)(is64 ? BitConverter.ToUInt64(file, 32) : BitConverter.ToUInt32(file, 28));
        int entryBytes = BitConverter.ToUInt16(file, is64 ? 54 : 42);
        int count = BitConverter.ToUInt16(file, is64 ? 56 : 44);
        for (int header = table; header < table + (count * entryBytes); header += entryBytes)
        {
            ulong offset = is64 ? BitConverter.ToUInt64(file, header + 8) : BitConverter.ToUInt32(file, header + 4);
            ulong start = is64 ? BitConverter.ToUInt64(file, header + 16) : BitConverter.ToUInt32(file, header + 8);
            ulong bytes = is64 ? BitConverter.ToUInt64(file, header + 32) : BitConverter.ToUInt32(file, header + 16);
            if (BitConverter.ToUInt32(file, header) == 1 && address >= start && address + (ulong)byteCount <= start + bytes)
            {
                return file.AsSpan((int)(offset + address - start), byteCount).ToArray();
            }
        }

        throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path} loads nothing at 0x{address:x}"));
    }
}

// The guest counts its own flushes. Whether it counts right is asked of the emulator, which counts executions of the only routines that flush.

using System;
using System.Collections.Generic;
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

    // What entry and exit load under KPTI: there the emulator begins a new block behind the instruction that does it.
    private const string RootLoaded = "a root loaded by entry or exit";
    private const string Begin = "machine_measurement_begins";
    private const string End = "machine_measurement_ends";
    private const string Reported = "machine_measurement_reported";

    public static IEnumerable<TheoryDataRow<string, string>> All => MeasuredImages.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_guests_counts_of_flushes_are_those_of_the_emulators_trace(string format, string strategy)
    {
        BenchRun run = MeasuredImages.Run(format, strategy);
        ImageLayout layout = ImageLayout.Load(run.Locate(BenchRun.OperationsImage, count: true).Map);
        string[] loads = [WriteControl3, RootLoaded];

        // What flushes where nobody calls it isn't linked.
        string[] flushing = [.. new[] { InvalidatePage, WriteControl3 }.Where(name => layout.Symbols.Any(symbol => symbol.Name == name))];
        Assert.Equal(FlushingRoutines(format, strategy).Intersect([InvalidatePage, WriteControl3]), flushing);
        using EmulatorTrace trace = new(layout, [.. flushing, Begin, End, Reported]);
        foreach (Instruction load in new KernelCode(run.Locate(BenchRun.OperationsImage, count: true), KernelCode.EntryRegion).All
            .Where(static pair => pair.Symbol.Split('.')[0] is not (WriteControl3 or "boot_entry") && LoadsRoot(pair.Instruction))
            .Select(static pair => pair.Instruction))
        {
            trace.Add(load.NextIP, RootLoaded);
        }

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
                default:
                    sum.Roots += isMeasured && loads.Contains(call) ? 1u : 0u;
                    break;
            }
        }

        Assert.Equal(report.Figures.Select(static figure => (figure.Events!.InvalidatedPages, figure.Events.Control3Writes)), traced);

        // Under KPTI what is narrowed is flushed by the exit's load, and by nothing else.
        Assert.Equal(!strategy.EndsWith("kpti", StringComparison.Ordinal), traced.Any(static figure => figure.Pages != 0));
        Assert.Contains(traced, static figure => figure.Roots != 0);

        // And over the whole run.
        Assert.Equal(
            (report.Totals!.InvalidatedPages, report.Totals.Control3Writes),
            ((ulong)calls.Count(static call => call == InvalidatePage), (ulong)calls.Count(loads.Contains)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_other_code_of_the_kernel_flushes(string format, string strategy)
    {
        KernelCode code = new(MeasuredImages.Run(format, strategy).Locate(BenchRun.OperationsImage, count: true));
        HashSet<string> flushing = [.. code.All.Where(static pair => Flushes(pair.Instruction)).Select(static pair => pair.Symbol.Split('.')[0])];

        // It loads tables of its own before the kernel is there.
        flushing.Remove("boot_entry");

        Assert.Equal(FlushingRoutines(format, strategy), flushing.Order());

        static bool Flushes(Instruction instruction) => instruction.Mnemonic is Mnemonic.Invlpg or Mnemonic.Invpcid
            || LoadsRoot(instruction);
    }

    // Under KPTI entry and exit load roots, and nothing else flushes but what flushes contexts: where each domain has a set, on x86-64, for processors with PCID.
    private static IEnumerable<string> FlushingRoutines(string format, string strategy)
    {
        string[] ofContexts = format == "x86-64" && strategy is not ("common" or "leaf-link") ? ["machine_invalidate_contexts"] : [];
        string[] ofPagesAndRoots = strategy.EndsWith("kpti", StringComparison.Ordinal) ? [] : [InvalidatePage, WriteControl3];
        return [.. ofContexts, .. ofPagesAndRoots];
    }

    private static bool LoadsRoot(Instruction instruction) =>
        instruction.Mnemonic == Mnemonic.Mov && instruction.Op0Kind == OpKind.Register && instruction.Op0Register == Register.CR3;

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_run_with_interrupts_off_of_a_call_is_its_entry_its_handler_and_its_exit(string format, string strategy)
    {
        // The way of a call that does nothing through the image that doesn't count, without a branch that is taken, but for the one around CLAC on a processor that has none. The handler of the image that
        // counts asks besides whether the argument is a mark.
        const int MarkInstructions = 16;
        ImageFiles files = MeasuredImages.Run(format, strategy).Locate(BenchRun.OperationsImage, count: false);
        int inEntryAndExit = Count(new KernelCode(files, KernelCode.EntryRegion).From("system_call_entry"), Mnemonic.Sysretq, Mnemonic.Iretd);
        int inHandler = Count(new KernelCode(files).From("KernelCallNothing"), Mnemonic.Ret, Mnemonic.Ret);
        BenchRecord call = (await MeasuredImages.MeasureAsync(format, strategy)).Single(static record => record.Name == "null-system-call");
        Assert.InRange(call.InterruptsOffInstructions ?? 0, inEntryAndExit + inHandler, inEntryAndExit + inHandler + MarkInstructions);

        static int Count(IEnumerable<Instruction> instructions, Mnemonic last, Mnemonic orLast)
        {
            int count = 0;
            foreach (Instruction instruction in instructions.Where(static instruction => instruction.Mnemonic != Mnemonic.Clac))
            {
                count++;
                if (instruction.Mnemonic == last || instruction.Mnemonic == orLast)
                {
                    break;
                }
            }

            return count;
        }
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
            name.Contains("EventCount", StringComparison.Ordinal) || name.Contains("EntryWriteCounter", StringComparison.Ordinal) || name.Contains("machine_measurement", StringComparison.Ordinal)
            || name.Contains("interrupts_off", StringComparison.Ordinal) || name.Contains("interrupts_went", StringComparison.Ordinal));
    }
}

// What a kind of stack must hold: its deepest path, with what interrupts may put on top.
//
// An interrupt comes where interrupts are on. Its handler lets others in at one place only, between two steps of a switch of threads, and those that come there switch to nobody
// (Scheduler.SwitchInSteps): so at most two lie on top of each other, and the second switches to nobody. A non-maskable interrupt comes anywhere; on IA-32 it takes the stack that it finds.
// Faults of the kernel's own code aren't counted: whoever overflows a stack with the report of one gets a double fault, which has a stack of its own.

using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>A kind of stack: what the image gives it and what it may take.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeInBytes">What it has.</param>
/// <param name="NeededBytes">What it may take at most.</param>
/// <param name="Deepest">The path that takes most.</param>
/// <param name="OnTopBytes">How much of the need interrupts take.</param>
/// <param name="Problems">What could not be followed; the need is one only if there is nothing.</param>
/// <param name="StateBytes">How much of the need lies above the stack's top: where a user thread's x87 and SSE state is kept.</param>
internal sealed record StackNeed(string Name, long SizeInBytes, long NeededBytes, StackPath Deepest, long OnTopBytes, IReadOnlyList<string> Problems, long StateBytes = 0)
{
    public const string KernelStack = "kernel stack of a thread";
    public const string UserStack = "user stack of a thread";
    public const string BootStack = "boot stack";
    public const string NonMaskableStack = "stack of non-maskable interrupts";
    public const string DebugStack = "stack of debug exceptions";
    public const string DoubleFaultStack = "stack of double faults";
    public const string EntryStack = "entry stack";
    public const string Landing = "landing of an exception";

    /// <summary>The needs of an image's stacks.</summary>
    /// <param name="paths">All paths.</param>
    /// <param name="letInBytes">What an interrupt takes at most that another one's handler has let in.</param>
    /// <param name="nesting">What keeps from knowing how many interrupts may lie on each other.</param>
    /// <param name="image">The image.</param>
    public static IReadOnlyList<StackNeed> Of(IReadOnlyList<StackPath> paths, long letInBytes, IReadOnlyList<string> nesting, LinkedImage image)
    {
        StackPath[] interrupts = [.. paths.Where(static path => path.Kind == StackPathKind.InterruptOfKernel && KernelEntries.IsInterrupt(path.Name))];
        long interrupt = interrupts.Select(static path => path.Deepest.Bytes).DefaultIfEmpty(0).Max();
        long letIn = interrupts.Select(static path => path.LetIn?.Bytes).Max() ?? 0;
        StackPath[] anywhere = [.. paths.Where(static path => path.Kind == StackPathKind.InterruptOfKernel && KernelEntries.ComesAnywhere(path.Name))];
        long onTop = Math.Max(interrupt, letIn == 0 ? 0 : letIn + letInBytes);
        long always = anywhere.Select(static path => path.Deepest.Bytes).DefaultIfEmpty(0).Max();
        string[] problems = [.. interrupts.Concat(anywhere).SelectMany(static path => path.Deepest.Problems), .. nesting];
        ImageRequest request = image.Request;
        long state = KernelConstants.Read(image.Kernel.Methods.Assemblies, "ProcessorState", "ByteCount");
        return
        [
            .. Need(
                KernelStack,
                (long)request.KernelStackPages * Region.PageSize,
                state,
                paths.Where(static path => path.Kind is StackPathKind.KernelThread or StackPathKind.SystemCall or StackPathKind.InterruptOfUser)),
            .. Need(BootStack, image.Kernel.Find(ImageLinker.BootStack)!.Size, 0, paths.Where(static path => path.Kind == StackPathKind.Boot)),
            .. SeparateNeed(NonMaskableStack, ExceptionStacks.NonMaskableSymbol, KernelEntries.NonMaskable),
            .. SeparateNeed(DebugStack, ExceptionStacks.DebugSymbol, KernelEntries.Debug),
            .. SeparateNeed(DoubleFaultStack, ExceptionStacks.DoubleFaultSymbol, KernelEntries.DoubleFault, KernelEntries.MachineCheck),
            .. EntryNeed(),
            .. LandingNeed(),
            .. UserNeed(),
        ];

        // Each vector also from user mode, and where it ends in a panic.
        IEnumerable<StackNeed> SeparateNeed(string name, string symbol, params int[] vectors) => image.Kernel.Find(symbol) is { } stack
            ? Need(name, stack.Size, 0, paths.Where(path => path.Kind == StackPathKind.SeparateStack && vectors.Any(vector => path.Name.Split(',')[0] == KernelEntries.NameOf(vector))))
            : [];

        IEnumerable<StackNeed> Need(string name, long size, long above, IEnumerable<StackPath> of)
        {
            StackPath[] own = [.. of];
            if (own.MaxBy(Total) is { } deepest)
            {
                yield return new StackNeed(
                    name,
                    size,
                    above + Total(deepest),
                    deepest,
                    Total(deepest) - Own(deepest),
                    [.. own.SelectMany(static path => path.Deepest.Problems).Concat(problems).Distinct()],
                    above);
            }
        }

        // Interrupts are off on it. What comes all the same may come on top of an entry and of each other, each once.
        IEnumerable<StackNeed> EntryNeed()
        {
            StackPath[] own = [.. paths.Where(static path => path.Kind == StackPathKind.EntryStack)];
            StackPath[] top = [.. paths.Where(static path => path.Kind == StackPathKind.EntryStackTop)];
            if (own.MaxBy(static path => path.Deepest.Bytes) is { } deepest)
            {
                long onTop = top.Sum(static path => path.Deepest.Bytes);
                yield return new StackNeed(
                    EntryStack,
                    Distance(image, KernelEntries.EntryStack, KernelEntries.EntryStackEnd),
                    deepest.Deepest.Bytes + onTop,
                    deepest,
                    onTop,
                    [.. own.Concat(top).SelectMany(static path => path.Deepest.Problems.Concat(Interrupted(path))).Distinct()]);
            }
        }

        IEnumerable<StackNeed> LandingNeed()
        {
            StackPath[] own = [.. paths.Where(static path => path.Kind == StackPathKind.Landing)];
            if (own.MaxBy(static path => path.Deepest.Bytes) is { } deepest)
            {
                yield return new StackNeed(
                    Landing,
                    Distance(image, "entry_debug_landing_start", "entry_debug_landing"),
                    deepest.Deepest.Bytes,
                    deepest,
                    0,
                    [.. own.SelectMany(static path => path.Deepest.Problems.Concat(Interrupted(path))).Distinct()]);
            }
        }

        static IEnumerable<string> Interrupted(StackPath path) =>
            path.Interruptible is null && path.LetIn is null ? [] : [$"{path.Name}: interrupts are on where no stack for them is"];

        IEnumerable<StackNeed> UserNeed()
        {
            StackPath[] own = [.. paths.Where(static path => path.Kind == StackPathKind.UserThread)];
            if (own.MaxBy(static path => path.Deepest.Bytes) is { } deepest)
            {
                yield return new StackNeed(
                    UserStack,
                    (long)request.UserStackPages * Region.PageSize,
                    deepest.Deepest.Bytes,
                    deepest,
                    0,
                    [.. own.SelectMany(static path => path.Deepest.Problems.Select(problem => $"{path.Owner}: {problem}")).Distinct()]);
            }
        }

        // Uninterrupted, interrupted, and interrupted between two steps of a switch.
        (long Own, long OnTop) Worst(StackPath path) => new[]
        {
            (path.Deepest.Bytes, 0L),
            (path.Interruptible?.Bytes ?? 0, path.Interruptible is null ? 0 : onTop),
            (path.LetIn?.Bytes ?? 0, path.LetIn is null ? 0 : letInBytes),
        }.MaxBy(static parts => parts.Item1 + parts.Item2);
        long Own(StackPath path) => Worst(path).Own;
        long Total(StackPath path) => Own(path) + Worst(path).OnTop + always;
    }

    private static long Distance(LinkedImage image, string start, string end) =>
        (long)(KernelEntries.Find(image.Kernel, end)!.Address - KernelEntries.Find(image.Kernel, start)!.Address);
}

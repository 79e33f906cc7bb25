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
internal sealed record StackNeed(string Name, long SizeInBytes, long NeededBytes, StackPath Deepest, long OnTopBytes, IReadOnlyList<string> Problems)
{
    public const string KernelStack = "kernel stack of a thread";
    public const string UserStack = "user stack of a thread";
    public const string BootStack = "boot stack";
    public const string SeparateStack = "stack of an exception";

    /// <summary>The needs of an image's stacks.</summary>
    /// <param name="paths">All paths.</param>
    /// <param name="letInBytes">What an interrupt takes at most that another one's handler has let in.</param>
    /// <param name="nesting">What keeps from knowing how many interrupts may lie on each other.</param>
    /// <param name="image">The image.</param>
    public static IReadOnlyList<StackNeed> Of(IReadOnlyList<StackPath> paths, long letInBytes, IReadOnlyList<string> nesting, LinkedImage image)
    {
        StackPath[] interrupts = [.. paths.Where(static path => path.Kind == StackPathKind.InterruptOfKernel && KernelEntries.IsInterrupt(path.Name))];
        long interrupt = interrupts.Select(static path => path.Deepest.Bytes).DefaultIfEmpty(0).Max();
        long letIn = interrupts.Select(static path => path.Interruptible?.Bytes).Max() ?? 0;
        StackPath[] anywhere = [.. paths.Where(static path => path.Kind == StackPathKind.InterruptOfKernel && KernelEntries.ComesAnywhere(path.Name))];
        long onTop = Math.Max(interrupt, letIn == 0 ? 0 : letIn + letInBytes);
        long always = anywhere.Select(static path => path.Deepest.Bytes).DefaultIfEmpty(0).Max();
        string[] problems = [.. interrupts.Concat(anywhere).SelectMany(static path => path.Deepest.Problems), .. nesting];
        ImageRequest request = image.Request;
        return
        [
            .. Need(KernelStack, (long)request.KernelStackPages * Region.PageSize, StackPathKind.KernelThread, StackPathKind.SystemCall, StackPathKind.InterruptOfUser),
            .. Need(BootStack, image.Kernel.Find(ImageLinker.BootStack)!.Size, StackPathKind.Boot),
            .. Need(SeparateStack, SeparateStackBytes(image), StackPathKind.SeparateStack),
            .. UserNeed(),
        ];

        IEnumerable<StackNeed> Need(string name, long size, params StackPathKind[] kinds)
        {
            StackPath[] own = [.. paths.Where(path => kinds.Contains(path.Kind))];
            if (own.MaxBy(Total) is { } deepest)
            {
                yield return new StackNeed(
                    name, size, Total(deepest), deepest, Total(deepest) - Own(deepest), [.. own.SelectMany(static path => path.Deepest.Problems).Concat(problems).Distinct()]);
            }
        }

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

        bool IsInterruptedDeepest(StackPath path) => path.Interruptible is { } on && on.Bytes + onTop > path.Deepest.Bytes;
        long Own(StackPath path) => IsInterruptedDeepest(path) ? path.Interruptible!.Bytes : path.Deepest.Bytes;
        long Total(StackPath path) => Own(path) + (IsInterruptedDeepest(path) ? onTop : 0) + always;
    }

    private static long SeparateStackBytes(LinkedImage image)
    {
        bool is64 = image.Request.Format.Is64Bit();
        string constant = is64 ? "InterruptStackWordCount" : "DoubleFaultStackWordCount";
        return (long)KernelConstants.Read(image.Kernel.Methods.Assemblies, "DescriptorTables", constant) * image.Request.Format.PointerSize();
    }
}

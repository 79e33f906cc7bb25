// What the analysis means for the image: stacks of the size that they need, or a refusal of stacks that are too small.

using System.Globalization;
using Ringfence.ImageBuilder.Linking;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Sizes the stacks of an image.</summary>
internal static class StackSizing
{
    private const int StackStep = 16;
    private const int MaximumKernelStackPages = 16;
    private const int MaximumUserStackPages = 64;

    /// <summary>
    /// The request with stacks of the right size: the same one if they have it. Throws where stacks are to be sized by analysis and one has no bound, and where they are declared and one can overflow.
    /// </summary>
    public static ImageRequest Apply(ImageRequest request, IReadOnlyList<StackNeed> needs)
    {
        ProjectFile file = new(request.Project);
        List<Diagnostic> problems = [];
        int kernelPages = Pages(StackNeed.KernelStack, "RingfenceKernelStackPages", request.KernelStackPages, MaximumKernelStackPages);
        int userPages = Pages(StackNeed.UserStack, "RingfenceUserStackPages", request.UserStackPages, MaximumUserStackPages);

        // These have the size that the kernel's sources give them.
        problems.AddRange(needs
            .Where(need => need.Name is StackNeed.EntryStack or StackNeed.Landing && need.Problems.Count == 0 && need.NeededBytes > need.SizeInBytes && request.SmallStacksReason.Length == 0)
            .Select(static need => new Diagnostic("RF2033", LinkScope.KernelOwner, $"The {need.Name} has {need.SizeInBytes} bytes, and may take {Describe(need)}")));

        // Nobody declares this one, so it grows by itself. It doesn't shrink: what is beyond the need is for the report of a fault of the kernel's own.
        int? bootBytes = needs.FirstOrDefault(static need => need.Name == StackNeed.BootStack) is { Problems.Count: 0 } boot && boot.NeededBytes > boot.SizeInBytes
            ? RoundUp(boot.NeededBytes)
            : request.BootStackBytes;
        return problems.Count == 0
            ? request with { KernelStackPages = kernelPages, UserStackPages = userPages, BootStackBytes = bootBytes, ExceptionStacks = OfExceptions(request, needs) }
            : throw new BuildFailedException(problems);

        int Pages(string stack, string property, int declared, int largest)
        {
            if (needs.FirstOrDefault(need => need.Name == stack) is not { } need)
            {
                return declared;
            }

            int pages = (int)((need.NeededBytes + Region.PageSize - 1) / Region.PageSize);
            if (request.StackSizes == StackSizes.Analysed)
            {
                problems.AddRange(need.Problems.Select(problem => file.Blame(
                    "RingfenceStackSizes", "RF2032", $"RingfenceStackSizes is 'analysed', and nothing bounds the {stack}: {problem}")));
                if (pages > largest)
                {
                    problems.Add(file.Blame("RingfenceStackSizes", "RF2033", $"The {stack} may take {Describe(need)}: {pages} pages; allowed: up to {largest}"));
                }

                return Math.Max(1, pages);
            }

            if (pages > declared && need.Problems.Count == 0 && request.SmallStacksReason.Length == 0)
            {
                problems.Add(file.Blame(property, "RF2033", $"{property} is '{declared}', and the {stack} may take {Describe(need)}: {pages} pages"));
            }

            return declared;
        }
    }

    // Nobody declares these either.
    private static ExceptionStacks OfExceptions(ImageRequest request, IReadOnlyList<StackNeed> needs)
    {
        ExceptionStacks usual = ExceptionStacks.Usual(request.Format);
        return new ExceptionStacks(
            Bytes(StackNeed.NonMaskableStack, usual.NonMaskable), Bytes(StackNeed.DebugStack, usual.Debug), Bytes(StackNeed.DoubleFaultStack, usual.DoubleFault));

        int Bytes(string stack, int otherwise) => needs.FirstOrDefault(need => need.Name == stack) is { Problems.Count: 0 } need ? RoundUp(need.NeededBytes) : otherwise;
    }

    private static int RoundUp(long bytes) => (int)(bytes + StackStep - 1) / StackStep * StackStep;

    private static string Describe(StackNeed need) => string.Create(
        CultureInfo.InvariantCulture,
        $"{need.NeededBytes} bytes, {(need.OnTopBytes == 0 ? "" : $"{need.OnTopBytes} of them for interrupts, ")}in {need.Deepest.Owner}, {need.Deepest.Name}, {need.Deepest.Deepest.Chain[^1].Name}");
}

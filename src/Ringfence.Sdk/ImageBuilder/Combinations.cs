// Settings that are each allowed and can't be had together. Each is refused with the reason, before anything is compiled.

namespace Ringfence.ImageBuilder;

/// <summary>What an image may not ask for at once.</summary>
internal static class Combinations
{
    private const string Code = "RF2024";

    /// <summary>Everything that is asked for and not supported together.</summary>
    public static IEnumerable<Diagnostic> Refuse(ImageRequest request)
    {
        ProjectFile project = new(request.Project);
        string strategy = $"RingfenceStrategy '{request.Strategy.Name()}'";
        if (request.Kpti && !request.Strategy.HasRootPerDomain())
        {
            string reason = request.Strategy == TableStrategy.Common ? "there is one set of tables and the kernel is in it" : "there is one root and the kernel is below it";
            yield return project.Blame(
                "RingfenceKpti",
                Code,
                $"RingfenceKpti is 'true'; supported with {strategy}: false, because {reason}; per-domain and shared-subtree have a root without the kernel for each domain");
        }

        if (request.Processors > 1)
        {
            string reason = request.Strategy switch
            {
                TableStrategy.Common => "the one set of tables grants what the one thread that runs may do, and two processors run two",
                TableStrategy.LeafLink => "below the one root are linked the leaf tables of the one thread that runs, and two processors run two",
                _ => "no flush reaches the translation cache of another processor, and the kernel starts none",
            };
            yield return project.Blame("RingfenceProcessors", Code, $"RingfenceProcessors is '{request.Processors}'; supported with {strategy}: 1, because {reason}");
        }

        if (request.RequireNoExecute && request.Format == ImageFormat.Ia32)
        {
            yield return project.Blame(
                "RingfenceRequireNoExecute",
                Code,
                "RingfenceRequireNoExecute is 'true'; supported with RingfenceFormat 'ia32': false, because two-level paging has no execute-disable bit and what can be read can be executed; pae and x86-64 have one");
        }
    }
}

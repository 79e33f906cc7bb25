// What a strategy's obligations become on the world's processor, with the mistakes that can be made about them.

using Ringfence.Domains;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Equivalence;

/// <content>The processor's side.</content>
internal sealed partial class LockstepWorld<TFormat, TStrategy, TTables>
{
    /// <summary>The root on which user mode is entered next.</summary>
    private sealed class NotedRoot
    {
        public PhysicalAddress Root { get; set; }
    }

    /// <summary>Flushes that were asked for.</summary>
    private sealed class CostCounter
    {
        public int Pages { get; set; }

        public int Whole { get; set; }

        public int Roots { get; set; }
    }

    // What may be granted the model has decided.
    private readonly struct AnythingMap : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages) => GrantObstacle.None;
    }

    /// <summary>The processor as a strategy's obligations reach it; a kernel on a set of its own notes the root, loads it on the way out, and flushes nothing before.</summary>
    private readonly struct StrategyCache(AdversarialMmu processor, bool notesRoot, NotedRoot userRoot, MistakeMaker mistakes, bool isDestroying, CostCounter counter) : ITranslationCache
    {
        public void FlushPage(PageNumber page)
        {
            counter.Pages++;
            if (!notesRoot && !mistakes.Happens(StrategyMistake.FlushLeftOut))
            {
                processor.FlushPage(page.Address.Value);
            }
        }

        public void FlushAll()
        {
            counter.Whole++;
            bool isLeftOut = isDestroying && mistakes.Happens(StrategyMistake.DestroyedWhileLoaded);
            if (!notesRoot && !isLeftOut && !mistakes.Happens(StrategyMistake.FlushLeftOut))
            {
                processor.LoadCr3(processor.Cache.Cr3);
            }
        }

        public void LoadRoot(PhysicalAddress root)
        {
            counter.Roots++;
            if (mistakes.Happens(StrategyMistake.RootLoadLeftOut) || (isDestroying && mistakes.Happens(StrategyMistake.DestroyedWhileLoaded)))
            {
                return;
            }

            userRoot.Root = root;
            if (!notesRoot)
            {
                processor.LoadCr3(root.Value);
            }
        }
    }
}

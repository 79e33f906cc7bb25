// What a strategy's obligations become on the world's processor, with the mistakes that can be made about them.

using System.Collections.Generic;
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

        /// <summary>The same under contexts, with what the exit is to forget, for a kernel on a set of its own.</summary>
        public ContextRoot OfExit { get; set; }

        /// <summary>The set that was last loaded under each number of a context; the default value if it is no more.</summary>
        public Dictionary<int, PhysicalAddress> RootsOfContexts { get; } = [];

        /// <summary>A set is destroyed: another one may get its root and its number.</summary>
        public void Forget(PhysicalAddress root)
        {
            foreach (int context in RootsOfContexts.Keys)
            {
                RootsOfContexts[context] = RootsOfContexts[context] == root ? default : RootsOfContexts[context];
            }
        }
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
            if (notesRoot)
            {
                ForgetAtExit();
            }
            else if (!mistakes.Happens(StrategyMistake.FlushLeftOut))
            {
                processor.FlushPage(page.Address.Value);
            }
        }

        public void FlushAll()
        {
            counter.Whole++;
            bool isLeftOut = isDestroying && mistakes.Happens(StrategyMistake.DestroyedWhileLoaded);
            if (notesRoot)
            {
                ForgetAtExit();
            }
            else if (!isLeftOut && !mistakes.Happens(StrategyMistake.FlushLeftOut))
            {
                processor.LoadCr3(processor.Cache.Cr3);
            }
        }

        public void LoadRoot(TableAddress root)
        {
            counter.Roots++;
            if (mistakes.Happens(StrategyMistake.RootLoadLeftOut) || (isDestroying && mistakes.Happens(StrategyMistake.DestroyedWhileLoaded)))
            {
                return;
            }

            userRoot.Root = new PhysicalAddress(root.Value);
            if (!notesRoot)
            {
                processor.LoadCr3(root.Value);
            }
        }

        public void LoadContext(ContextRoot root)
        {
            counter.Roots++;
            if (mistakes.Happens(StrategyMistake.RootLoadLeftOut) || (isDestroying && mistakes.Happens(StrategyMistake.DestroyedWhileLoaded)))
            {
                return;
            }

            bool isNumberUsed = userRoot.RootsOfContexts.TryGetValue(root.Context, out PhysicalAddress before);
            StrategyMistake mistake = before != root.Root ? StrategyMistake.ContextNumberReused : StrategyMistake.KeptOutOfDate;
            bool keeps = root.KeepsTranslations || (isNumberUsed && mistakes.Happens(mistake));
            userRoot.RootsOfContexts[root.Context] = root.Root;
            userRoot.Root = root.Root;
            ContextRoot loaded = keeps ? root.Keeping : root;
            if (!notesRoot)
            {
                processor.LoadCr3(loaded.Control3);
                return;
            }

            // No exit will do what the set before still owes.
            if (!userRoot.OfExit.KeepsTranslations && !mistakes.Happens(StrategyMistake.NotedFlushLost))
            {
                processor.FlushEveryContext();
            }

            userRoot.OfExit = loaded;
        }

        public void FlushEveryContext()
        {
            counter.Whole++;
            if (mistakes.Happens(StrategyMistake.FlushLeftOut))
            {
                return;
            }

            if (mistakes.Happens(StrategyMistake.OtherContextsForgotten))
            {
                processor.LoadCr3(processor.Cache.Cr3);
            }
            else
            {
                processor.FlushEveryContext();
            }
        }

        private void ForgetAtExit()
        {
            if (userRoot.OfExit.Control3 != 0 && !mistakes.Happens(StrategyMistake.FlushLeftOut))
            {
                userRoot.OfExit = userRoot.OfExit.Forgetting;
            }
        }
    }
}

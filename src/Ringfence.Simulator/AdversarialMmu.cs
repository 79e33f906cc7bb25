// A whole processor for tests: the strict MMU, which carries out accesses, beside the set of all that its caches may hold meanwhile.

using System.Collections.Generic;

namespace Ringfence.Simulator;

/// <summary>A strict MMU and an adversarial cache on one memory, with the instructions applied to both.</summary>
public sealed class AdversarialMmu
{
    /// <summary>Watches the memory of this processor from now on.</summary>
    public AdversarialMmu(StrictMmu mmu)
    {
        Strict = mmu;
        Cache = new AdversarialCache(mmu.Memory, TableGeometry.For(mmu.Settings.Mode), mmu.Settings);
    }

    /// <summary>The processor without the cache.</summary>
    public StrictMmu Strict { get; }

    /// <summary>Everything that may be cached.</summary>
    public AdversarialCache Cache { get; }

    /// <summary>Pages flushed one by one so far.</summary>
    public int FlushPageCount { get; private set; }

    /// <summary>Whole flushes so far.</summary>
    public int FlushAllCount { get; private set; }

    /// <summary>MOV to CR3: see <see cref="AdversarialCache.WriteCr3"/>.</summary>
    public bool LoadCr3(ulong value)
    {
        if (!Strict.LoadCr3(value) || !Cache.WriteCr3(value))
        {
            return false;
        }

        FlushAllCount++;
        return true;
    }

    /// <summary>INVLPG: see <see cref="AdversarialCache.InvalidatePage"/>.</summary>
    public void FlushPage(ulong linear)
    {
        FlushPageCount++;
        Cache.InvalidatePage(linear);
    }

    /// <summary>INVPCID of all contexts, or a change of CR4.PGE: see <see cref="AdversarialCache.InvalidateContext"/>.</summary>
    public void FlushEveryContext()
    {
        FlushAllCount++;
        Cache.InvalidateContext(ContextInvalidation.AllWithGlobal, context: 0, linear: 0);
    }

    /// <summary>Every translation that may be used for an access to this address.</summary>
    public IReadOnlyList<CachedTranslation> Held(ulong linear) => Cache.Held(linear);

    /// <summary>Whether some behaviour lets the access through.</summary>
    public bool MaySucceed(MemoryAccess access) => Cache.MaySucceed(access);

    /// <summary>Whether the access reaches one frame under every behaviour, if a fault is followed by one retry.</summary>
    public bool MustSucceedWithRetry(MemoryAccess access) => Cache.MustSucceedWithRetry(access);

    /// <summary>Whether the access reaches one frame under every behaviour at the first attempt.</summary>
    public bool MustSucceedWithoutRetry(MemoryAccess access) => Cache.MustSucceedWithoutRetry(access);
}

// The verdict on an edit: the law of the program under test against everything that the processor may hold.

namespace Ringfence.Simulator;

/// <summary>What the program's user code may do at this instant, page by page.</summary>
public interface IAccessLaw
{
    /// <summary>Whether user code may make an access to a page.</summary>
    /// <param name="pageAddress">The linear address of the page's first byte.</param>
    /// <param name="kind">The kind of access.</param>
    /// <param name="frameAddress">If it may: the frame that it must reach.</param>
    bool AllowsUser(ulong pageAddress, AccessKind kind, out ulong frameAddress);
}

/// <summary>How the law is broken.</summary>
public enum LawBreachKind
{
    /// <summary>Under some behaviour a forbidden access succeeds.</summary>
    ForbiddenAccessSucceeds,

    /// <summary>Under some behaviour an allowed access reaches a frame that isn't the one it must reach.</summary>
    WrongFrame,

    /// <summary>An allowed access faults again when it is retried after a fault.</summary>
    AllowedAccessFails,
}

/// <summary>One breach of the law.</summary>
/// <param name="Kind">How.</param>
/// <param name="PageAddress">The linear address of the page.</param>
/// <param name="Access">The user access in question.</param>
/// <param name="FrameAddress">The frame that it reaches; of no meaning if it fails.</param>
public readonly record struct LawBreach(LawBreachKind Kind, ulong PageAddress, AccessKind Access, ulong FrameAddress);

/// <summary>Looks for breaches.</summary>
public static class LawJudge
{
    private const ulong PageByteCount = 4096;

    /// <summary>
    /// Looks at every translation that may be used now, wherever it lies: none may let user code do what the law forbids or reach another frame than the law says.
    /// </summary>
    /// <returns>A breach, or null.</returns>
    public static LawBreach? FindExcess<TLaw>(AdversarialCache cache, TLaw law)
        where TLaw : IAccessLaw
    {
        foreach ((ulong linear, ulong byteCount, CachedTranslation translation) in cache.UsableTranslations())
        {
            for (ulong offset = 0; translation.User && offset < byteCount; offset += PageByteCount)
            {
                ulong page = cache.Geometry.Restore(linear + offset);
                ulong frame = translation.FrameAddress + offset;
                for (AccessKind kind = AccessKind.Read; kind <= AccessKind.Fetch; kind++)
                {
                    if (!translation.Allows(new MemoryAccess(page, kind, IsUser: true), cache.Settings))
                    {
                        continue;
                    }

                    if (!law.AllowsUser(page, kind, out ulong lawfulFrame))
                    {
                        return new LawBreach(LawBreachKind.ForbiddenAccessSucceeds, page, kind, frame);
                    }

                    if (frame != lawfulFrame)
                    {
                        return new LawBreach(LawBreachKind.WrongFrame, page, kind, frame);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Looks at so many pages: what the law allows must succeed under every behaviour, after one retry at most. Together with <see cref="FindExcess"/> this is the
    /// law in both directions.
    /// </summary>
    /// <returns>A breach, or null.</returns>
    public static LawBreach? FindLack<TLaw>(AdversarialCache cache, TLaw law, ulong firstPageAddress, int pageCount)
        where TLaw : IAccessLaw
    {
        for (int index = 0; index < pageCount; index++)
        {
            ulong page = firstPageAddress + ((ulong)index * PageByteCount);
            for (AccessKind kind = AccessKind.Read; kind <= AccessKind.Fetch; kind++)
            {
                if (law.AllowsUser(page, kind, out _) && !cache.MustSucceedWithRetry(new MemoryAccess(page, kind, IsUser: true)))
                {
                    return new LawBreach(LawBreachKind.AllowedAccessFails, page, kind, 0);
                }
            }
        }

        return null;
    }
}

// How the kernel changes what user mode runs on when it runs on tables of its own (KPTI).

#if KPTI
using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Machine;

/// <summary>
/// The translations that user mode uses, seen from a kernel that has its own tables. Nothing has to be flushed at once: every exit to user mode writes CR3 with the user's root, and without PCID and
/// global pages that forgets all that the processor held of either set (Intel SDM vol. 3A 4.10.4.1). Under contexts it forgets what is held under the number of user mode's set if that is noted, and nothing otherwise.
/// The guest's UserSetTests fail if an exit left the write out.
/// </summary>
public readonly struct UserTranslationCache : ITranslationCache
{
    /// <summary>Notes that the next exit is to forget what user mode's set held.</summary>
    public void FlushPage(PageNumber page) => FlushAll();

    /// <inheritdoc cref="FlushPage"/>
    public void FlushAll()
    {
#if FORMAT_X86_64
        EntryData.UserRoot = (nuint)new ContextRoot(EntryData.UserRoot).Forgetting.Control3;
#endif
    }

    /// <summary>Notes the root for the next exit, and erases what threads of the domain before have left in entry data.</summary>
    public void LoadRoot(TableAddress root) => EntryData.SetUserRoot(root.Value);

    /// <summary>The same with the root of a context. What was noted for the set before, and no exit has forgotten yet, is forgotten now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void LoadContext(ContextRoot root)
    {
#if FORMAT_X86_64
        if (!new ContextRoot(EntryData.UserRoot).KeepsTranslations)
        {
            ProcessContexts.ForgetAll();
        }

#endif
        EntryData.SetUserRoot((nuint)root.Control3);
    }

    /// <summary>Forgets what is held of every set, the kernel's own included, at once.</summary>
    public void FlushEveryContext()
    {
#if FORMAT_X86_64
        ProcessContexts.ForgetAll();
#endif
    }

    /// <summary>The root that the next exit loads.</summary>
    public static PhysicalAddress NotedRoot =>
#if FORMAT_X86_64
        new ContextRoot(EntryData.UserRoot).Root;
#else
        new(EntryData.UserRoot);
#endif
}
#endif

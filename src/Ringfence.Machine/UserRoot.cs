// How the kernel changes what user mode runs on when it runs on tables of its own (KPTI).

#if KPTI
using Ringfence.Paging;

namespace Ringfence.Machine;

/// <summary>
/// The translations that user mode uses, seen from a kernel that has its own tables. Nothing has to be flushed: every exit to user mode writes CR3 with the user's root, and without PCID and
/// global pages that forgets all that the processor held of either set (Intel SDM vol. 3A 4.10.4.1). The guest's UserSetTests fail if an exit left the write out.
/// </summary>
public readonly struct UserTranslationCache : ITranslationCache
{
    /// <inheritdoc/>
    public void FlushPage(PageNumber page)
    {
    }

    /// <inheritdoc/>
    public void FlushAll()
    {
    }

    /// <summary>Notes the root for the next exit, and erases what threads of the domain before have left in entry data.</summary>
    public void LoadRoot(PhysicalAddress root) => EntryData.SetUserRoot((nuint)root.Value);

    /// <summary>The root that the next exit loads.</summary>
    public static PhysicalAddress NotedRoot => new(EntryData.UserRoot);
}
#endif

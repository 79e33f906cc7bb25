// The processor side of a flush, behind an interface so that the same obligation can be carried out on metal and in a simulator.

namespace Ringfence.Paging;

/// <summary>Invalidates cached translations of the processor it runs on.</summary>
public interface ITranslationCache
{
    /// <summary>
    /// Forgets the translations of one page and all paging-structure cache entries (INVLPG, Intel SDM vol. 3A 4.10.4.1).
    /// </summary>
    void FlushPage(PageNumber page);

    /// <summary>
    /// Forgets all translations except global ones, and all paging-structure cache entries, by writing CR3 with its own value. With PAE
    /// this also reloads the four directory-pointer registers (Intel SDM vol. 3A 4.4.1, 4.10.4.1).
    /// </summary>
    void FlushAll();

    /// <summary>
    /// Makes another set of tables the one that is walked, by writing CR3 with its root. Without PCID that forgets whatever <see cref="FlushAll"/> forgets (Intel SDM vol. 3A 4.10.4.1). A kernel that
    /// runs on tables of its own notes the root and loads it on the way to user mode, which is when it counts.
    /// </summary>
    void LoadRoot(TableAddress root);

    /// <summary>
    /// Makes another set of tables the one that is walked, under the number of its context, by writing CR3 with <see cref="ContextRoot.Control3"/>. Forgets what is held under that number, unless it says that
    /// it may stay; then it forgets nothing (Intel SDM vol. 3A 4.10.4.1). Asked for only where a caller uses contexts.
    /// </summary>
    void LoadContext(ContextRoot root);

    /// <summary>
    /// Forgets all translations and paging-structure cache entries under whatever number, by INVPCID or by a change of CR4.PGE (Intel SDM vol. 3A 4.10.4.1). Asked for only where a caller uses contexts.
    /// </summary>
    void FlushEveryContext();
}

// The switch that needs no look: there is none where one set is everybody's.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>Returning to a thread.</content>
public partial struct CommonTableStrategy<TFormat, TMemory>
{
    /// <inheritdoc/>
    public readonly bool TryReturnTo<TCache>(ref NoDomainTables tables, nuint thread, ref TCache cache)
        where TCache : struct, ITranslationCache => false;

    /// <inheritdoc/>
    public readonly void NoteReady(ref NoDomainTables tables, nuint thread)
    {
    }
}

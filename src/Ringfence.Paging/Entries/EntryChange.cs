// What became of one entry, which is all that an obligation is computed from.

namespace Ringfence.Paging;

/// <summary>What the edit of one leaf did, and what follows for translations that a processor may hold.</summary>
public enum EntryChange : byte
{
    /// <summary>The live rights are as before.</summary>
    Unchanged,

    /// <summary>They changed, and nothing that a processor may hold does harm.</summary>
    Harmless,

    /// <summary>They changed, and a translation that a processor may hold must go.</summary>
    MustFlush,

    /// <summary>The entry is not present; it was left alone.</summary>
    NotPresent,
}

// A set that is loaded where translations belong to numbered contexts (PCID): what CR3 is given then is more than the address of a table.

namespace Ringfence.Paging;

/// <summary>
/// What is written into CR3 while CR4.PCIDE is set (Intel SDM vol. 3A 4.10.1, 4.10.4.1): the root, the number of the context that its translations are kept under, and whether those that the processor
/// holds under this number stay. Those of other numbers always stay.
/// </summary>
public readonly struct ContextRoot
{
    /// <summary>The highest number of a context.</summary>
    public const int ContextLimit = 0xFFF;

    private const ulong RootMask = 0x000F_FFFF_FFFF_F000;
    private const int KeepsTranslationsBit = 63;

    /// <summary>A set under a number.</summary>
    /// <param name="root">The root of the set, not 0; on a frame's first byte.</param>
    /// <param name="context">The number, 0 to <see cref="ContextLimit"/>.</param>
    /// <param name="keepsTranslations">Whether all that the processor may hold under this number is what the set gives, so that it may stay.</param>
    public ContextRoot(PhysicalAddress root, int context, bool keepsTranslations) =>
        Control3 = root.Value | (ulong)(uint)(context & ContextLimit) | (keepsTranslations ? 1ul << KeepsTranslationsBit : 0);

    /// <summary>What CR3 holds, or is given: every value is one of this type.</summary>
    public ContextRoot(ulong control3) => Control3 = control3;

    /// <summary>The operand of the MOV to CR3.</summary>
    public ulong Control3 { get; }

    /// <summary>The root of the set.</summary>
    public PhysicalAddress Root => new(Control3 & RootMask);

    /// <summary>The number of the context.</summary>
    public int Context => (int)(Control3 & ContextLimit);

    /// <summary>Whether the translations under this number stay.</summary>
    public bool KeepsTranslations => Control3 >> KeepsTranslationsBit != 0;

    /// <summary>The same set, with the translations under its number kept.</summary>
    public ContextRoot Keeping => new(Control3 | (1ul << KeepsTranslationsBit));

    /// <summary>The same set, with the translations under its number forgotten.</summary>
    public ContextRoot Forgetting => new(Control3 & ~(1ul << KeepsTranslationsBit));
}

// What a range edit writes into the rights bits of each leaf, worked out once before the run instead of once an entry.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>The new value of a leaf's rights bits: fixed, or taken from the base rights that the leaf itself remembers.</summary>
public readonly struct RightsTarget
{
    private RightsTarget(ulong mask, ulong bits, bool fromBase)
    {
        Mask = mask;
        Bits = bits;
        FromBase = fromBase;
    }

    /// <summary>The bits of the entry that get a new value.</summary>
    public ulong Mask { get; }

    /// <summary>Their new value; no other bits are set in it.</summary>
    public ulong Bits { get; }

    /// <summary>Whether the live bits come from the entry's own base bits instead.</summary>
    public bool FromBase { get; }

    /// <summary>These live rights; the base rights stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightsTarget Live<TFormat>(LeafRights rights)
        where TFormat : struct, IPagingFormat =>
        new(EntryRights.LiveMask<TFormat>(), EntryRights.Live<TFormat>(rights), false);

    /// <summary>These rights, live and base.</summary>
    public static RightsTarget LiveAndBase<TFormat>(LeafRights rights)
        where TFormat : struct, IPagingFormat =>
        new(EntryRights.LiveMask<TFormat>() | EntryBits.Base, EntryRights.Live<TFormat>(rights) | EntryRights.Base(rights), false);

    /// <summary>The base rights of each leaf.</summary>
    public static RightsTarget Base => new(0, 0, true);
}

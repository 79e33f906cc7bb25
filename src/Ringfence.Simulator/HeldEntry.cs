// One thing that a processor may hold in its caches: a translation, or an upper entry. A value, so that a whole state can be copied and compared.

using System;
using System.Runtime.CompilerServices;

namespace Ringfence.Simulator;

/// <summary>Properties of a held entry, rights of all levels above combined.</summary>
[Flags]
internal enum HeldTraits : byte
{
    /// <summary>An upper entry that gives nothing.</summary>
    None = 0,

    /// <summary>R/W is 1 at every level so far.</summary>
    Writable = 1,

    /// <summary>U/S is 1 at every level so far.</summary>
    User = 2,

    /// <summary>XD is 1 at some level so far, and obeyed.</summary>
    ExecuteDisable = 4,

    /// <summary>G of a translation.</summary>
    Global = 8,

    /// <summary>D of a translation: a write through it leaves memory alone.</summary>
    Dirty = 16,

    /// <summary>A translation; without it an upper entry.</summary>
    Translation = 32,
}

/// <summary>For each level, lowest first, the address of the entry used there divided by 4; 0 where none was.</summary>
[InlineArray(LevelLimit)]
internal struct SourcePath
{
    /// <summary>The most levels that any geometry has.</summary>
    public const int LevelLimit = 5;

    private uint _first;
}

/// <summary>A TLB entry or an entry of a paging-structure cache (Intel SDM vol. 3A 4.10.2 and 4.10.3).</summary>
internal struct HeldEntry
{
    /// <summary>The context of translations that any PCID may use.</summary>
    public const ushort GlobalContext = ushort.MaxValue;

    /// <summary>The lowest address that it serves, stripped of bits that take no part in translation.</summary>
    public ulong Linear;

    /// <summary>Physical address of the page, or of the next lower table.</summary>
    public ulong Target;

    /// <summary>The PCID, or <see cref="GlobalContext"/>.</summary>
    public ushort Context;

    /// <summary>The level of the entry that it was read from, the lowest being 1.</summary>
    public byte Level;

    /// <summary>Rights and kind.</summary>
    public HeldTraits Traits;

    /// <summary>A bit a level, lowest first: A of the source at that level may have been cleared after the fill, so finding it clear proves nothing.</summary>
    public byte AccessedLost;

    /// <summary>The entries that it was made from. All zero when nothing depends on them.</summary>
    public SourcePath Sources;

    /// <summary>Whether it is a translation.</summary>
    public readonly bool IsTranslation => (Traits & HeldTraits.Translation) != 0;

    /// <summary>The entry that it was itself read from, divided by 4.</summary>
    public readonly uint OwnSource => Level <= SourcePath.LevelLimit ? Sources[Level - 1] : 0;

    /// <summary>Equal in all but <see cref="AccessedLost"/>.</summary>
    public readonly bool IsSameAs(in HeldEntry other) =>
        Linear == other.Linear
        && Target == other.Target
        && Context == other.Context
        && Level == other.Level
        && Traits == other.Traits
        && ((ReadOnlySpan<uint>)Sources).SequenceEqual(other.Sources);

    /// <summary>A total order, so that a set has one way to be written down.</summary>
    public readonly int CompareTo(in HeldEntry other)
    {
        int order = Linear.CompareTo(other.Linear);
        order = order != 0 ? order : Level.CompareTo(other.Level);
        order = order != 0 ? order : Context.CompareTo(other.Context);
        order = order != 0 ? order : Target.CompareTo(other.Target);
        order = order != 0 ? order : ((byte)Traits).CompareTo((byte)other.Traits);
        order = order != 0 ? order : AccessedLost.CompareTo(other.AccessedLost);
        return order != 0 ? order : ((ReadOnlySpan<uint>)Sources).SequenceCompareTo(other.Sources);
    }
}

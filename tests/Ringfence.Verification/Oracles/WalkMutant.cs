// The strict page walk with one bit of its beliefs wrong. If the comparison of the oracles let one of them pass, it would let the same mistake pass in the real one.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Simulator;

namespace Ringfence.Verification.Oracles;

/// <summary>A walk with one bit of one mask inverted.</summary>
/// <param name="Mode">The paging mode.</param>
/// <param name="Level">The level of the mask, 1 for a PTE; 0 for CR3.</param>
/// <param name="Mask">The name of the mask.</param>
/// <param name="Bit">The number of the bit.</param>
/// <param name="Structures">What the walk believes.</param>
public sealed record WalkMutant(PagingMode Mode, int Level, string Mask, int Bit, PagingStructures Structures)
{
    // A table is one page, so the offset of an entry has twelve bits.
    private const int OffsetBitCount = 12;

    // A distance or a bit's number, below 64.
    private const int NumberBitCount = 6;

    private static readonly Field[] s_fields =
    [
        new(nameof(EntryMasks.IndexShift), static masks => (ulong)masks.IndexShift, static (masks, value) => masks with { IndexShift = (int)value })
        {
            BitCount = NumberBitCount,
        },
        new(nameof(EntryMasks.Index), static masks => masks.Index, static (masks, value) => masks with { Index = value }) { BitCount = OffsetBitCount },
        new(nameof(EntryMasks.Present), static masks => masks.Present, static (masks, value) => masks with { Present = value }),
        new(nameof(EntryMasks.Writable), static masks => masks.Writable, static (masks, value) => masks with { Writable = value }),
        new(nameof(EntryMasks.User), static masks => masks.User, static (masks, value) => masks with { User = value }),
        new(nameof(EntryMasks.ExecuteDisable), static masks => masks.ExecuteDisable, static (masks, value) => masks with { ExecuteDisable = value }),
        new(nameof(EntryMasks.Accessed), static masks => masks.Accessed, static (masks, value) => masks with { Accessed = value }),
        new(nameof(EntryMasks.Reserved), static masks => masks.Reserved, static (masks, value) => masks with { Reserved = value }),
        new(
            nameof(EntryMasks.HighestReservedBit),
            static masks => (ulong)masks.HighestReservedBit,
            static (masks, value) => masks with { HighestReservedBit = (int)value })
        {
            BitCount = NumberBitCount,
            ExistsAt = static (_, masks) => masks.HighestReservedBit != 0,
        },
        new(nameof(EntryMasks.TableAddress), static masks => masks.TableAddress, static (masks, value) => masks with { TableAddress = value })
        {
            ExistsAt = static (level, _) => level > 1,
        },
        new(nameof(EntryMasks.Size), static masks => masks.Size, static (masks, value) => masks with { Size = value })
        {
            ExistsAt = static (level, _) => level > 1,
        },
        new(nameof(EntryMasks.Dirty), static masks => masks.Dirty, static (masks, value) => masks with { Dirty = value }) { ExistsAt = MapsPages },
        new(nameof(EntryMasks.Global), static masks => masks.Global, static (masks, value) => masks with { Global = value }) { ExistsAt = MapsPages },
        new(nameof(EntryMasks.PageAddress), static masks => masks.PageAddress, static (masks, value) => masks with { PageAddress = value }) { ExistsAt = MapsPages },
        new(nameof(EntryMasks.PageOffset), static masks => masks.PageOffset, static (masks, value) => masks with { PageOffset = value })
        {
            IsOfLinearAddress = true,
            ExistsAt = MapsPages,
        },
        new(nameof(EntryMasks.HighPageAddress), static masks => masks.HighPageAddress, static (masks, value) => masks with { HighPageAddress = value })
        {
            ExistsAt = static (_, masks) => masks.HighPageAddress != 0,
        },
        new(nameof(EntryMasks.ReservedInLargePage), static masks => masks.ReservedInLargePage, static (masks, value) => masks with { ReservedInLargePage = value })
        {
            ExistsAt = static (level, masks) => level > 1 && MapsPages(level, masks),
        },
    ];

    /// <summary>Every single-bit mutation of everything that a walk believes about CR3 and entries.</summary>
    public static IEnumerable<WalkMutant> All() => Enum.GetValues<PagingMode>().SelectMany(Of);

    /// <inheritdoc/>
    public override string ToString() => $"{Mode} level {Level} {Mask} bit {Bit}";

    private static IEnumerable<WalkMutant> Of(PagingMode mode)
    {
        PagingStructures sound = PagingStructures.Of(mode);
        int registerBits = mode >= PagingMode.FourLevel ? 64 : 32;
        for (int bit = 0; bit < registerBits; bit++)
        {
            yield return new WalkMutant(mode, 0, nameof(PagingStructures.RootAddress), bit, sound with { RootAddress = sound.RootAddress ^ (1ul << bit) });
        }

        for (int level = 1; level <= sound.Levels.Length; level++)
        {
            EntryMasks masks = sound.Levels[level - 1];
            foreach (Field field in s_fields.Where(field => field.ExistsAt(level, masks)))
            {
                int bitCount = field.BitCount != 0 ? field.BitCount : field.IsOfLinearAddress ? registerBits : 8 * sound.EntryByteCount;
                for (int bit = 0; bit < bitCount; bit++)
                {
                    EntryMasks wrong = field.With(masks, field.Get(masks) ^ (1ul << bit));
                    yield return new WalkMutant(mode, level, field.Name, bit, sound.WithLevel(level, wrong));
                }
            }
        }
    }

    private static bool MapsPages(int level, EntryMasks masks) => masks.PageAddress != 0;

    /// <summary>One mask, and where there is one.</summary>
    private sealed record Field(string Name, Func<EntryMasks, ulong> Get, Func<EntryMasks, ulong, EntryMasks> With)
    {
        /// <summary>How many bits can be inverted; 0 for as many as an entry has.</summary>
        public int BitCount { get; init; }

        /// <summary>Whether it is a mask of a linear address and not of an entry.</summary>
        public bool IsOfLinearAddress { get; init; }

        /// <summary>Whether a level has it.</summary>
        public Func<int, EntryMasks, bool> ExistsAt { get; init; } = static (_, _) => true;
    }
}

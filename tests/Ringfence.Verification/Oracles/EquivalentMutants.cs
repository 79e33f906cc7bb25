// Mutants of the page walk that no access can notice, each with the reason. The list is held against the run both ways: one that is missing fails it, and so does one
// that is noticed all the same.

using System.Linq;
using Ringfence.Simulator;

namespace Ringfence.Verification.Oracles;

/// <summary>The list.</summary>
internal static class EquivalentMutants
{
    private const ulong Bit0 = 0x1;
    private const ulong Bit5 = 0x20;
    private const ulong Bit7 = 0x80;
    private const ulong Bit21 = 0x20_0000;
    private const ulong Bits20To13 = 0x1F_E000;
    private const ulong Bits29To13 = 0x3FFF_E000;
    private const ulong Bits62To52 = 0x7FF0_0000_0000_0000;
    private const ulong Bits63To52 = 0xFFF0_0000_0000_0000;

    // Bits 1, 2 and 5 to 8, and from 52 up.
    private const ulong ReservedInRegister = 0x1E6 | Bits63To52;

    private static readonly PagingMode[] s_everyMode = [PagingMode.ThirtyTwoBit, PagingMode.Pae, PagingMode.FourLevel, PagingMode.FiveLevel];
    private static readonly PagingMode[] s_wideModes = [PagingMode.Pae, PagingMode.FourLevel, PagingMode.FiveLevel];
    private static readonly PagingMode[] s_longModes = [PagingMode.FourLevel, PagingMode.FiveLevel];
    private static readonly PagingMode[] s_narrow = [PagingMode.ThirtyTwoBit];
    private static readonly PagingMode[] s_pae = [PagingMode.Pae];

    private static readonly Row[] s_rows =
    [
        new("the walk is past P when it asks: the bit is set", s_everyMode, [1, 2, 3, 4, 5], [nameof(EntryMasks.Writable), nameof(EntryMasks.User)], Bit0),
        new("A and D are set in present entries only: the bit is set", s_everyMode, [1, 2, 3, 4, 5], [nameof(EntryMasks.Accessed), nameof(EntryMasks.Dirty)], Bit0),
        new("D is never set without A: the bit is set", s_everyMode, [1, 2, 3], [nameof(EntryMasks.Dirty)], Bit5),
        new("D is set in an entry above the last level only if that maps a page: the bit is set", s_everyMode, [2, 3], [nameof(EntryMasks.Dirty)], Bit7),
        new("an entry with the bit maps a page, and links no table", s_wideModes, [2], [nameof(EntryMasks.TableAddress)], Bit7),
        new("an entry with the bit maps a page or faults, and links no table", s_longModes, [3], [nameof(EntryMasks.TableAddress)], Bit7),
        new(
            "an entry with the bit faults before this is asked",
            s_longModes,
            [4, 5],
            [nameof(EntryMasks.ExecuteDisable), nameof(EntryMasks.Size), nameof(EntryMasks.TableAddress)],
            Bit7),
        new("a large page with the bit faults before this is asked", s_wideModes, [2], [nameof(EntryMasks.Global), nameof(EntryMasks.PageAddress)], Bits20To13),
        new("a large page with the bit faults before this is asked", s_longModes, [3], [nameof(EntryMasks.Global), nameof(EntryMasks.PageAddress)], Bits29To13),
        new(
            "a large page with the bit faults before this is asked",
            s_narrow,
            [2],
            [nameof(EntryMasks.Global), nameof(EntryMasks.PageAddress), nameof(EntryMasks.HighPageAddress)],
            Bit21),
        new(
            "an entry with the bit faults before this is asked, or at the same time",
            s_pae,
            [1, 2],
            [
                nameof(EntryMasks.ExecuteDisable), nameof(EntryMasks.Global), nameof(EntryMasks.PageAddress), nameof(EntryMasks.TableAddress), nameof(EntryMasks.Size),
                nameof(EntryMasks.ReservedInLargePage),
            ],
            Bits62To52),
        new("the bit is reserved by MAXPHYADDR, whatever that is", s_pae, [1, 2], [nameof(EntryMasks.Reserved)], Bits62To52),
        new("the bit is reserved by MAXPHYADDR, whatever that is", s_pae, [3], [nameof(EntryMasks.Reserved)], Bits63To52),
        new(
            "no register is loaded with the bit",
            s_pae,
            [3],
            [nameof(EntryMasks.ExecuteDisable), nameof(EntryMasks.Size), nameof(EntryMasks.TableAddress)],
            ReservedInRegister),
        new("the number of a register is the offset without its three low bits", s_pae, [3], [nameof(EntryMasks.Index)], 0x7),
        new("a linear address has 32 bits: what is shifted to here is 0", s_pae, [3], [nameof(EntryMasks.Index)], 0xFE0),
        new("CR3 is not loaded with the bit", s_longModes, [0], [nameof(PagingStructures.RootAddress)], Bits63To52),
    ];

    /// <summary>Why a mutant can't be noticed; null if it must be.</summary>
    public static string? ReasonOf(WalkMutant mutant) => s_rows.FirstOrDefault(row => row.Covers(mutant))?.Reason;

    /// <summary>The same bits of some masks at some levels, for one reason.</summary>
    private sealed record Row(string Reason, PagingMode[] Modes, int[] Levels, string[] Masks, ulong Bits)
    {
        public bool Covers(WalkMutant mutant) =>
            Modes.Contains(mutant.Mode) && Levels.Contains(mutant.Level) && Masks.Contains(mutant.Mask) && ((Bits >> mutant.Bit) & 1) != 0;
    }
}

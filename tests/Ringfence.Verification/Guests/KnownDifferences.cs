// What emulators are known to do otherwise than the Intel SDM, vol. 3A, says. Every entry is tested by every run: one that no longer occurs must go.

using System.Collections.Generic;
using Ringfence.Emulation;

namespace Ringfence.Verification.Guests;

/// <summary>The lists, one an emulator.</summary>
public static class KnownDifferences
{
    private const string ImplicitReadWithAlignmentCheck = "implicit-read-AC";

    /// <summary>QEMU's own translator (TCG), version 7.2.</summary>
    public static IReadOnlyList<KnownDifference> Qemu { get; } =
    [
        new()
        {
            Difference = "code-lacks-P",
            Formats = GuestFormat.All,
            Endings = ["reserved"],
            Extent = DifferenceExtent.Whole,
            Reason = "the error code of a fault by a reserved bit has RSVD and lacks P, which is set whenever the fault is not by an absent page (4.7)",
        },
        new()
        {
            Difference = "succeeded",
            Formats = GuestFormat.All,
            Endings = ["denied"],
            Accesses = [ImplicitReadWithAlignmentCheck],
            Extent = DifferenceExtent.Whole,
            Reason = "EFLAGS.AC opens SMAP for accesses that the processor makes by itself, too, if CPL is below 3; the manual lets it open explicit ones only (4.6.1)",
        },
        new()
        {
            Difference = "accessed-set-{level}",
            Formats = GuestFormat.All,
            Endings = ["denied"],
            Accesses = [ImplicitReadWithAlignmentCheck],
            Extent = DifferenceExtent.Part,
            Reason = "the same: what succeeds sets A, where it was clear",
        },
        new()
        {
            Difference = "accessed-set-3",
            Formats = [GuestFormat.X8664],
            Endings = ["denied", "reserved"],
            Levels = [3],
            Extent = DifferenceExtent.Part,
            Reason = "A of an entry that maps 1 GiB is set before its rights and the reserved bits below its address are looked at; the manual sets it for what is translated (4.8)",
        },
        new()
        {
            Difference = "accessed-set-3",
            Formats = [GuestFormat.Pae],
            Endings = ["done", "absent", "denied", "reserved"],
            Levels = [1, 2],
            Extent = DifferenceExtent.Whole,
            Reason = "A is set in directory-pointer entries, where bit 5 is reserved: they are read from memory at every walk and treated like any entry (4.4.1)",
        },
        new()
        {
            Difference = "root-accepted",
            Formats = [GuestFormat.Pae],
            Endings = ["load-fault"],
            Extent = DifferenceExtent.Whole,
            Reason = "MOV to CR3 doesn't look at the directory-pointer entries, and so doesn't refuse reserved bits in them (4.4.1)",
        },
        HeldByQemu("faulted", "an entry cleared in memory ends the translation at once"),
        HeldByQemu("succeeded", "an entry set in memory begins to translate at once"),
        HeldByQemu("accessed-clear-1", "what faults sets no A"),
        HeldByQemu("accessed-clear-2", "what faults sets no A"),
        HeldByQemu("accessed-set-1", "what succeeds sets A"),
        HeldByQemu("accessed-set-2", "what succeeds sets A"),
        HeldByQemu("accessed-set-3", "what succeeds sets A, even in the directory-pointer entry"),
        HeldByQemu("dirty-clear-1", "what faults sets no D"),
        HeldByQemu("dirty-set-1", "what succeeds sets D"),
        BeyondWidthInQemu("succeeded", "so an access that the rights allow reaches an address that the processor doesn't have"),
        BeyondWidthInQemu("code-lacks-RSVD", "so an access is denied only by its rights"),
        BeyondWidthInQemu("accessed-set-2", "so what succeeds sets A"),
        BeyondWidthInQemu("dirty-set-2", "so what succeeds sets D"),
    ];

    /// <summary>Bochs, version 2.7.</summary>
    public static IReadOnlyList<KnownDifference> Bochs { get; } =
    [
        new()
        {
            Difference = "succeeded",
            Formats = GuestFormat.All,
            Endings = ["denied"],
            Accesses = [ImplicitReadWithAlignmentCheck],
            Extent = DifferenceExtent.Whole,
            Reason = "EFLAGS.AC opens SMAP for accesses that the processor makes by itself, too; the manual lets it open explicit ones only (4.6.1)",
        },
        new()
        {
            Difference = "accessed-set-{level}",
            Formats = GuestFormat.All,
            Endings = ["denied"],
            Accesses = [ImplicitReadWithAlignmentCheck],
            Extent = DifferenceExtent.Part,
            Reason = "the same: what succeeds sets A, where it was clear",
        },
    ];

    private static KnownDifference HeldByQemu(string difference, string consequence) => new()
    {
        Difference = difference,
        Formats = [GuestFormat.Pae],
        Endings = ["held"],
        Extent = DifferenceExtent.Part,
        Reason = $"there are no directory-pointer registers: the entries are read from memory at every walk (4.4.1), so {consequence}",
    };

    private static KnownDifference BeyondWidthInQemu(string difference, string consequence) => new()
    {
        Difference = difference,
        Formats = [GuestFormat.Ia32],
        Endings = ["beyond-width"],
        Extent = DifferenceExtent.Part,
        Reason = $"address bits of a 4 MiB page beyond the physical-address width are not taken for reserved (table 4-4), {consequence}",
    };
}

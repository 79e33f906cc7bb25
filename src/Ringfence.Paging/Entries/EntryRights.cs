// The translation between the closed set of rights and the bits of an entry, in one place for all formats.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Encodes and decodes rights; the format contributes only its execute-disable bit (0 where it has none).</summary>
public static class EntryRights
{
    // From the flag "execute" to the bit with the opposite meaning.
    internal const int ExecuteFlagToDisableShift = 60;

    /// <summary>The bits that decide the live rights of a leaf in this format.</summary>
    public static ulong LiveMask<TFormat>()
        where TFormat : struct, IPagingFormat =>
        EntryBits.Writable | EntryBits.User | TFormat.ExecuteDisableBit;

    /// <summary>The live bits for these rights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Live<TFormat>(LeafRights rights)
        where TFormat : struct, IPagingFormat =>
        Live(rights, TFormat.ExecuteDisableBit);

    /// <summary>The live bits for these rights where execution is withheld by this bit, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Live(LeafRights rights, ulong executeDisableBit) =>
        (ulong)(rights.Flags & (uint)(EntryBits.Writable | EntryBits.User))
        | (((ulong)~(uint)rights.Flags << ExecuteFlagToDisableShift) & executeDisableBit);

    /// <summary>The base bits for these rights.</summary>
    public static ulong Base(LeafRights rights) => (ulong)rights.Flags << EntryBits.BaseShift;

    /// <summary>
    /// The live rights that an entry's bits stand for. On a format without execute-disable, read and read-execute have the same bits:
    /// the answer is read-execute, and a writable leaf is answered as read-write although the processor executes from it.
    /// </summary>
    public static LeafRights DecodeLive<TFormat>(ulong entry)
        where TFormat : struct, IPagingFormat =>
        LeafRights.FromFlagsPreferringWrite(
            (entry & EntryBits.User) != 0, (entry & EntryBits.Writable) != 0, (entry & TFormat.ExecuteDisableBit) == 0);

    /// <summary>The base rights that an entry remembers; exact on every format.</summary>
    public static LeafRights DecodeBase(ulong entry) =>
        LeafRights.FromFlagsPreferringWrite(
            (entry & EntryBits.BaseUser) != 0, (entry & EntryBits.BaseWritable) != 0, (entry & EntryBits.BaseExecutable) != 0);
}

// Every bit of an entry by name, used or not (Intel SDM vol. 3A tables 4-5, 4-6, 4-8 to 4-11 and 4-14 to 4-20).

namespace Ringfence.Paging;

/// <summary>The bits that the three formats have in common, and the three software bits in which a leaf remembers its base rights.</summary>
public static class EntryBits
{
    /// <summary>Bit 0, P: the entry is in use.</summary>
    public const ulong Present = 1ul << 0;

    /// <summary>Bit 1, R/W: writes are allowed.</summary>
    public const ulong Writable = 1ul << 1;

    /// <summary>Bit 2, U/S: user-mode accesses are allowed.</summary>
    public const ulong User = 1ul << 2;

    /// <summary>Bit 3, PWT. Always 0: write-back everywhere.</summary>
    public const ulong WriteThrough = 1ul << 3;

    /// <summary>Bit 4, PCD. Always 0: write-back everywhere.</summary>
    public const ulong CacheDisable = 1ul << 4;

    /// <summary>Bit 5, A: set by the processor when it uses the entry.</summary>
    public const ulong Accessed = 1ul << 5;

    /// <summary>Bit 6, D: set by the processor when it writes through a leaf; ignored in an upper entry.</summary>
    public const ulong Dirty = 1ul << 6;

    /// <summary>Bit 7 of an upper entry, PS: the entry is itself a leaf, of a large page.</summary>
    public const ulong LargePage = 1ul << 7;

    /// <summary>Bit 7 of a 4 KiB leaf, PAT. Always 0.</summary>
    public const ulong PageAttributeTable = 1ul << 7;

    /// <summary>Bit 12 of a large leaf, PAT. Always 0.</summary>
    public const ulong LargePageAttributeTable = 1ul << 12;

    /// <summary>Bit 8, G. Always 0: no page that can be granted may survive a CR3 write.</summary>
    public const ulong Global = 1ul << 8;

    /// <summary>Bit 9 of a leaf, ignored by the processor: the base rights include writing.</summary>
    public const ulong BaseWritable = 1ul << 9;

    /// <summary>Bit 9 of a link, ignored by the processor: the table below belongs to another set, which alone edits and frees it.</summary>
    public const ulong SharedTable = 1ul << 9;

    /// <summary>Bit 10 of a leaf, ignored by the processor: the base rights include user mode.</summary>
    public const ulong BaseUser = 1ul << 10;

    /// <summary>Bit 11 of a leaf, ignored by the processor: the base rights include executing.</summary>
    public const ulong BaseExecutable = 1ul << 11;

    /// <summary>Bits 52 to 58 of a 64-bit entry, ignored by the processor. Always 0.</summary>
    public const ulong Unused52To58 = 0x7Ful << 52;

    /// <summary>Bits 59 to 62 of a 4-level leaf, the protection key where the processor has them, else ignored. Always 0; reserved with PAE.</summary>
    public const ulong ProtectionKey = 0xFul << 59;

    /// <summary>Bit 63 of a 64-bit entry, XD: instruction fetches are not allowed.</summary>
    public const ulong ExecuteDisable = 1ul << 63;

    /// <summary>The three bits that hold the base rights.</summary>
    public const ulong Base = BaseWritable | BaseUser | BaseExecutable;

    /// <summary>Base bits stand this many positions above the live bits with the same meaning.</summary>
    internal const int BaseShift = 8;

    /// <summary>From <see cref="BaseExecutable"/> to <see cref="ExecuteDisable"/>, which has the opposite meaning.</summary>
    internal const int BaseExecutableToDisableShift = 52;
}

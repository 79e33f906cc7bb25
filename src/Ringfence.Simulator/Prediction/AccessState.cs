// One case of the access matrix as one integer. An access test counts through such integers: what is built, what is predicted and what is reported all come
// from the same bits.

namespace Ringfence.Simulator.Prediction;

/// <summary>
/// The flags of every entry on the way to one page, the processor's control bits, and the access.
/// <code>
///   bits  2:0    the access            (Probe)
///   bits  8:3    control bits          (Conditions)
///   bits 53:9    nine bits a level     (EntryTraits), level 1 lowest
///   bits 59:54   number of one more bit that is inverted in one entry
///   bits 62:60   the level of that entry; 0 for none
/// </code>
/// </summary>
/// <param name="bits">The integer.</param>
public readonly struct AccessState(ulong bits)
{
    /// <summary>Distance of the flags of one level from those of the next.</summary>
    internal const int LevelStride = 9;

    private const int ConditionShift = 3;
    private const int LevelShift = 9;
    private const int ExtraBitShift = 54;
    private const int ExtraLevelShift = 60;
    private const ulong FlagsOfOneLevel = 0x1FF;

    /// <summary>The integer.</summary>
    public ulong Bits { get; } = bits;

    /// <summary>The access.</summary>
    public Probe Probe => (Probe)(int)(Bits & 7);

    /// <summary>The control bits.</summary>
    public Conditions Conditions => (Conditions)(int)((Bits >> ConditionShift) & 0x3F);

    /// <summary>Probe and control bits together, as one number below 512: what can change without a change of the tables.</summary>
    public int Circumstances => (int)(Bits & 0x1FF);

    /// <summary>The flags of all levels, <see cref="LevelStride"/> bits each, level 1 lowest.</summary>
    internal ulong AllFlags => (Bits >> LevelShift) & 0x1FFF_FFFF_FFFF;

    /// <summary>The level whose entry has <see cref="ExtraBit"/> inverted; 0 if none has.</summary>
    public int ExtraLevel => (int)(Bits >> ExtraLevelShift) & 7;

    /// <summary>The number of the bit that is inverted; of no meaning without <see cref="ExtraLevel"/>.</summary>
    public int ExtraBit => (int)(Bits >> ExtraBitShift) & 0x3F;

    /// <summary>The flags of one entry.</summary>
    /// <param name="level">1 for a PTE.</param>
    public EntryTraits Flags(int level) => (EntryTraits)(int)((Bits >> (LevelShift + (LevelStride * (level - 1)))) & FlagsOfOneLevel);

    /// <summary>The same state with other flags in one entry.</summary>
    /// <param name="level">1 for a PTE.</param>
    /// <param name="flags">Its flags.</param>
    public AccessState WithFlags(int level, EntryTraits flags)
    {
        int shift = LevelShift + (LevelStride * (level - 1));
        return new AccessState((Bits & ~(FlagsOfOneLevel << shift)) | ((ulong)(uint)flags << shift));
    }

    /// <summary>The same tables under other control bits, with another access.</summary>
    /// <param name="conditions">The control bits.</param>
    /// <param name="probe">The access.</param>
    public AccessState With(Conditions conditions, Probe probe) =>
        new((Bits & ~0x1FFul) | ((ulong)(uint)conditions << ConditionShift) | (ulong)(uint)probe);

    /// <summary>The same state with one more bit inverted in one entry.</summary>
    /// <param name="level">The entry's level; 0 for none.</param>
    /// <param name="bit">The number of the bit.</param>
    public AccessState WithExtraBit(int level, int bit) =>
        new((Bits & 0x003F_FFFF_FFFF_FFFF) | ((ulong)(uint)bit << ExtraBitShift) | ((ulong)(uint)level << ExtraLevelShift));

    /// <summary>Every entry open to everything, a user read, all control bits clear.</summary>
    /// <param name="processor">Gives the format.</param>
    public static AccessState Open(PredictedProcessor processor)
    {
        AccessState state = default;
        for (int level = 1; level <= processor.LevelCount; level++)
        {
            state = state.WithFlags(level, processor.OpenFlags(level));
        }

        return state;
    }
}

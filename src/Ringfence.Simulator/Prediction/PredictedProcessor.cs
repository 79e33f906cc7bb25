// The processor that a state runs on: what doesn't change within a run.

namespace Ringfence.Simulator.Prediction;

/// <summary>A processor in one paging format.</summary>
/// <param name="format">The paging format.</param>
/// <param name="physicalAddressBits">MAXPHYADDR, 32 to 52. In IA-32, 32 also stands for a processor without PSE-36.</param>
/// <param name="hasGibibytePages">Whether 1 GiB pages exist (CPUID.80000001H:EDX bit 26); of no meaning outside 4-level and 5-level paging.</param>
public readonly struct PredictedProcessor(TableFormat format, int physicalAddressBits, bool hasGibibytePages)
{
    /// <summary>The paging format.</summary>
    public TableFormat Format { get; } = format;

    /// <summary>MAXPHYADDR.</summary>
    public int PhysicalAddressBits { get; } = physicalAddressBits;

    /// <summary>Whether an entry of level 3 can map a page.</summary>
    public bool HasGibibytePages { get; } = hasGibibytePages && format >= TableFormat.FourLevel;

    /// <summary>Levels of entries; in PAE the directory-pointer registers are level 3.</summary>
    public int LevelCount => Format switch
    {
        TableFormat.Ia32 => 2,
        TableFormat.Pae => 3,
        TableFormat.FourLevel => 4,
        _ => 5,
    };

    /// <summary>Bits of an entry.</summary>
    public int EntryBitCount => Format == TableFormat.Ia32 ? 32 : 64;

    /// <summary>Conditions of one entry that the format has.</summary>
    public EntryTraits MeaningfulFlags => Format == TableFormat.Ia32 ? (EntryTraits)0x1FF & ~EntryTraits.ExecuteDisable : (EntryTraits)0x1FF;

    /// <summary>Control bits that are a condition in the format.</summary>
    public Conditions MeaningfulConditions => Format == TableFormat.Ia32 ? (Conditions)0x3F : (Conditions)0x1F;

    /// <summary>The low bits of a linear address that the page of a leaf at this level doesn't translate.</summary>
    /// <param name="level">1 for a PTE.</param>
    public int PageShift(int level) => Format == TableFormat.Ia32 ? 2 + (10 * level) : 3 + (9 * level);

    /// <summary>The flags of an entry that allows everything and stops nothing.</summary>
    /// <param name="level">1 for a PTE.</param>
    public EntryTraits OpenFlags(int level) =>
        Format == TableFormat.Pae && level == 3 ? EntryTraits.Present : EntryTraits.Present | EntryTraits.Writable | EntryTraits.User;

    /// <summary>Whether PS at this level makes a leaf of the entry.</summary>
    /// <param name="level">1 for a PTE.</param>
    /// <param name="conditions">CR4.PSE is asked for in IA-32.</param>
    public bool CanBeLarge(int level, Conditions conditions) => level switch
    {
        2 => Format != TableFormat.Ia32 || (conditions & Conditions.PageSizeExtensions) != 0,
        3 => HasGibibytePages,
        _ => false,
    };
}

// Which states are compared: quickly, as part of the tests; and in full, by command.

using System.Collections.Generic;
using System.Linq;
using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

/// <summary>The blocks of the runs.</summary>
public static class OracleBlocks
{
    private const int FullPowers = 4;
    private const int FastPowers = 2;

    // Processors that differ in what the walk must know of them: widths at which every kind of reserved bit begins, 1 GiB pages and none.
    private static readonly (int PhysicalAddressBits, bool HasGibibytePages)[] s_variants = [(52, true), (40, true), (36, false), (32, false)];

    /// <summary>The processor whose states are counted, for each format.</summary>
    public static IEnumerable<PredictedProcessor> MainProcessors { get; } =
    [
        new(TableFormat.Ia32, 36, hasGibibytePages: false),
        new(TableFormat.Pae, 40, hasGibibytePages: false),
        new(TableFormat.FourLevel, 40, hasGibibytePages: true),
        new(TableFormat.FiveLevel, 40, hasGibibytePages: true),
    ];

    /// <summary>
    /// Every pair of levels in full (of IA-32 that is all there is), all rights of all levels, every single bit, and a covering array of strength 9 over everything.
    /// What is in two of these is counted once.
    /// </summary>
    public static IEnumerable<StateBlock> Full() => MainProcessors.SelectMany(Full);

    /// <summary>Every processor and both placements; levels one at a time, single bits, and a covering array of strength 5.</summary>
    public static IEnumerable<StateBlock> Fast()
    {
        foreach (TableFormat format in new[] { TableFormat.Ia32, TableFormat.Pae, TableFormat.FourLevel, TableFormat.FiveLevel })
        {
            foreach (StateBlock block in Fast(format))
            {
                yield return block;
            }
        }
    }

    /// <summary>The part of <see cref="Fast()"/> for one format.</summary>
    public static IEnumerable<StateBlock> Fast(TableFormat format)
    {
        foreach ((int width, bool hasGibibytePages) in s_variants)
        {
            PredictedProcessor processor = new(format, width, hasGibibytePages);
            foreach (bool isComplement in new[] { false, true })
            {
                yield return new FamilyBlock(processor, isComplement, StateFamily.SingleBits);
                yield return new FamilyBlock(processor, isComplement, StateFamily.Pairs, new StateSpace(processor, StateFamily.Pairs).OneLevelTableCount);
                yield return new CoveringBlock(processor, isComplement, FastPowers);
            }
        }
    }

    /// <summary>All rights of all levels, for all formats but 5-level paging, which has eight times as many as 4-level paging.</summary>
    public static IEnumerable<StateBlock> FastRights() =>
        MainProcessors.Where(static processor => processor.Format != TableFormat.FiveLevel)
            .Select(static processor => new FamilyBlock(processor, IsComplement: false, StateFamily.Rights));

    private static IEnumerable<StateBlock> Full(PredictedProcessor processor)
    {
        yield return new FamilyBlock(processor, IsComplement: false, StateFamily.SingleBits);
        yield return new FamilyBlock(processor, IsComplement: false, StateFamily.Pairs);
        yield return new FamilyBlock(processor, IsComplement: false, StateFamily.Rights);
        if (processor.Format != TableFormat.Ia32)
        {
            yield return new CoveringBlock(processor, IsComplement: false, FullPowers);
        }
    }
}

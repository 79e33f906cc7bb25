// Runs every mutant of the strict page walk against the predictor, and holds those that pass against the list of those that must.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Simulator;
using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

/// <summary>A mutant that nothing can notice, and why.</summary>
/// <param name="Name">What was changed.</param>
/// <param name="Reason">Why no access can tell.</param>
public sealed record ExplainedSurvivor(string Name, string Reason);

/// <summary>What became of the mutants.</summary>
/// <param name="Total">How many there are.</param>
/// <param name="Killed">How many were noticed.</param>
/// <param name="Explained">Those that were not, and can't be.</param>
/// <param name="Unexplained">Those that were not and should have been: holes in the comparison.</param>
/// <param name="Refuted">Those that were noticed although the list says that they can't be.</param>
public sealed record MutationScore(
    int Total, int Killed, IReadOnlyList<ExplainedSurvivor> Explained, IReadOnlyList<string> Unexplained, IReadOnlyList<string> Refuted)
{
    /// <summary>Whether each mutant was noticed or is explained, and no explanation is wrong.</summary>
    public bool Holds => Unexplained.Count == 0 && Refuted.Count == 0;
}

/// <summary>The mutants of the strict page walk.</summary>
public static class WalkMutation
{
    // Enough to tell every flag of an entry from its absence. What further control bits do is no matter of the masks, and the covering array has them all.
    private static readonly Conditions[] s_conditions =
    [
        Conditions.PageSizeExtensions | Conditions.WriteProtect | Conditions.NoExecuteEnable,
        Conditions.PageSizeExtensions,
    ];

    /// <summary>Runs all mutants, on all processors of the host.</summary>
    public static MutationScore Run(CancellationToken cancellationToken)
    {
        Dictionary<TableFormat, Battery> batteries = Enum.GetValues<TableFormat>().ToDictionary(static format => format, static format => new Battery(format));
        List<WalkMutant> mutants = [.. WalkMutant.All()];
        ConcurrentBag<WalkMutant> survivors = [];
        Parallel.ForEach(mutants, new ParallelOptions { CancellationToken = cancellationToken }, mutant =>
        {
            if (!batteries[FormatOf(mutant.Mode)].Notices(mutant))
            {
                survivors.Add(mutant);
            }
        });

        HashSet<WalkMutant> survived = [.. survivors];
        List<WalkMutant> inOrder = [.. mutants.Where(survived.Contains)];
        return new MutationScore(
            mutants.Count,
            mutants.Count - inOrder.Count,
            [.. inOrder.Where(static mutant => EquivalentMutants.ReasonOf(mutant) is not null)
                .Select(static mutant => new ExplainedSurvivor(mutant.ToString(), EquivalentMutants.ReasonOf(mutant)!))],
            [.. inOrder.Where(static mutant => EquivalentMutants.ReasonOf(mutant) is null).Select(static mutant => mutant.ToString())],
            [.. mutants.Where(mutant => !survived.Contains(mutant) && EquivalentMutants.ReasonOf(mutant) is not null).Select(static mutant => mutant.ToString())]);
    }

    private static TableFormat FormatOf(PagingMode mode) => mode switch
    {
        PagingMode.ThirtyTwoBit => TableFormat.Ia32,
        PagingMode.Pae => TableFormat.Pae,
        PagingMode.FourLevel => TableFormat.FourLevel,
        _ => TableFormat.FiveLevel,
    };

    /// <summary>States of the fast run of one format, those at which a mutant is most likely to be noticed first.</summary>
    private sealed class Battery
    {
        private readonly List<Host> _hosts = [];

        public Battery(TableFormat format)
        {
            foreach (IGrouping<(PredictedProcessor Processor, bool IsComplement), StateBlock> blocks in
                OracleBlocks.Fast(format).GroupBy(static block => (block.Processor, block.IsComplement)))
            {
                List<AccessState> tables = [.. blocks.OfType<FamilyBlock>().SelectMany(static block => block.Tables())];
                _hosts.Add(new Host(
                    blocks.Key.Processor,
                    blocks.Key.IsComplement,
                    tables,
                    tables.Where(static state => state.ExtraLevel != 0).ToLookup(static state => (state.ExtraLevel, state.ExtraBit)),
                    [.. blocks.OfType<CoveringBlock>()]));
            }
        }

        public bool Notices(WalkMutant mutant)
        {
            try
            {
                return _hosts.Any(host => Differs(mutant, host, host.SingleBits[(mutant.Level, mutant.Bit)].Prepend(AccessState.Open(host.Processor))))
                    || _hosts.Any(host => Differs(mutant, host, host.Tables))
                    || _hosts.Any(host => host.Covering.Any(block => block.Compare(Comparison(mutant, host), 0, block.Length, out _) is not null));
            }
            catch (Exception outside) when (outside is ArgumentOutOfRangeException or IndexOutOfRangeException)
            {
                // The walk left memory, or asked for a register that doesn't exist.
                return true;
            }
        }

        private static OracleComparison Comparison(WalkMutant mutant, Host host) =>
            new(new Placement(host.Processor, host.IsComplement), mutant.Structures);

        private static bool Differs(WalkMutant mutant, Host host, IEnumerable<AccessState> tables)
        {
            OracleComparison comparison = Comparison(mutant, host);
            return tables.Any(state => s_conditions.Any(
                conditions => comparison.CompareProbes(state, conditions & host.Processor.MeaningfulConditions, compareTranslation: true) is not null));
        }

        private sealed record Host(
            PredictedProcessor Processor,
            bool IsComplement,
            List<AccessState> Tables,
            ILookup<(int Level, int Bit), AccessState> SingleBits,
            List<CoveringBlock> Covering);
    }
}

// Runs programs by their seeds, and shortens one that goes wrong.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Domains;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Equivalence;

/// <summary>What was done.</summary>
/// <param name="OperationCount">Operations.</param>
/// <param name="ReturnCount">Returns to user mode that were judged, on each strategy.</param>
/// <param name="RefusalCount">Operations that some strategy had too few table pages for.</param>
/// <param name="Violation">The first thing that went wrong, with the program, or null.</param>
internal readonly record struct LockstepOutcome(long OperationCount, long ReturnCount, long RefusalCount, string? Violation);

/// <summary>Programs on one format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class LockstepPrograms<TFormat>
    where TFormat : struct, IPagingFormat
{
    // Only in long mode.
    private static readonly string[] s_namesWithContexts = ["per-domain with PCID", "shared-subtree with PCID", "per-domain with KPTI and PCID", "shared-subtree with KPTI and PCID"];

    /// <summary>The names of the strategies, in the order in which they stand in a lockstep.</summary>
    public static readonly string[] StrategyNames =
    [
        "common", "per-domain", "per-domain with KPTI", "shared-subtree", "shared-subtree with KPTI", "leaf-link",
        .. TFormat.HasProcessContexts ? s_namesWithContexts : [],
    ];

    // In a frame of the low memory that nothing else is in.
    private static readonly PhysicalAddress s_strategyPlace = new(0x6000);

    private static PageRange Stacks => Placement<TFormat>.Pages(AddressPlan.FirstStackPage, AddressPlan.StackPageCount);

    /// <summary>Runs the program of a seed on all strategies; one that goes wrong is made shorter as long as it goes wrong.</summary>
    public static LockstepOutcome Run(long seed)
    {
        LockstepProgram program = LockstepProgram.FromSeed(seed, TFormat.LevelCount);
        LockstepOutcome outcome = Run(program, StrategyNames);
        if (outcome.Violation is null)
        {
            return outcome;
        }

        LockstepProgram shortest = Shorten(program, StrategyNames, StrategyMistake.None);
        string? violation = Run(shortest, StrategyNames).Violation;
        return outcome with { Violation = $"seed {seed}, {shortest.PoolPageCount} table pages: {violation}\n    {string.Join("\n    ", shortest.Operations)}" };
    }

    /// <summary>Runs a program on some strategies in lockstep.</summary>
    public static LockstepOutcome Run(LockstepProgram program, IReadOnlyList<string> strategies, StrategyMistake mistake = StrategyMistake.None)
    {
        Lockstep lockstep = new([.. strategies.Select(name => CreateWorld(name, program, mistake))], FormatGeometry<TFormat>.HasExecuteDisable);
        for (int index = 0; index < program.Operations.Length; index++)
        {
            if (lockstep.Do(program.Operations[index]) is { } violation)
            {
                return new LockstepOutcome(index, lockstep.ReturnCount, lockstep.RefusalCount, $"operation {index} ({program.Operations[index]}): {violation}");
            }
        }

        return new LockstepOutcome(program.Operations.Length, lockstep.ReturnCount, lockstep.RefusalCount, null);
    }

    private static LockstepProgram Shorten(LockstepProgram program, IReadOnlyList<string> strategies, StrategyMistake mistake)
    {
        for (int index = program.Operations.Length - 1; index >= 0; index--)
        {
            LockstepProgram shorter = program with { Operations = [.. program.Operations.Where((_, at) => at != index)] };
            program = Run(shorter, strategies, mistake).Violation is null ? program : shorter;
        }

        return program;
    }

    private static bool SwitchPlaced(ref CommonTableStrategy<TFormat, SimulatedTableMemory> strategy, in Domain domain, ref StackPlace place, int entryLimit, ref AnyCache cache) =>
        strategy.TrySwitchTo(in domain, ref place, entryLimit, ref cache);

    /// <summary>The world of a strategy.</summary>
    public static LockstepWorld CreateWorld(string name, LockstepProgram program, StrategyMistake mistake)
    {
        if (name == StrategyNames[0])
        {
            return new LockstepWorld<TFormat, CommonTableStrategy<TFormat, SimulatedTableMemory>, NoDomainTables>(
                new(name, static (tables, _) => new(tables), static _ => 0, KernelRunsOnBaseSet: false, SwitchPlaced: SwitchPlaced), program, mistake);
        }

        return Array.IndexOf(StrategyNames, name) switch
        {
            1 => CreatePerDomain<FullSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: false, program, mistake),
            2 => CreatePerDomain<UserSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: true, program, mistake),
            3 => CreatePerDomain<SharedSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: false, program, mistake),
            5 => CreateLeafLink(name, program, mistake),
            6 => CreatePerDomain<FullSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: false, program, mistake, usesContexts: true),
            7 => CreatePerDomain<SharedSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: false, program, mistake, usesContexts: true),
            8 => CreatePerDomain<UserSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: true, program, mistake, usesContexts: true),
            9 => CreatePerDomain<SparseUserSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: true, program, mistake, usesContexts: true),
            _ => CreatePerDomain<SparseUserSet<TFormat, SimulatedTableMemory>>(name, kernelRunsOnBaseSet: true, program, mistake),
        };
    }

    private static LockstepWorld<TFormat, PerDomainStrategy<TFormat, SimulatedTableMemory, TSet>, PerDomainTables<TFormat, SimulatedTableMemory, TSet>> CreatePerDomain<TSet>(
        string name, bool kernelRunsOnBaseSet, LockstepProgram program, StrategyMistake mistake, bool usesContexts = false)
        where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory> =>
        new(
            new(name, (tables, entry) => new(tables, entry, Stacks, usesContexts), static tables => tables.PageCount.Value, kernelRunsOnBaseSet, UsesContexts: usesContexts),
            program,
            mistake);

    private static LockstepWorld<TFormat, LeafLinkStrategy<TFormat, SimulatedTableMemory, LockstepWindows<TFormat>>, LeafLinkTables> CreateLeafLink(
        string name, LockstepProgram program, StrategyMistake mistake) =>
        new(
            new(
                name,
                static (tables, _) => new(tables, default, Stacks, s_strategyPlace),
                static tables => tables.PageCount.Value,
                KernelRunsOnBaseSet: false,
                static (ref LeafLinkStrategy<TFormat, SimulatedTableMemory, LockstepWindows<TFormat>> strategy, ref WatchedAllocator allocator, ref TableAccount account) =>
                    strategy.Initialize(ref allocator, ref account),
                static page => default(LockstepWindows<TFormat>).IndexOf(page) >= 0),
            program,
            mistake);
}

// Which strategy a world is for.

using System;
using Ringfence.Domains;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Equivalence;

/// <summary>What a strategy does before the first domain.</summary>
internal delegate EditResult StrategyStart<TStrategy>(ref TStrategy strategy, ref WatchedAllocator allocator, ref TableAccount account);

/// <summary>A step of a switch to a stack of which the caller keeps what is known.</summary>
internal delegate bool PlacedSwitch<TStrategy>(ref TStrategy strategy, in Domain domain, ref StackPlace place, int entryLimit, ref AnyCache cache);

/// <summary>How a strategy is made and what the world must know of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Create">Makes it, beside a base set and with these entry pages.</param>
/// <param name="PageCountOf">Table pages of a domain.</param>
/// <param name="KernelRunsOnBaseSet">Whether the kernel leaves the set of user mode at each entry.</param>
/// <param name="Start">What it does first, or null.</param>
/// <param name="MayGrant">Where it can grant pages, or null if it can everywhere.</param>
/// <param name="UsesContexts">Whether the processor keeps translations of several sets (PCID).</param>
/// <param name="SwitchPlaced">How a kernel switches that keeps what is known of each stack, or null if there is nothing to keep.</param>
internal sealed record StrategyKind<TFormat, TStrategy, TTables>(
    string Name, Func<AddressSpace<TFormat, SimulatedTableMemory>, PageRange, TStrategy> Create, Func<TTables, nuint> PageCountOf, bool KernelRunsOnBaseSet, StrategyStart<TStrategy>? Start = null, Func<PageNumber, bool>? MayGrant = null,
    bool UsesContexts = false, PlacedSwitch<TStrategy>? SwitchPlaced = null)
    where TFormat : struct, IPagingFormat;

/// <summary>A translation cache of a type that its user doesn't name.</summary>
internal readonly struct AnyCache(ITranslationCache cache) : ITranslationCache
{
    public void FlushPage(PageNumber page) => cache.FlushPage(page);

    public void FlushAll() => cache.FlushAll();

    public void LoadRoot(TableAddress root) => cache.LoadRoot(root);

    public void LoadContext(ContextRoot root) => cache.LoadContext(root);

    public void FlushEveryContext() => cache.FlushEveryContext();
}

// Table pages under watch: a page that a processor may still walk through is not given back, and a page is given back once.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Equivalence;

/// <summary>What an allocator notes; an object, so that copies of the allocator share it.</summary>
internal sealed class AllocatorWatch(AdversarialMmu processor, MistakeMaker mistakes)
{
    private readonly HashSet<ulong> _inUse = [];
    private readonly HashSet<ulong> _free = [];

    /// <summary>The processor.</summary>
    public AdversarialMmu Processor { get; } = processor;

    /// <summary>The mistakes.</summary>
    public MistakeMaker Mistakes { get; } = mistakes;

    /// <summary>The first rule that was broken, or null.</summary>
    public string? Violation { get; private set; }

    public void Take(PhysicalAddress table)
    {
        _free.Remove(table.Value);
        if (!_inUse.Add(table.Value))
        {
            Violation ??= $"table 0x{table.Value:x} is in use twice";
        }
    }

    /// <summary>A page that was given back while another set's context led to it is not walked through when a context with such entries is loaded.</summary>
    public void JudgeFreePages()
    {
        foreach (ulong table in _free)
        {
            if (Processor.Cache.MayWalkThroughNow(table))
            {
                Violation ??= $"the processor may walk through table 0x{table:x}, which was given back";
            }
        }
    }

    public void Free(PhysicalAddress table)
    {
        if (!_inUse.Remove(table.Value))
        {
            Violation ??= $"table 0x{table.Value:x} given back though it is not in use";
        }

        _free.Add(table.Value);
        if (Processor.Cache.MayWalkThroughNow(table.Value))
        {
            Violation ??= $"table 0x{table.Value:x} given back while the processor may walk through it";
        }
    }
}

/// <summary>A pool under watch.</summary>
internal struct WatchedAllocator(TablePool<SimulatedTableMemory> pool, AllocatorWatch watch) : ITableAllocator
{
    private readonly AllocatorWatch _watch = watch;
    private TablePool<SimulatedTableMemory> _pool = pool;

    /// <inheritdoc/>
    public readonly PageCount Available => _pool.Available;

    /// <summary>Pages handed out and not given back.</summary>
    public readonly PageCount InUse => _pool.InUse;

    /// <inheritdoc/>
    public bool TryReserve(PageCount count) => _pool.TryReserve(count);

    /// <inheritdoc/>
    public PhysicalAddress TakeReserved()
    {
        PhysicalAddress table = _pool.TakeReserved();
        _watch.Take(table);
        return table;
    }

    /// <inheritdoc/>
    public PhysicalAddress TakeReservedAsIs()
    {
        PhysicalAddress table = _pool.TakeReservedAsIs();
        _watch.Take(table);
        return table;
    }

    /// <inheritdoc/>
    public void Free(PhysicalAddress table)
    {
        _watch.Free(table);
        _pool.Free(table);
        if (_watch.Mistakes.Happens(StrategyMistake.TableFreedTwice))
        {
            _pool.Free(table);
        }
    }
}

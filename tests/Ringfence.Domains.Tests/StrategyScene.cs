// One strategy in a scene that is written out: what a kernel does, step by step, judged after each.

using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Verification.Equivalence;

namespace Ringfence.Domains.Tests;

/// <summary>A machine, a strategy, and the law over both. Pages are numbered as <see cref="AddressPlan"/> says.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal sealed class StrategyScene<TFormat>
    where TFormat : struct, IPagingFormat
{
    public const int Common = 0;
    public const int PerDomain = 1;
    public const int Kpti = 2;
    public const int SharedSubtree = 3;
    public const int SharedSubtreeKpti = 4;
    public const int LeafLink = 5;

    /// <summary>The first page that can be granted, with room for 16; its base rights are the supervisor's to read.</summary>
    public const int Grantable = 24;

    /// <summary>The first page of grantable memory at the top of the address space, six pages, which the kernel may write.</summary>
    public const int Top = 44;

    private readonly LockstepWorld _world;
    private readonly Lockstep _lockstep;

    /// <summary>A scene with nothing in it.</summary>
    /// <param name="strategy">One of those above.</param>
    /// <param name="mistake">A mistake, which is made whenever there is an occasion for it.</param>
    /// <param name="program">The machine.</param>
    public StrategyScene(int strategy, StrategyMistake mistake = StrategyMistake.None, LockstepProgram? program = null)
    {
        LockstepProgram machine = (program ?? LockstepProgram.Scene) with { MistakePeriod = 1 };
        _world = LockstepPrograms<TFormat>.CreateWorld(LockstepPrograms<TFormat>.StrategyNames[strategy], machine, mistake);
        _lockstep = new Lockstep([_world], FormatGeometry<TFormat>.HasExecuteDisable);
    }

    /// <summary>Whether the kernel leaves the set of user mode at each entry.</summary>
    public static bool KernelHasOwnSet(int strategy) => strategy is Kpti or SharedSubtreeKpti;

    /// <summary>The first thing that was found wrong, or null.</summary>
    public string? Violation { get; private set; }

    /// <summary>What the last operation cost.</summary>
    public OperationCost Cost => _world.LastCost;

    public LawModel Model => _lockstep.Model;

    public LockstepWorld World => _world;

    /// <summary>Makes a domain with these partitions.</summary>
    public void Domain(int domain, params ModelPartition[] partitions)
    {
        _lockstep.CreateDomain(domain);
        Judge();
        foreach (ModelPartition partition in partitions)
        {
            Add(domain, partition);
        }
    }

    public void Destroy(int domain)
    {
        _lockstep.DestroyDomain(domain);
        Judge();
    }

    public void Add(int domain, ModelPartition partition)
    {
        _lockstep.AddPartition(domain, partition);
        Judge();
    }

    public void Remove(int domain, int index)
    {
        _lockstep.RemovePartition(domain, Model.Domains[domain]![index]);
        Judge();
    }

    /// <summary>A new thread with a stack of so many pages; the stacks' first page is number 0.</summary>
    public void Thread(int thread, int domain, int stackFirst, int stackCount = 2, uint generation = 0) =>
        Model.Threads[thread] = new ModelThread(domain, new ModelStack(AddressPlan.FirstStackPage + stackFirst, stackCount, generation == 0 ? 10 + (uint)thread : generation));

    public OperationCost Run(int thread)
    {
        _lockstep.Run(Model.Threads[thread]!);
        Judge();
        return Cost;
    }

    /// <summary>Goes one step; true when it is the last.</summary>
    public bool Step(int thread, int entryLimit)
    {
        _lockstep.Step(Model.Threads[thread]!, entryLimit, 1);
        Judge();
        return !Model.IsBetweenThreads;
    }

    public void End(int thread)
    {
        _lockstep.EndThread(thread);
        Judge();
    }

    public void Move(int thread, int domain)
    {
        _lockstep.MoveThread(thread, domain);
        Judge();
    }

    /// <summary>Lets a thread run without asking the strategy for it.</summary>
    public void EnterUnasked(int thread)
    {
        _lockstep.Enter(Model.Threads[thread]!);
        Judge();
    }

    public bool IsCurrent(int thread) => _world.IsCurrent(Model.Threads[thread]!.Domain, Model.Threads[thread]!.Stack);

    /// <summary>Whether some behaviour of the processor lets the supervisor make this access where the kernel runs.</summary>
    public bool KernelMay(int page, AccessKind kind) => _world.Processor.MaySucceed(new MemoryAccess(_world.AddressOf(page), kind, IsUser: false));

    /// <summary>What the supervisor may do with every page that is never granted, page by page.</summary>
    public bool[] KernelMatrix() =>
    [
        .. Enumerable.Range(0, AddressPlan.PageTotal)
            .Where(page => Model.Base[page] is { IsGrantable: false } && page is < AddressPlan.FirstStackPage or >= AddressPlan.FirstStackPage + AddressPlan.StackPageCount)
            .SelectMany(page => new[] { AccessKind.Read, AccessKind.Write, AccessKind.Fetch }.Select(kind => KernelMay(page, kind))),
    ];

    private void Judge() => Violation ??= _lockstep.Judge();
}

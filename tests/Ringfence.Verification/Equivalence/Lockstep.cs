// One program on every strategy at once: what it does to the model, and the comparison after every operation.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Domains;
using Ringfence.Paging;

namespace Ringfence.Verification.Equivalence;

/// <summary>Several worlds of one format that do the same.</summary>
/// <param name="worlds">The worlds.</param>
/// <param name="withholdsExecution">Whether the format has an execute-disable bit.</param>
internal sealed class Lockstep(IReadOnlyList<LockstepWorld> worlds, bool withholdsExecution)
{
    private static readonly LeafRights[] s_deviceRights =
    [
        LeafRights.SupervisorReadWrite, LeafRights.SupervisorRead, LeafRights.UserRead, LeafRights.UserReadWrite, LeafRights.UserReadExecute, LeafRights.SupervisorRead,
    ];

    private readonly LawModel _model = new(withholdsExecution);
    private readonly byte[][] _matrices = [.. worlds.Select(static _ => new byte[AddressPlan.PageTotal])];
    private uint _generation = 100;

    /// <summary>Returns to user mode so far, on each world.</summary>
    public int ReturnCount { get; private set; }

    /// <summary>Creations, partitions and mappings that a world refused for lack of table pages, or because they lie where it grants nothing.</summary>
    public int RefusalCount { get; private set; }

    /// <summary>Carries out one operation everywhere, then returns to user mode if a thread is set up to run.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Do(LockstepOperation operation)
    {
        Carry(operation);
        return Judge();
    }

    /// <summary>The domains, the threads and the law.</summary>
    public LawModel Model => _model;

    /// <summary>Judges the kernel's side everywhere, then returns to user mode if a thread is set up to run.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Judge()
    {
        foreach (LockstepWorld world in worlds)
        {
            world.JudgeKernel(_model);
        }

        if (FindViolation() is { } violation)
        {
            return violation;
        }

        if (_model.LiveThread is not { } thread)
        {
            return null;
        }

        ReturnCount++;
        for (int index = 0; index < worlds.Count; index++)
        {
            // A thread that runs still runs after whatever the kernel did for others, or for it: no switch is asked for.
            if (!worlds[index].IsCurrent(thread.Domain, thread.Stack))
            {
                return $"{worlds[index].Name}: the running thread is not current";
            }

            worlds[index].JudgeUser(_model, _matrices[index]);
            if (!_matrices[index].AsSpan().SequenceEqual(_matrices[0]))
            {
                return $"{worlds[index].Name} and {worlds[0].Name} give different rights; {FindViolation()}";
            }
        }

        return FindViolation();
    }

    private string? FindViolation()
    {
        foreach (LockstepWorld world in worlds)
        {
            if (world.Violation is { } violation)
            {
                return $"{world.Name}: {violation}";
            }
        }

        return null;
    }

    private void Carry(LockstepOperation operation)
    {
        int domain = operation.A % LawModel.DomainCount;
        int thread = operation.A % LawModel.ThreadCount;
        bool creates = operation.Kind is LockstepOperationKind.CreateDomain or LockstepOperationKind.CreateDomainAgain
            or LockstepOperationKind.StartThread or LockstepOperationKind.StartThreadAgain;
        if (!creates)
        {
            // The next one that there is, so that few operations are for nothing.
            domain = NextWhere(domain, LawModel.DomainCount, index => _model.Domains[index] is not null);
            thread = NextWhere(thread, LawModel.ThreadCount, index => _model.Threads[index] is not null);
        }

        bool domainExists = _model.Domains[domain] is not null;
        switch (operation.Kind)
        {
            case LockstepOperationKind.CreateDomain or LockstepOperationKind.CreateDomainAgain when !domainExists:
                CreateDomain(domain);
                break;
            case LockstepOperationKind.DestroyDomain when domainExists && operation.B % 3 == 0:
                DestroyDomain(domain);
                break;
            case LockstepOperationKind.AddPartition or LockstepOperationKind.AddPartitionAgain when domainExists:
                AddPartition(domain, operation.B, operation.C);
                break;
            case LockstepOperationKind.RemovePartition when _model.Domains[domain] is { Count: > 0 } partitions:
                RemovePartition(domain, partitions[operation.B % partitions.Count]);
                break;
            case LockstepOperationKind.StartThread or LockstepOperationKind.StartThreadAgain when _model.Threads[thread] is null:
                StartThread(thread, operation.B, operation.C);
                break;
            case LockstepOperationKind.EndThread when _model.Threads[thread] is not null:
                EndThread(thread);
                break;
            case LockstepOperationKind.MoveThread when _model.Threads[thread] is not null:
                MoveThread(thread, operation.B % LawModel.DomainCount);
                break;
            case LockstepOperationKind.MoveRunningThread when _model.LiveThread is { } running:
                MoveThread(Array.IndexOf(_model.Threads, running), operation.B % LawModel.DomainCount);
                break;
            case LockstepOperationKind.Run or LockstepOperationKind.RunAgain or LockstepOperationKind.RunAnother when _model.Threads[thread] is { } chosen:
                Run(chosen);
                break;
            case LockstepOperationKind.Step or LockstepOperationKind.StepAgain when _model.Threads[thread] is { } target:
                Step(target, 1 + (operation.B % 5), 1 + (operation.C % 4));
                break;
            case LockstepOperationKind.MapBase:
                MapBase(operation.A, operation.B, operation.C);
                break;
            case LockstepOperationKind.UnmapBase:
                UnmapBase(operation.A);
                break;
            case LockstepOperationKind.Touch:
                Touch(operation.A, operation.B, operation.C);
                break;
            default:
                // A kernel thread runs: no call is made, and nothing may change.
                break;
        }
    }

    private static int NextWhere(int start, int count, Func<int, bool> isMeant)
    {
        for (int offset = 0; offset < count; offset++)
        {
            if (isMeant((start + offset) % count))
            {
                return (start + offset) % count;
            }
        }

        return start;
    }

    /// <summary>Makes a domain everywhere, or, where table pages are short, nowhere.</summary>
    public void CreateDomain(int domain)
    {
        List<LockstepWorld> created = [.. worlds.Where(world => world.TryCreateDomain(domain))];
        if (created.Count == worlds.Count)
        {
            _model.Domains[domain] = [];
            return;
        }

        // Equal up to errors for lack of table pages: where there were enough, it is taken back.
        RefusalCount++;
        created.ForEach(world => world.DestroyDomain(domain));
    }

    /// <summary>Ends the threads of a domain, then the domain.</summary>
    public void DestroyDomain(int domain)
    {
        for (int thread = 0; thread < LawModel.ThreadCount; thread++)
        {
            if (_model.Threads[thread]?.Domain == domain)
            {
                EndThread(thread);
            }
        }

        foreach (LockstepWorld world in worlds)
        {
            world.DestroyDomain(domain);
        }

        _model.Domains[domain] = null;
        _model.LiveDomain = _model.LiveDomain == domain ? LawModel.NoDomain : _model.LiveDomain;
    }

    private void AddPartition(int domain, int where, int what)
    {
        List<ModelPartition> partitions = _model.Domains[domain]!;
        int first = AddressPlan.GrantablePages[where % AddressPlan.GrantablePages.Length];
        int end = Math.Min(first + 1 + (what % 4), AddressPlan.EndOfGroup(first));
        ModelPartition partition = new(first, end - first, (PartitionRights)(what / 4 % 3));
        bool isRefused = partitions.Count == DomainCapacity.PartitionCount
            || Enumerable.Range(first, partition.Count).Any(page => !_model.IsGrantable(page) || partitions.Any(known => known.Contains(page)));
        if (!isRefused)
        {
            AddPartition(domain, partition);
        }
    }

    /// <summary>Adds a partition everywhere, unasked whether anything stands against it, or, where one of them refuses it, nowhere.</summary>
    public void AddPartition(int domain, ModelPartition partition)
    {
        List<LockstepWorld> added = [.. worlds.Where(world => world.TryAddPartition(domain, partition))];
        if (added.Count == worlds.Count)
        {
            _model.Domains[domain]!.Add(partition);
            return;
        }

        RefusalCount++;
        added.ForEach(world => world.RemovePartition(domain, partition));
    }

    /// <summary>Removes a partition.</summary>
    public void RemovePartition(int domain, ModelPartition partition)
    {
        foreach (LockstepWorld world in worlds)
        {
            world.RemovePartition(domain, partition);
        }

        _model.Domains[domain]!.Remove(partition);
    }

    private void StartThread(int thread, int where, int what)
    {
        int count = 1 + (what % 3);
        ModelStack stack = new(AddressPlan.FirstStackPage + (where % (AddressPlan.StackPageCount - count + 1)), count, _generation);
        int domain = Array.FindIndex(_model.Domains, where % LawModel.DomainCount, static known => known is not null);
        if (domain >= 0 && !_model.Threads.Any(known => known is not null && known.Stack.Overlaps(stack)))
        {
            _model.Threads[thread] = new ModelThread(domain, stack);
            _generation++;
        }
    }

    /// <summary>Ends a thread.</summary>
    public void EndThread(int thread)
    {
        ModelThread ended = _model.Threads[thread]!;
        foreach (LockstepWorld world in worlds)
        {
            world.EndThread(ended.Domain, ended.Stack);
        }

        _model.Threads[thread] = null;
        _model.LiveStack = _model.LiveStack == ended.Stack ? default : _model.LiveStack;
    }

    /// <summary>Moves a thread, if there is such a domain.</summary>
    public void MoveThread(int thread, int domain)
    {
        ModelThread moved = _model.Threads[thread]!;
        if (_model.Domains[domain] is null)
        {
            return;
        }

        foreach (LockstepWorld world in worlds)
        {
            world.MoveThread(moved.Domain, domain, moved.Stack);
        }

        _model.LiveDomain = !_model.IsBetweenThreads && _model.LiveStack == moved.Stack ? domain : _model.LiveDomain;
        _model.Threads[thread] = moved with { Domain = domain };
    }

    /// <summary>Switches to a thread, whole.</summary>
    public void Run(ModelThread thread)
    {
        foreach (LockstepWorld world in worlds)
        {
            world.SwitchTo(thread.Domain, thread.Stack);
        }

        Enter(thread);
    }

    /// <summary>Goes so many steps towards a thread; when they are enough, it is to run.</summary>
    public void Step(ModelThread thread, int entryLimit, int stepCount)
    {
        bool isComplete = true;
        foreach (LockstepWorld world in worlds)
        {
            // Strategies need different numbers of steps; what is complete is asked again, and stays so.
            bool isWorldComplete = false;
            for (int step = 0; step < stepCount; step++)
            {
                isWorldComplete = world.StepTo(thread.Domain, thread.Stack, entryLimit);
            }

            isComplete &= isWorldComplete;
        }

        if (isComplete)
        {
            Enter(thread);
        }
        else
        {
            _model.IsBetweenThreads = true;
        }
    }

    /// <summary>Says that this thread is to run from now on.</summary>
    public void Enter(ModelThread thread)
    {
        _model.IsBetweenThreads = false;
        _model.LiveDomain = thread.Domain;
        _model.LiveStack = thread.Stack;
    }

    private void MapBase(int which, int rights, int frameOffset)
    {
        (int first, int count) = AddressPlan.Devices[which % AddressPlan.Devices.Length];
        BasePage page = new(s_deviceRights[rights % s_deviceRights.Length], 0x100 + (0x100 * (frameOffset % 3)), rights % 2 == 0);
        if (Enumerable.Range(first, count).Any(number => _model.Base[number] is not null))
        {
            return;
        }

        List<LockstepWorld> mapped = [.. worlds.Where(world => world.TryMapBase(first, count, page.Rights, page.FrameOffset))];
        if (mapped.Count != worlds.Count)
        {
            RefusalCount++;
            mapped.ForEach(world => world.UnmapBase(first, count));
            return;
        }

        Array.Fill(_model.Base, page, first, count);
    }

    private void UnmapBase(int which)
    {
        (int first, int count) = AddressPlan.Devices[which % AddressPlan.Devices.Length];
        if (Enumerable.Range(first, count).Any(number => _model.Base[number] is null || _model.IsCovered(number)))
        {
            return;
        }

        foreach (LockstepWorld world in worlds)
        {
            world.UnmapBase(first, count);
        }

        Array.Fill(_model.Base, null, first, count);
    }

    private void Touch(int page, int kind, int who)
    {
        bool isUser = who % 2 == 0 && _model.LiveThread is not null;
        foreach (LockstepWorld world in worlds)
        {
            world.Touch(page % AddressPlan.PageTotal, kind % 3, isUser);
        }
    }
}

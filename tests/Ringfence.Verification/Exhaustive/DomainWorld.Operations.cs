// What a kernel does with domains and threads, and who runs with which rights afterwards.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Domains;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Verification.Formats;

namespace Ringfence.Verification.Exhaustive;

/// <content>The alphabet and its operations.</content>
internal sealed partial class DomainWorld
{
    private static readonly (string Name, int First, int Count, PartitionRights Rights)[] s_partitions =
    [
        ("pages 3-4 to read and write", 3, 2, PartitionRights.ReadWrite),
        ("pages 4-5 to read", 4, 2, PartitionRights.ReadOnly),
        ("pages 14-15 to read", 14, 2, PartitionRights.ReadOnly),
    ];

    private static readonly (string Name, Func<DomainWorld, string?> Run)[] s_alphabet = [.. MakeAlphabet()];
    private static readonly IReadOnlyList<string> s_names = [.. s_alphabet.Select(static operation => operation.Name)];

    private static IEnumerable<(string Name, Func<DomainWorld, string?> Run)> MakeAlphabet()
    {
        for (int index = 0; index < DomainCount; index++)
        {
            int which = index;
            int next = (index + 1) % DomainCount;
            yield return ($"switch to thread {which}", world => world.Switch(which));
            yield return ($"one step towards thread {which}", world => world.Step(which));
            yield return ($"move thread {which} to domain {next}", world => world.Move(which, next));
            yield return ($"move thread {which} home", world => world.Move(which, which));
            yield return ($"end thread {which}, or start it", world => world.EndOrStart(which));
            yield return ($"remove the first partition of domain {which}", world => world.Remove(which));
            for (int partition = 0; partition < s_partitions.Length; partition++)
            {
                int what = partition;
                yield return ($"add {s_partitions[what].Name} to domain {which}", world => world.Add(which, what));
            }
        }

        yield return ("replace domain 0", static world => world.Replace(0));
        yield return ("revoke all", static world => world.RevokeAll());
        yield return ("a kernel thread writes page 2", static world => world.Touch(KernelPage, AccessKind.Write, isUser: false));
        yield return ("user writes page 4", static world => world.Touch(4, AccessKind.Write, isUser: true));
        yield return ("user executes page 14", static world => world.Touch(14, AccessKind.Fetch, isUser: true));
        yield return ("user writes page 8", static world => world.Touch(FirstStackPage, AccessKind.Write, isUser: true));
        yield return ("load CR3", static world => world._cpu.WriteCr3(world._cpu.Cr3) ? null : "CR3 could not be written");
    }

    private string? Switch(int which)
    {
        Thread thread = _threads[which];
        if (thread.Exists)
        {
            UserStack stack = thread.Stack;
            Discharge(_strategy.SwitchTo(in _domains[thread.Domain], in stack));
            _isBetweenThreads = false;
            _liveDomain = thread.Domain;
            _liveStack = thread.Stack;
        }

        return null;
    }

    private string? Step(int which)
    {
        Thread thread = _threads[which];
        if (thread.Exists)
        {
            UserStack stack = thread.Stack;
            SwitchStep step = _strategy.SwitchTo(in _domains[thread.Domain], in stack, entryLimit: 1);
            Discharge(step.Flush);
            _isBetweenThreads = !step.IsComplete;
            _liveDomain = thread.Domain;
            _liveStack = thread.Stack;
        }

        return null;
    }

    private string? Move(int which, int domain)
    {
        ref Thread thread = ref _threads[which];
        if (!thread.Exists || thread.Domain == domain)
        {
            return null;
        }

        thread = thread with { Domain = domain };
        if (_mistake != ToyMistake.MoveNotTold)
        {
            UserStack stack = thread.Stack;
            Discharge(_strategy.OnThreadMoved(in _domains[domain], in stack));
        }

        if (thread.Stack == _liveStack)
        {
            _liveDomain = domain;
        }

        return null;
    }

    private string? EndOrStart(int which)
    {
        ref Thread thread = ref _threads[which];
        if (!thread.Exists)
        {
            thread = new Thread(which, new UserStack(Pages(FirstStackPage + which, 1), 2));
            return null;
        }

        UserStack stack = thread.Stack;
        thread = default;
        Discharge(_strategy.OnThreadExited(in stack));
        if (stack == _liveStack)
        {
            _liveStack = default;
        }

        return null;
    }

    private string? Add(int which, int what)
    {
        (_, int first, int count, PartitionRights rights) = s_partitions[what];
        ref Domain domain = ref _domains[which];
        DomainError error = Partition.TryCreate<ToyFormat>(Pages(first, count), rights, out Partition partition);
        if (!error.IsNone)
        {
            return $"a partition was refused: {error.Code}";
        }

        if (domain.Add(in partition, default(GrantableMap)).IsNone)
        {
            Discharge(_strategy.OnPartitionAdded(in domain));
            return null;
        }

        return null;
    }

    private string? Remove(int which)
    {
        ref Domain domain = ref _domains[which];
        if (domain.PartitionCount == 0)
        {
            return null;
        }

        DomainError error = domain.Remove(domain[0].Pages, out _);
        if (_mistake != ToyMistake.RemovalNotTold)
        {
            Discharge(_strategy.OnPartitionRemoved(in domain));
        }

        return error.IsNone ? null : $"a partition that is there was not found: {error.Code}";
    }

    private string? Replace(int which)
    {
        for (int index = 0; index < _threads.Length; index++)
        {
            if (_threads[index].Exists && _threads[index].Domain == which)
            {
                _ = EndOrStart(index);
            }
        }

        Discharge(_strategy.OnDomainDestroyed(in _domains[which]));
        _domains[which].Destroy();
        _domains[which].Create(ref _numbers);
        _liveDomain = _liveDomain == which ? NoDomain : _liveDomain;
        return null;
    }

    private string? RevokeAll()
    {
        Discharge(_strategy.RevokeAll());
        _isBetweenThreads = false;
        _liveDomain = NoDomain;
        _liveStack = default;
        return null;
    }

    private string? Touch(int page, AccessKind kind, bool isUser)
    {
        if (!isUser || !_isBetweenThreads)
        {
            _ = _cpu.Access(new MemoryAccess((ulong)page << PageSize.Shift, kind, isUser));
        }

        return null;
    }
}

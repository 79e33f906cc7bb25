// Random programs of a kernel that uses domains: what each operation does to the model and to the strategy, and the judgement after it.

using System;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;

namespace Ringfence.Domains.Tests;

/// <summary>One operation; the numbers are taken modulo whatever they choose from.</summary>
internal readonly record struct Operation(OperationKind Kind, int A, int B, int C);

/// <summary>What a kernel does with domains and threads.</summary>
internal enum OperationKind
{
    AddPartition,
    AddPartitionAgain,
    RemovePartition,
    MoveThread,
    Switch,
    SwitchAgain,
    SwitchInSteps,
    ExitThread,
    StartThread,
    ReplaceDomain,
    TouchMemory,
    RunKernelThread,
    RevokeAll,
}

/// <summary>Runs programs and says what the first violation is.</summary>
internal static class Program
{
    private const int DomainCount = 4;

    public static readonly Gen<Operation[]> Any =
        Gen.Select(
            Gen.Int[0, (int)OperationKind.RevokeAll], Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999],
            (kind, a, b, c) => new Operation((OperationKind)kind, a, b, c)).Array[1, 30];

    /// <summary>A program that is always the same for the same seed.</summary>
    public static Operation[] FromSeed(int seed)
    {
        // A generator of its own rather than System.Random, whose sequence is nobody's promise.
        ulong state = ((ulong)seed * 2_862_933_555_777_941_757) + 3_037_000_493;
        int Next(int limit)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            return (int)(state % (ulong)limit);
        }

        Operation[] program = new Operation[30];
        for (int index = 0; index < program.Length; index++)
        {
            program[index] = new Operation((OperationKind)Next((int)OperationKind.RevokeAll + 1), Next(1000), Next(1000), Next(1000));
        }

        return program;
    }

    /// <summary>The first violation of the law, of the promise about entry writes or of the bound on steps; null when there is none.</summary>
    public static string? Violation<TFormat>(Operation[] operations, Mistake mistake = Mistake.None)
        where TFormat : struct, IPagingFormat
    {
        Kernel<TFormat> kernel = new(new World<TFormat>(mistake));
        for (int index = 0; index < operations.Length; index++)
        {
            string? violation = kernel.Do(operations[index]);
            if (violation is not null)
            {
                return $"operation {index} ({operations[index]}): {violation}";
            }
        }

        return null;
    }

    private struct Thread
    {
        public bool Exists;
        public int Domain;
        public UserStack Stack;
    }

    private sealed class Kernel<TFormat>
        where TFormat : struct, IPagingFormat
    {
        private readonly World<TFormat> _world;
        private readonly Domain[] _domains = new Domain[DomainCount];
        private readonly Thread[] _threads = new Thread[World<TFormat>.StackCount];
        private uint _generation;

        // What user code could run with at this moment: a domain of none, and a stack of none after the thread ended.
        private int _liveDomain = -1;
        private UserStack _liveStack;

        public Kernel(World<TFormat> world)
        {
            _world = world;
            for (int index = 0; index < DomainCount; index++)
            {
                _domains[index].Create(ref _world.Numbers);
            }

            for (int index = 0; index < _threads.Length; index++)
            {
                Start(index, index);
            }
        }

        public string? Do(Operation operation)
        {
            ulong[] before = _world.LiveBits();
            _world.Machine.ResetCounters();
            string? violation = Carry(operation, out bool writesAreMinimal);
            if (violation is not null)
            {
                return violation;
            }

            int written = _world.Machine.EntriesWritten;
            int differing = 0;
            ulong[] after = _world.LiveBits();
            for (int index = 0; index < before.Length; index++)
            {
                differing += before[index] != after[index] ? 1 : 0;
            }

            if (writesAreMinimal && written != differing)
            {
                return $"{written} entries written, {differing} differ";
            }

            return _world.Judge(_liveDomain < 0 ? default : _domains[_liveDomain], _liveStack);
        }

        private string? Carry(Operation operation, out bool writesAreMinimal)
        {
            writesAreMinimal = true;
            int thread = operation.A % _threads.Length;
            int domain = operation.A % DomainCount;
            switch (operation.Kind)
            {
                case OperationKind.AddPartition:
                case OperationKind.AddPartitionAgain:
                    AddPartition(ref _domains[domain], operation.B, operation.C);
                    return null;
                case OperationKind.RemovePartition:
                    RemovePartition(ref _domains[domain], operation.B);
                    return null;
                case OperationKind.MoveThread when _threads[thread].Exists:
                    Move(thread, operation.B % DomainCount);
                    return null;
                case OperationKind.Switch when _threads[thread].Exists:
                case OperationKind.SwitchAgain when _threads[thread].Exists:
                    return Switch(thread);
                case OperationKind.SwitchInSteps when _threads[thread].Exists:
                    writesAreMinimal = false;
                    return SwitchInSteps(thread, operation.B % _threads.Length, operation.C);
                case OperationKind.ExitThread when _threads[thread].Exists:
                    Exit(thread);
                    return null;
                case OperationKind.StartThread when !_threads[thread].Exists:
                    Start(thread, operation.B % DomainCount);
                    return null;
                case OperationKind.ReplaceDomain:
                    writesAreMinimal = false;
                    ReplaceDomain(domain, storageIsReused: operation.B % 2 == 0);
                    return null;
                case OperationKind.TouchMemory:
                    Touch(operation.A, operation.B);
                    return null;
                case OperationKind.RevokeAll when operation.A % 4 == 0:
                    _world.Discharge(_world.Strategy.RevokeAll());
                    _liveDomain = -1;
                    _liveStack = default;
                    return null;
                default:
                    // A kernel thread runs: no call is made, and nothing may change.
                    return null;
            }
        }

        private void AddPartition(ref Domain domain, int where, int what)
        {
            PageRange area = _world.Grantable[where % 2];
            nuint offset = (nuint)(where / 2) % area.Count.Value;
            PageRange pages = SimulatedMachine<TFormat>.Pages(area.First.Value + offset, (nuint)(1 + (what % 5))).Intersect(area);
            if (!Partition.TryCreate<TFormat>(pages, (PartitionRights)(what / 5 % 3), out Partition partition).IsNone)
            {
                throw new InvalidOperationException("the generator made a bad partition");
            }

            if (domain.Add(in partition, _world.Map).IsNone)
            {
                _world.Discharge(_world.Strategy.OnPartitionAdded(in domain));
            }
        }

        private void RemovePartition(ref Domain domain, int which)
        {
            if (domain.PartitionCount == 0)
            {
                return;
            }

            if (!domain.Remove(domain[which % domain.PartitionCount].Pages, out _).IsNone)
            {
                throw new InvalidOperationException("a partition that is there was not found");
            }

            if (!_world.Mistakes.Happens(Mistake.RemovalNotTold))
            {
                _world.Discharge(_world.Strategy.OnPartitionRemoved(in domain));
            }
        }

        private void Move(int thread, int domain)
        {
            _threads[thread].Domain = domain;
            if (!_world.Mistakes.Happens(Mistake.MoveNotTold))
            {
                _world.Discharge(_world.Strategy.OnThreadMoved(in _domains[domain], in _threads[thread].Stack));
            }

            if (_threads[thread].Stack == _liveStack)
            {
                _liveDomain = domain;
            }
        }

        private string? Switch(int thread)
        {
            ref Thread incoming = ref _threads[thread];
            bool wasCurrent = _world.Strategy.IsCurrent(in _domains[incoming.Domain], in incoming.Stack);
            FlushObligation flush = _world.Strategy.SwitchTo(in _domains[incoming.Domain], in incoming.Stack);
            _world.Discharge(flush);
            _liveDomain = incoming.Domain;
            _liveStack = incoming.Stack;
            if (wasCurrent && (!flush.IsNone || _world.Machine.StoreCount != 0))
            {
                return "a switch to what is applied already did something";
            }

            return _world.Strategy.IsCurrent(in _domains[incoming.Domain], in incoming.Stack) ? null : "not applied after the switch";
        }

        private string? SwitchInSteps(int first, int second, int seed)
        {
            int limit = 1 + (seed % 5);
            int stepsBeforeChange = seed / 5 % 4;
            int target = first;
            for (int step = 0; step < 200; step++)
            {
                if (step == stepsBeforeChange)
                {
                    // Between two steps anything may happen: another thread becomes the most urgent, a kernel thread takes a partition away.
                    target = _threads[second].Exists ? second : first;
                    if (seed / 20 % 2 == 0)
                    {
                        RemovePartition(ref _domains[_threads[first].Domain], seed);
                    }
                }

                _world.Machine.ResetCounters();
                ref Thread thread = ref _threads[target];
                SwitchStep outcome = _world.Strategy.SwitchTo(in _domains[thread.Domain], in thread.Stack, limit);
                _world.Discharge(outcome.Flush);
                if (_world.Machine.EntriesWritten > limit)
                {
                    return $"{_world.Machine.EntriesWritten} entries in a step of {limit}";
                }

                if (outcome.IsComplete)
                {
                    _liveDomain = thread.Domain;
                    _liveStack = thread.Stack;
                    return null;
                }
            }

            return "the switch does not end";
        }

        private void Exit(int thread)
        {
            UserStack stack = _threads[thread].Stack;
            _threads[thread] = default;
            if (!_world.Mistakes.Happens(Mistake.ExitNotTold))
            {
                _world.Discharge(_world.Strategy.OnThreadExited(in stack));
            }

            if (stack == _liveStack)
            {
                _liveStack = default;
            }
        }

        private void Start(int thread, int domain) => _threads[thread] = new Thread
        {
            Exists = true,
            Domain = domain % DomainCount,
            Stack = new UserStack(_world.StackPages(thread), ++_generation),
        };

        private void ReplaceDomain(int domain, bool storageIsReused)
        {
            for (int index = 0; index < _threads.Length; index++)
            {
                if (_threads[index].Exists && _threads[index].Domain == domain)
                {
                    Exit(index);
                }
            }

            _world.Discharge(_world.Strategy.OnDomainDestroyed(in _domains[domain]));
            _domains[domain].Destroy();
            if (!storageIsReused)
            {
                _domains[domain] = default;
            }

            _domains[domain].Create(ref _world.Numbers);
            _liveDomain = _liveDomain == domain ? -1 : _liveDomain;
        }

        private void Touch(int where, int how)
        {
            PageRange window = _world.Windows[where % 2];
            PageNumber page = window.First + new PageCount((nuint)where / 2 % window.Count.Value);
            _world.Machine.Strict.Access(new MemoryAccess(page.Address.Value, (AccessKind)(how % 3), IsUser: how % 2 == 0));
        }
    }
}

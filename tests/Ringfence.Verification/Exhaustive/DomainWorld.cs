// A small kernel's domains on the toy geometry: three domains, three threads, partitions across a leaf-table boundary and at the top of the address space.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Ringfence.Domains;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Verification.Formats;

namespace Ringfence.Verification.Exhaustive;

/// <summary>A machine with the strategy <c>Common</c>, on which a kernel's operations are carried out and judged by the law.</summary>
internal sealed class DomainWorld : ToyWorld, IAccessLaw
{
    private const int DomainCount = 3;
    private const int NoDomain = -1;
    private const int UserTextPage = 1;
    private const int KernelPage = 2;
    private const int FirstStackPage = 8;
    private const int FrameOffset = 0x40;

    // Pages in the order of addresses; what is not listed isn't mapped. Frames lie FrameOffset above.
    private static readonly (int First, int Count, LeafRights Rights, GrantObstacleKind Obstacle)[] s_regions =
    [
        (UserTextPage, 1, LeafRights.UserReadExecute, GrantObstacleKind.NotGrantable),
        (KernelPage, 1, LeafRights.SupervisorReadWrite, GrantObstacleKind.NotGrantable),
        (3, 4, LeafRights.SupervisorRead, GrantObstacleKind.None),
        (FirstStackPage, DomainCount, LeafRights.SupervisorRead, GrantObstacleKind.Stack),
        (14, 2, LeafRights.SupervisorReadWrite, GrantObstacleKind.None),
    ];

    private static readonly (string Name, int First, int Count, PartitionRights Rights)[] s_partitions =
    [
        ("pages 3-4 to read and write", 3, 2, PartitionRights.ReadWrite),
        ("pages 4-5 to read", 4, 2, PartitionRights.ReadOnly),
        ("pages 14-15 to read", 14, 2, PartitionRights.ReadOnly),
    ];

    private static readonly (string Name, Func<DomainWorld, string?> Run)[] s_alphabet = [.. MakeAlphabet()];
    private static readonly IReadOnlyList<string> s_names = [.. s_alphabet.Select(static operation => operation.Name)];

    private readonly AdversarialCache _cpu;
    private readonly ToyMistake _mistake;
    private readonly Domain[] _domains = new Domain[DomainCount];
    private readonly Thread[] _threads = new Thread[DomainCount];
    private CommonTableStrategy<ToyFormat, ToyMemory> _strategy;
    private DomainNumberSource _numbers;
    private int _liveDomain = NoDomain;
    private UserStack _liveStack;

    // A switch was begun in steps and is not complete, so no user thread may run.
    private bool _isBetweenThreads;

    /// <summary>A machine with three empty domains and a thread in each, none of which has run.</summary>
    /// <param name="holdsOnlyAccessed">Whether the processor holds only what has A set.</param>
    /// <param name="mistake">A mistake to be found.</param>
    public DomainWorld(bool holdsOnlyAccessed, ToyMistake mistake = ToyMistake.None)
    {
        PhysicalMemory memory = PhysicalMemory.CreateSparse(ToyAllocator.FrameCount, ToyFormat.Level(0).EntryCount * 4);
        ProcessorSettings settings = new() { Mode = PagingMode.ThirtyTwoBit, HoldsOnlyAccessed = holdsOnlyAccessed };
        _cpu = new AdversarialCache(memory, TableGeometry.Toy, settings);
        _mistake = mistake;
        ToyMemory.Enter(memory);
        AddressSpace<ToyFormat, ToyMemory> tables = new(default, new FrameNumber(ToyAllocator.FirstRootFrame).Address);
        ToyAllocator allocator = new();
        TableAccount account = TableAccount.Unlimited;
        foreach ((int first, int count, LeafRights rights, _) in s_regions)
        {
            FlushObligation owed = tables.Map(ref allocator, ref account, Pages(first, count), new FrameNumber((nuint)(first + FrameOffset)), rights).Flush;
            if (!owed.IsNone)
            {
                throw new InvalidOperationException("mapping owed a flush");
            }
        }

        _ = _cpu.WriteCr3(tables.Root.Value);
        _strategy = new CommonTableStrategy<ToyFormat, ToyMemory>(tables);
        for (int index = 0; index < DomainCount; index++)
        {
            _domains[index].Create(ref _numbers);
            _threads[index] = new Thread(index, new UserStack(Pages(FirstStackPage + index, 1), 1));
        }
    }

    private DomainWorld(DomainWorld other)
    {
        _cpu = other._cpu.Clone();
        _mistake = other._mistake;
        other._domains.CopyTo(_domains, 0);
        other._threads.CopyTo(_threads, 0);
        _strategy = other._strategy;
        _numbers = other._numbers;
        _liveDomain = other._liveDomain;
        _liveStack = other._liveStack;
        _isBetweenThreads = other._isBetweenThreads;
    }

    /// <summary>A user thread.</summary>
    private readonly record struct Thread(int Domain, UserStack Stack)
    {
        /// <summary>Whether the slot holds a thread.</summary>
        public bool Exists => !Stack.IsNone;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Alphabet => s_names;

    /// <inheritdoc/>
    public override ToyWorld Clone() => new DomainWorld(this);

    /// <inheritdoc/>
    public override string? Do(int operation)
    {
        ToyMemory.Enter(_cpu.Memory);
        return s_alphabet[operation].Run(this) ?? Judge();
    }

    /// <summary>The law in its plainest words.</summary>
    public bool AllowsUser(ulong pageAddress, AccessKind kind, out ulong frameAddress)
    {
        int page = (int)(pageAddress >> PageSize.Shift);
        PageNumber number = new((nuint)page);
        frameAddress = (ulong)(page + FrameOffset) << PageSize.Shift;
        bool mayWrite = _liveStack.Pages.Contains(number);
        bool mayRead = mayWrite || page == UserTextPage;
        for (int index = 0; _liveDomain != NoDomain && index < _domains[_liveDomain].PartitionCount; index++)
        {
            Partition partition = _domains[_liveDomain][index];
            mayRead |= partition.Pages.Contains(number);
            mayWrite |= partition.Pages.Contains(number) && partition.Rights == PartitionRights.ReadWrite;
        }

        return kind == AccessKind.Write ? mayWrite : mayRead;
    }

    /// <inheritdoc/>
    protected override void Describe(ref StateWriter writer)
    {
        writer.Add(_cpu.State().Bytes);
        writer.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<CommonTableStrategy<ToyFormat, ToyMemory>>(in _strategy)));
        foreach (ref readonly Domain domain in _domains.AsSpan())
        {
            writer.Add(((long)domain.Identity.Id << 32) | domain.Identity.Generation);
            for (int index = 0; index < domain.PartitionCount; index++)
            {
                writer.Add(((long)domain[index].Pages.First.Value << 8) | (byte)domain[index].Rights);
            }
        }

        foreach (Thread thread in _threads)
        {
            writer.Add(((long)thread.Domain << 32) | thread.Stack.Generation | (thread.Exists ? 1L << 48 : 0));
        }

        writer.Add(_isBetweenThreads ? 1 : 0);
        writer.Add(_liveDomain);
        writer.Add(((long)_liveStack.Generation << 32) | (long)_liveStack.Pages.First.Value);
    }

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

    private string? Judge()
    {
        if (!_cpu.MustSucceedWithoutRetry(new MemoryAccess((ulong)KernelPage << PageSize.Shift, AccessKind.Write, IsUser: false)))
        {
            return "the kernel may fault where it can't retry";
        }

        if (_isBetweenThreads)
        {
            return null;
        }

        if (LawJudge.FindExcess(_cpu, this) is { } excess)
        {
            return excess.ToString();
        }

        return LawJudge.FindLack(_cpu, this, 0, PagingModel.PageCount) is { } lack ? lack.ToString() : null;
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

    private void Discharge(FlushObligation flush)
    {
        ToyCache cache = new(_cpu, _mistake);
        flush.Discharge(ref cache);
    }

    private static PageRange Pages(int first, int count) => PageRange.CreateTruncated(new PageNumber((nuint)first), new PageCount((nuint)count));

    private readonly struct GrantableMap : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages)
        {
            foreach ((int first, int count, _, GrantObstacleKind obstacle) in s_regions)
            {
                if (Pages(first, count).Contains(pages))
                {
                    return obstacle == GrantObstacleKind.None ? GrantObstacle.None : new GrantObstacle(obstacle, pages.First);
                }
            }

            return new GrantObstacle(GrantObstacleKind.NotMapped, pages.First);
        }
    }
}

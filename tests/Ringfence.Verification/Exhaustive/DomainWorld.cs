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
internal sealed partial class DomainWorld : ToyWorld, IAccessLaw
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

// The world of one strategy: the operations of a kernel, carried out with whatever strategy it is given.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Equivalence;

/// <summary>A machine with a strategy.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
/// <typeparam name="TStrategy">The strategy.</typeparam>
/// <typeparam name="TTables">What it keeps for each domain.</typeparam>
internal sealed partial class LockstepWorld<TFormat, TStrategy, TTables> : LockstepWorld
    where TFormat : struct, IPagingFormat
    where TStrategy : struct, ITableStrategy<TFormat, SimulatedTableMemory, TTables>
    where TTables : struct
{
    private const ulong PlacesAddress = 0x7000;

    // A root of PAE takes 32 bytes, a list for each window of the plan 40.
    private const ulong PlaceByteCount = 64;
    private const ulong RootAddress = 0x8000;
    private const ulong PoolAddress = 0x1_0000;
    private const int MemoryByteCount = (int)PoolAddress + (LockstepProgram.PoolLimit * 4096);

    // Frames that are no tables, and not the pages' own numbers, so that a mix-up of the two shows.
    private const nuint FirstFrame = 0x1000;

    private readonly StrategyKind<TFormat, TStrategy, TTables> _kind;
    private readonly MistakeMaker _mistakes;
    private readonly PhysicalMemory _memory;
    private readonly AdversarialMmu _processor;
    private readonly AllocatorWatch _watch;
    private readonly AddressSpace<TFormat, SimulatedTableMemory> _base;
    private readonly Domain[] _domains = new Domain[LawModel.DomainCount];
    private readonly TTables[] _tables = new TTables[LawModel.DomainCount];

    // Of each domain, the thread that its tables were last noted as ready for.
    private readonly nuint[] _notes = new nuint[LawModel.DomainCount];
    private readonly HashSet<ulong> _entriesWritten = [];
    private readonly NotedRoot _userRoot = new();
    private readonly CostCounter _flushes = new();
    private WatchedAllocator _allocator;
    private TableAccount _baseAccount = TableAccount.Unlimited;
#pragma warning disable IDE0044 // A mutable value: the contract's calls change it, which the analyzer doesn't see through the interface.
    private TStrategy _strategy;
#pragma warning restore IDE0044
    private DomainNumberSource _numbers;
    private int _storeCount;

    // What is known of each stack that there was: another one at the same pages has another generation.
    private readonly Dictionary<ModelStack, StackPlace> _places = [];
    private nuint _lastEntry;

    public LockstepWorld(StrategyKind<TFormat, TStrategy, TTables> kind, LockstepProgram program, StrategyMistake mistake)
    {
        _kind = kind;
        _mistakes = new MistakeMaker(mistake, program.MistakePeriod);
        _memory = new PhysicalMemory(MemoryByteCount);
        _memory.Fill(PoolAddress, LockstepProgram.PoolLimit * 4096, 0xA5);
        _processor = new AdversarialMmu(new StrictMmu(_memory, new ProcessorSettings
        {
            Mode = Mode,
            HoldsOnlyAccessed = program.HoldsOnlyAccessed,
            ProcessContextIdentifiersEnable = kind.UsesContexts,
            SupervisorAccessPrevention = program.KeepsSupervisorFromUserPages,
            SupervisorExecutionPrevention = program.KeepsSupervisorFromUserPages,
        }));
        _watch = new AllocatorWatch(_processor, _mistakes);
        SimulatedTableMemory tableMemory = new(_memory);
        _allocator = new WatchedAllocator(
            new TablePool<SimulatedTableMemory>(tableMemory, new PhysicalAddress(PoolAddress).Frame, new PageCount((nuint)program.PoolPageCount)), _watch);
        _base = new AddressSpace<TFormat, SimulatedTableMemory>(tableMemory, new PhysicalAddress(RootAddress));
        foreach ((int first, int count, LeafRights rights, _) in AddressPlan.Regions)
        {
            // Under the mistake a guard is one only as long as nobody resets it.
            bool isLostGuard = mistake == StrategyMistake.GuardLost && first == AddressPlan.MappedGuardPage;
            PageRange pages = Placement<TFormat>.Pages(first, count);
            Expect(_base.Map(ref _allocator, ref _baseAccount, pages, FrameOf(first, 0), isLostGuard ? LeafRights.SupervisorReadWrite : rights), "the base mapping");
            if (isLostGuard)
            {
                Expect(_base.SetRights(pages, rights), "the guard");
            }
        }

        _processor.LoadCr3(RootAddress);
        _userRoot.Root = new PhysicalAddress(RootAddress);
        _userRoot.OfExit = kind is { UsesContexts: true, KernelRunsOnBaseSet: true } ? new ContextRoot(RootAddress).Keeping : default;
        _strategy = kind.Create(_base, Placement<TFormat>.Pages(AddressPlan.EntryPage, 1));
        if (kind.Start is { } start)
        {
            Expect(start(ref _strategy, ref _allocator, ref _baseAccount), "the start");
        }

        _memory.Stored += OnStored;
    }

    /// <inheritdoc/>
    public override string Name => _kind.Name;

    /// <inheritdoc/>
    public override AdversarialMmu Processor => _processor;

    private static PagingMode Mode =>
        typeof(TFormat) == typeof(Ia32Format) ? PagingMode.ThirtyTwoBit
        : typeof(TFormat) == typeof(PaeFormat) ? PagingMode.Pae
        : PagingMode.FourLevel;

    /// <inheritdoc/>
    public override bool TryCreateDomain(int domain)
    {
        bool isCopiedWithGrants = _mistakes.Happens(StrategyMistake.GrantedRightsCopied);
        if (isCopiedWithGrants)
        {
            GrantInBaseSet(grants: true);
        }

        nuint availableBefore = _allocator.Available.Value;
        ResetCounters();
        PhysicalAddress place = new(PlacesAddress + ((ulong)domain * PlaceByteCount));
        PagingError error = _strategy.OnDomainCreated(ref _allocator, ref _tables[domain], place);
        if (isCopiedWithGrants)
        {
            GrantInBaseSet(grants: false);
        }

        if (error.IsNone)
        {
            if (_mistakes.Happens(StrategyMistake.DomainNumberReused))
            {
                _numbers = default;
                _domains[domain] = default;
            }

            _domains[domain].Create(ref _numbers);
            NoteCost();
            return true;
        }

        ExpectUnchangedRefusal(error, availableBefore);
        if (_kind.PageCountOf(_tables[domain]) != 0)
        {
            Fail("a domain that was refused has table pages");
        }

        return false;
    }

    /// <inheritdoc/>
    public override void DestroyDomain(int domain)
    {
        ResetCounters();
        StrategyCache cache = new(_processor, _kind.KernelRunsOnBaseSet, _userRoot, _mistakes, isDestroying: true, _flushes);
        _userRoot.Forget(_strategy.UserTables(in _tables[domain]).Root);
        _strategy.OnDomainDestroyed(in _domains[domain], ref _tables[domain], ref _allocator, ref cache);
        NoteCost();
        _domains[domain].Destroy();
    }

    /// <inheritdoc/>
    public override bool TryAddPartition(int domain, ModelPartition partition)
    {
        DomainError error = Partition.TryCreate<TFormat>(Placement<TFormat>.Pages(partition.First, partition.Count), partition.Rights, out Partition added);
        error = error.IsNone ? _domains[domain].Add(in added, default(AnythingMap)) : error;
        if (!error.IsNone)
        {
            Fail($"a partition that nothing stands against was refused: {error.Code}");
            return true;
        }

        int told = domain;
        if (_mistakes.Happens(StrategyMistake.GrantInWrongSet))
        {
            told = Array.FindIndex(_domains, other => other.Exists && other.Identity.Id != _domains[domain].Identity.Id);
            told = told < 0 ? domain : told;
        }

        nuint availableBefore = _allocator.Available.Value;
        ResetCounters();
        EditResult result = _strategy.OnPartitionAdded(ref _allocator, in _domains[domain], ref _tables[told], in added);
        if (result.Succeeded)
        {
            Discharge(result.Flush);
            MistakeShared(domain, in added);
            return true;
        }

        ExpectUnchangedRefusal(result.Error, availableBefore);
        _ = _domains[domain].Remove(added.Pages, out _);
        return false;
    }

    /// <inheritdoc/>
    public override void RemovePartition(int domain, ModelPartition partition)
    {
        DomainError error = _domains[domain].Remove(Placement<TFormat>.Pages(partition.First, partition.Count), out Partition removed);
        if (!error.IsNone)
        {
            Fail($"a partition that is there was not removed: {error.Code}");
        }
        else if (!_mistakes.Happens(StrategyMistake.RevocationLeftOut))
        {
            ResetCounters();
            Discharge(_strategy.OnPartitionRemoved(in _domains[domain], ref _tables[domain], in removed));
        }
    }

    /// <inheritdoc/>
    public override void MoveThread(int oldDomain, int newDomain, ModelStack stack)
    {
        if (!_mistakes.Happens(StrategyMistake.MoveNotTold))
        {
            ResetCounters();
            Discharge(_strategy.OnThreadMoved(
                in _domains[oldDomain], ref _tables[oldDomain], in _domains[newDomain], ref _tables[newDomain], StackOf(stack)));
        }
    }

    /// <inheritdoc/>
    public override void EndThread(int domain, ModelStack stack)
    {
        if (_mistakes.Happens(StrategyMistake.ExitNotTold))
        {
            return;
        }

        ResetCounters();
        ModelStack told = _mistakes.Happens(StrategyMistake.StaleStackGeneration) ? stack with { Generation = stack.Generation - 1 } : stack;
        Discharge(_strategy.OnStackFreed(in _domains[domain], ref _tables[domain], StackOf(told)));
        if (_mistakes.Happens(StrategyMistake.GuardLost))
        {
            // The edit of a whole stack object that "returns everything to what it was".
            PageRange guard = Placement<TFormat>.Pages(AddressPlan.MappedGuardPage, 1);
            Discharge(_base.ResetRights(guard).Flush);
            Discharge(_strategy.UserTables(in _tables[domain]).ResetRights(guard).Flush);
        }
    }

    /// <inheritdoc/>
    public override ulong UserEntry(int domain, int page)
    {
        ulong entry = _strategy.UserTables(in _tables[domain]).Root.Value | EntryBits.Present;
        for (int level = FormatGeometry<TFormat>.RootLevel; level >= 0 && (entry & EntryBits.Present) != 0; level--)
        {
            ulong table = level == FormatGeometry<TFormat>.RootLevel ? entry & ~EntryBits.Present : entry & TFormat.TableAddressMask;
            int index = TFormat.Level(level).IndexOf(Placement<TFormat>.PageOf(page)).Value;
            entry = FormatGeometry<TFormat>.EntryByteCount == 4 ? _memory.Read32(table + ((ulong)index * 4)) : _memory.Read64(table + ((ulong)index * 8));
        }

        return entry;
    }

    /// <inheritdoc/>
    public override void LeaveTables(int from, int to) => _tables[to] = _tables[from];

    /// <inheritdoc/>
    public override ulong AddressOf(int page) => Placement<TFormat>.PageOf(page).Address.Value;

    /// <inheritdoc/>
    public override bool IsCurrent(int domain, ModelStack stack) => _strategy.IsCurrent(in _domains[domain], in _tables[domain], StackOf(stack));

    /// <inheritdoc/>
    public override void SwitchTo(int domain, ModelStack stack)
    {
        ResetCounters();
        NoteCost();
        if (_mistakes.Happens(StrategyMistake.GrantedEntryEdited))
        {
            GrantInBaseSet(grants: false);
        }

        // As a kernel does it, which flushes on the way.
        StrategyCache cache = new(_processor, _kind.KernelRunsOnBaseSet, _userRoot, _mistakes, isDestroying: false, _flushes);
        nuint noted = _notes[domain];
        if (_strategy.TryReturnTo(ref _tables[domain], NumberOf(stack), ref cache))
        {
            NoteCost();
        }
        else if (!IsCurrent(domain, stack))
        {
            // A switch that was left half way may be completed in a step of its own.
            for (int step = 0; step < 2 && !TrySwitchTo(domain, stack, int.MaxValue, ref cache); step++)
            {
            }

            NoteCost();
        }

        if (!IsCurrent(domain, stack))
        {
            Fail("not current after the switch");
        }

        _notes[domain] = NumberOf(stack);
        _strategy.NoteReady(ref _tables[domain], noted != 0 && _mistakes.Happens(StrategyMistake.NotedForAnother) ? noted : _notes[domain]);
        ResetCounters();
        FlushObligation again = _strategy.SwitchTo(in _domains[domain], ref _tables[domain], StackOf(stack));
        if (!again.IsNone || _storeCount != 0)
        {
            Fail("a switch to the thread that is current did something");
        }
    }

    private bool TrySwitchTo(int domain, ModelStack stack, int entryLimit, ref StrategyCache cache)
    {
        if (_kind.SwitchPlaced is not { } switchPlaced || stack.Count == 0)
        {
            return _strategy.TrySwitchTo(in _domains[domain], ref _tables[domain], StackOf(stack), entryLimit, ref cache);
        }

        if (!_places.TryGetValue(stack, out StackPlace place))
        {
            place = new StackPlace(StackOf(stack));
        }

        nuint wrong = place.Entry + (nuint)FormatGeometry<TFormat>.EntryByteCount;
        if (place.Entry != 0 && wrong != _lastEntry && _mistakes.Happens(StrategyMistake.StackPlaceKept))
        {
            place = Unsafe.BitCast<PlacedStack, StackPlace>(Unsafe.BitCast<StackPlace, PlacedStack>(place) with { Entry = wrong });
        }

        AnyCache anyCache = new(cache);
        bool isComplete = switchPlaced(ref _strategy, in _domains[domain], ref place, entryLimit, ref anyCache);
        _places[stack] = place;
        _lastEntry = place.Entry;
        return isComplete;
    }

    // A stack with something that isn't known of it: the same fields.
    private record struct PlacedStack(UserStack Stack, nuint Entry);

    /// <inheritdoc/>
    public override bool StepTo(int domain, ModelStack stack, int entryLimit)
    {
        ResetCounters();
        SwitchStep step = _strategy.SwitchTo(in _domains[domain], ref _tables[domain], StackOf(stack), entryLimit);
        if (_entriesWritten.Count > entryLimit)
        {
            Fail($"{_entriesWritten.Count} entries in a step of {entryLimit}");
        }

        Discharge(step.Flush);
        if (step.IsComplete && !IsCurrent(domain, stack))
        {
            Fail("not current after the last step");
        }

        return step.IsComplete;
    }

    /// <inheritdoc/>
    public override bool TryMapBase(int first, int count, LeafRights rights, int frameOffset)
    {
        nuint availableBefore = _allocator.Available.Value;
        ResetCounters();
        Span<TTables> domains = _mistakes.Happens(StrategyMistake.MappedInBaseSetOnly) ? [] : _tables;
        EditResult result = _strategy.MapBase(ref _allocator, ref _baseAccount, Placement<TFormat>.Pages(first, count), FrameOf(first, frameOffset), rights, domains);
        if (result.Succeeded)
        {
            Discharge(result.Flush, concernsKernel: true);
            return true;
        }

        ExpectUnchangedRefusal(result.Error, availableBefore);
        return false;
    }

    /// <inheritdoc/>
    public override void UnmapBase(int first, int count)
    {
        PageRange pages = Placement<TFormat>.Pages(first, count);

        // With one page too many, which is not mapped, nothing happens.
        PageNumber after = pages.End;
        if (!_base.Translate(after.Address).IsMapped && FormatGeometry<TFormat>.Contains(PageRange.OnePage(after)))
        {
            ResetCounters();
            EditResult refused = _strategy.UnmapBase(PageRange.FromFirstToEnd(pages.First, after + PageCount.One), _tables);
            if (refused.Error.Code != PagingErrorCode.NotMapped || refused.Error.Page != after || _storeCount != 0)
            {
                Fail($"unmapping what is not mapped: {refused.Error.Code}, {_storeCount} stores");
            }
        }

        Span<TTables> domains = _mistakes.Happens(StrategyMistake.UnmappedInBaseSetOnly) ? [] : _tables;
        EditResult result = _strategy.UnmapBase(pages, domains);
        Expect(result, "unmapping what is mapped", concernsKernel: true);
    }

    private static FrameNumber FrameOf(int page, int offset) => new(FirstFrame + (nuint)page + (nuint)offset);

    private static UserStack StackOf(ModelStack stack) =>
        stack.Count == 0 ? default : new UserStack(Placement<TFormat>.Pages(stack.First, stack.Count), stack.Generation);

    // A thread is known by where its stack is, as a kernel knows it by its slot: the next one there has the same number.
    private static nuint NumberOf(ModelStack stack) => (nuint)stack.First + 1;

    private void GrantInBaseSet(bool grants)
    {
        foreach (Domain domain in _domains)
        {
            for (int index = 0; index < domain.PartitionCount; index++)
            {
                PageRange pages = domain[index].Pages;
                EditResult result = grants ? _base.SetRights(pages, domain[index].Rights.ToLeafRights()) : _base.ResetRights(pages);
                Expect(result, "the mistake");
            }
        }
    }

    private void MistakeShared(int domain, in Partition added)
    {
        if (_mistakes.Happens(StrategyMistake.SharedTableEdited))
        {
            Expect(_base.SetRights(added.Pages, added.Rights.ToLeafRights()), "the mistake");
        }

        for (int other = 0; other < _domains.Length; other++)
        {
            AddressSpace<TFormat, SimulatedTableMemory> set = _strategy.UserTables(in _tables[other]);
            if (other != domain && _domains[other].Exists && _mistakes.Happens(StrategyMistake.OwnTableLinked)
                && set.UnlinkSharedTable(added.Pages.First, level: 0) is { Succeeded: true } unlinked)
            {
                Discharge(unlinked.Flush);
                Expect(set.ShareTable(ref _allocator, ref _baseAccount, _strategy.UserTables(in _tables[domain]), added.Pages.First, level: 0), "the mistake");
            }
        }
    }

    private void ExpectUnchangedRefusal(PagingError error, nuint availableBefore)
    {
        bool saysWhy = error.Code == PagingErrorCode.OutsideWindows
            ? _kind.MayGrant?.Invoke(error.Page) == false
            : error.Code == PagingErrorCode.OutOfTablePages && error.TablesAvailable.Value == availableBefore && error.TablesNeeded.Value > availableBefore;
        if (!saysWhy)
        {
            Fail($"refused with {error.Code}, {error.TablesNeeded.Value} pages needed and {error.TablesAvailable.Value} left of {availableBefore}");
        }

        if (_storeCount != 0 || _allocator.Available.Value != availableBefore)
        {
            Fail($"what was refused made {_storeCount} stores and took {availableBefore - _allocator.Available.Value} pages");
        }
    }

    private void Expect(EditResult result, string what, bool concernsKernel = false)
    {
        if (!result.Succeeded)
        {
            Fail($"{what} was refused: {result.Error.Code}");
            return;
        }

        Discharge(result.Flush, concernsKernel);
    }

    /// <summary>Carries out what is owed. A kernel on a set of its own does so at once only if that set is concerned: the way to user mode forgets the rest.</summary>
    private void Discharge(FlushObligation owed, bool concernsKernel = false)
    {
        StrategyCache cache = new(_processor, _kind.KernelRunsOnBaseSet && !concernsKernel, _userRoot, _mistakes, isDestroying: false, _flushes);
        owed.Discharge(ref cache);
        NoteCost();
    }

    private void NoteCost() => LastCost = new OperationCost(_entriesWritten.Count, _flushes.Pages, _flushes.Whole, _flushes.Roots);

    private void ResetCounters()
    {
        _entriesWritten.Clear();
        _storeCount = 0;
        _flushes.Pages = 0;
        _flushes.Whole = 0;
        _flushes.Roots = 0;
    }

    private void OnStored(ulong address, int byteCount)
    {
        _storeCount++;
        _entriesWritten.Add(address / (ulong)FormatGeometry<TFormat>.EntryByteCount);
    }
}

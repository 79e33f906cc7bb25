// The judgement: every page and every access, user mode and supervisor, under every behaviour of the caches that a processor may show.

using System;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Equivalence;

/// <content>Judging.</content>
internal sealed partial class LockstepWorld<TFormat, TStrategy, TTables>
{
    /// <inheritdoc/>
    public override void Touch(int page, int kind, bool isUser)
    {
        if (isUser)
        {
            EnterUserMode();
        }

        _processor.Cache.Access(new MemoryAccess(AddressOf(page), (AccessKind)kind, isUser));
        if (isUser)
        {
            EnterKernel();
        }
    }

    /// <inheritdoc/>
    public override void JudgeKernel(LawModel model)
    {
        _watch.JudgeFreePages();
        if (_watch.Violation is { } violation)
        {
            Fail(violation);
        }

        nuint inUse = _baseAccount.InUse.Value;
        foreach (TTables tables in _tables)
        {
            inUse += _kind.PageCountOf(tables);
        }

        if (_allocator.InUse.Value != inUse)
        {
            Fail($"{_allocator.InUse.Value} table pages are in use, and the accounts say {inUse}");
        }

        for (int page = 0; page < AddressPlan.PageTotal; page++)
        {
            JudgeSupervisor(model, page);
        }

        JudgeSets(model);

        if (_kind.KernelRunsOnBaseSet)
        {
            JudgeExcess(new UserLaw(model, basePagesOnly: true));
        }
        else if (!model.IsBetweenThreads)
        {
            JudgeExcess(new UserLaw(model, basePagesOnly: false));
        }
    }

    /// <inheritdoc/>
    public override void JudgeUser(LawModel model, Span<byte> matrix)
    {
        EnterUserMode();
        _watch.JudgeFreePages();
        JudgeExcess(new UserLaw(model, basePagesOnly: false));
        for (int page = 0; page < AddressPlan.PageTotal; page++)
        {
            int lawful = model.UserMask(page);
            int found = 0;
            for (AccessKind kind = AccessKind.Read; kind <= AccessKind.Fetch; kind++)
            {
                MemoryAccess access = new(AddressOf(page), kind, IsUser: true);
                int bit = 1 << (int)kind;
                found |= _processor.MaySucceed(access) ? bit : 0;
                if ((lawful & bit) != 0 && !_processor.MustSucceedWithRetry(access))
                {
                    Fail($"user {kind} of page {page} is lawful and may fail");
                }
            }

            matrix[page] = (byte)found;
            if (found != lawful)
            {
                Fail($"page {page}: user code can do {found:b3}, the law says {lawful:b3}");
            }

            if (lawful != 0 && (!_processor.Cache.TryTranslate(AddressOf(page), out CachedTranslation translation) || translation.FrameAddress != FrameAddressOf(model, page)))
            {
                Fail($"page {page} leads to the wrong frame");
            }
        }

        if (_kind.KernelRunsOnBaseSet)
        {
            JudgeLeak(model);
        }

        EnterKernel();
    }

    private static ulong FrameAddressOf(LawModel model, int page) => FrameOf(page, model.Base[page]!.Value.FrameOffset).Address.Value;

    private void EnterUserMode()
    {
        if (_kind.KernelRunsOnBaseSet)
        {
            _processor.LoadCr3(_kind.UsesContexts ? _userRoot.OfExit.Control3 : _userRoot.Root.Value);
            _userRoot.OfExit = _kind.UsesContexts ? _userRoot.OfExit.Keeping : default;
        }
    }

    private void EnterKernel()
    {
        if (_kind.KernelRunsOnBaseSet)
        {
            _processor.LoadCr3(_kind.UsesContexts ? new ContextRoot(RootAddress).Keeping.Control3 : RootAddress);
        }
    }

    /// <summary>
    /// Pages that are never granted have their base rights for the supervisor, at the first attempt, since a fault may come where nothing retries; what can be granted stays readable, at a retry.
    /// </summary>
    private void JudgeSupervisor(LawModel model, int page)
    {
        int lawful = model.SupervisorMask(page);
        if (_processor.Cache.Settings.SupervisorAccessPrevention && model.Base[page] is { Rights.IsUser: true })
        {
            lawful = 0;
        }

        bool isKernels = model.Base[page] is { IsGrantable: false } && page is < AddressPlan.FirstStackPage or >= AddressPlan.FirstStackPage + AddressPlan.StackPageCount;
        bool isExact = isKernels || lawful == 0 || _kind.KernelRunsOnBaseSet;
        for (AccessKind kind = AccessKind.Read; kind <= AccessKind.Fetch; kind++)
        {
            MemoryAccess access = new(AddressOf(page), kind, IsUser: false);
            bool isLawful = (lawful & (1 << (int)kind)) != 0;
            if (isExact)
            {
                // What was widened just now may need one retry: a device that was mapped again with more rights.
                if (isLawful ? !_processor.MustSucceedWithRetry(access) : _processor.MaySucceed(access))
                {
                    Fail($"supervisor {kind} of page {page}: the base mapping says {isLawful}");
                }
            }
            else if (kind == AccessKind.Read && !_processor.Cache.Settings.SupervisorAccessPrevention && !_processor.MustSucceedWithRetry(access))
            {
                Fail($"the kernel can't read page {page}");
            }
        }

        if (isKernels && model.Base[page] is { FrameOffset: 0, Rights.IsUser: false }
            && !_processor.MustSucceedWithoutRetry(new MemoryAccess(AddressOf(page), AccessKind.Read, IsUser: false)))
        {
            Fail($"the kernel may fault at page {page} where it can't retry");
        }
    }

    /// <summary>
    /// What the set of each domain grants, loaded or not: its partitions, what the base mapping gives, and of stacks only those of its threads. And user mode is entered next on a set that there is.
    /// </summary>
    private void JudgeSets(LawModel model)
    {
        bool isRootKnown = _userRoot.Root == _base.Root;
        for (int domain = 0; domain < LawModel.DomainCount; domain++)
        {
            AddressSpace<TFormat, SimulatedTableMemory> set = _strategy.UserTables(in _tables[domain]);
            isRootKnown |= set.Root == _userRoot.Root;
            if (model.Domains[domain] is null || set.Root == _base.Root)
            {
                continue;
            }

            for (int page = 0; page < AddressPlan.PageTotal; page++)
            {
                int found = UserMaskOf(set.Translate(Placement<TFormat>.PageOf(page).Address));
                bool isRight = found == model.UserMask(page, domain) || (found == model.StackMask && model.IsStackOf(domain, page));
                if (!isRight)
                {
                    Fail($"page {page} of domain {domain}: its set gives {found:b3}, its partitions {model.UserMask(page, domain):b3}");
                }
            }
        }

        if (!isRootKnown)
        {
            Fail("user mode would be entered on a set that is no more");
        }
    }

    private static int UserMaskOf(Translation translation)
    {
        bool isUser = translation.IsMapped && (translation.Entry & EntryBits.User) != 0;
        bool isWritable = (translation.Entry & EntryBits.Writable) != 0;
        bool isExecutable = (translation.Entry & TFormat.ExecuteDisableBit) == 0;
        return isUser ? LawModel.Read | (isWritable ? LawModel.Write : 0) | (isExecutable ? LawModel.Execute : 0) : 0;
    }

    private void JudgeExcess(UserLaw law)
    {
        if (LawJudge.FindExcess(_processor.Cache, law) is { } excess)
        {
            Fail($"user code: {excess}, page {Placement<TFormat>.NumberOf(new VirtualAddress((nuint)excess.PageAddress).Page)}");
        }
    }

    /// <summary>In the set of user mode not even the supervisor reaches what user mode doesn't: what isn't mapped no flaw of a processor can leak. Entry pages are the exception.</summary>
    private void JudgeLeak(LawModel model)
    {
        foreach ((ulong linear, _, CachedTranslation translation) in _processor.Cache.UsableTranslations())
        {
            int page = Placement<TFormat>.NumberOf(new VirtualAddress((nuint)_processor.Cache.Geometry.Restore(linear)).Page);
            if (!translation.User && page != AddressPlan.EntryPage)
            {
                Fail($"page {page} of the kernel is mapped in user mode's set");
            }
        }

        foreach (AccessKind kind in (ReadOnlySpan<AccessKind>)[AccessKind.Read, AccessKind.Fetch])
        {
            if (!_processor.MustSucceedWithoutRetry(new MemoryAccess(AddressOf(AddressPlan.EntryPage), kind, IsUser: false)))
            {
                Fail("the entry page may fail in user mode's set");
            }
        }

        if (model.UserMask(AddressPlan.EntryPage) != 0)
        {
            Fail("the entry page is user mode's");
        }
    }

    private readonly struct UserLaw(LawModel model, bool basePagesOnly) : IAccessLaw
    {
        public bool AllowsUser(ulong pageAddress, AccessKind kind, out ulong frameAddress)
        {
            int page = Placement<TFormat>.NumberOf(new VirtualAddress((nuint)pageAddress).Page);
            frameAddress = page >= 0 && model.Base[page] is not null ? FrameAddressOf(model, page) : 0;
            bool isMeant = !basePagesOnly || (page >= 0 && model.Base[page] is { Rights.IsUser: true });
            return isMeant && (model.UserMask(page) & (1 << (int)kind)) != 0;
        }
    }
}

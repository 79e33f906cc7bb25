// The audit of a set that shows only what user mode may use: too much in it is found like too little.

using Ringfence.Paging;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class UserSetAuditTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private readonly World<TFormat> _world = new();
    private readonly Domain _domain;
    private readonly UserStack _stack;
    private readonly AddressSpace<TFormat, FallibleMemory> _set;

    protected UserSetAuditTests()
    {
        // The last page of kernel text and the first two of kernel data: neither region as a whole.
        EntryPages = PageRange.FromFirstToEnd(new PageNumber(_world.Regions[0].Pages.End.Value - 1), new PageNumber(_world.Regions[1].Pages.First.Value + 2));
        _domain = _world.NewDomain((0, 4, PartitionRights.ReadWrite), (5, 4, PartitionRights.ReadExecute));
        _stack = new UserStack(_world.StackPages(2), 7);
        PerDomainStrategy<TFormat, FallibleMemory, UserSet<TFormat, FallibleMemory>> strategy = new(_world.Tables, EntryPages, default);
        PerDomainTables<TFormat, FallibleMemory, UserSet<TFormat, FallibleMemory>> tables = default;
        PagingError error = strategy.OnDomainCreated(ref _world.Machine.Pool, ref tables, new PhysicalAddress(0x9000));
        Assert.True(error.IsNone);
        for (int slot = 0; slot < _domain.PartitionCount; slot++)
        {
            Partition partition = _domain[slot];
            _world.Discharge(strategy.OnPartitionAdded(ref _world.Machine.Pool, in _domain, ref tables, in partition).Flush);
        }

        _world.Discharge(strategy.SwitchTo(in _domain, ref tables, in _stack));
        _set = strategy.UserTables(in tables);
    }

    private PageRange EntryPages { get; }

    [Fact]
    public void A_set_as_the_strategy_makes_it_passes() => Assert.False(Audit(EntryPages, out _));

    [Fact]
    public void The_set_of_the_kernel_has_too_much_in_it()
    {
        TableAudit<TFormat, FallibleMemory> audit = new(_world.Tables, _world.Windows[0], EntryPages);
        Assert.True(audit.TryFindMismatch(in _domain, in _stack, _world.BaseMapping, out AuditMismatch mismatch));
        Assert.Equal(_world.Regions[0].Pages.First, mismatch.Page);
        Assert.Equal(0ul, mismatch.ExpectedEntry);
        Assert.NotEqual(0ul, mismatch.FoundEntry);
    }

    [Fact]
    public void A_set_of_a_domain_has_too_little_to_be_one_with_the_kernel_in_it()
    {
        TableAudit<TFormat, FallibleMemory> audit = new(_set, _world.Windows[0]);
        Assert.True(audit.TryFindMismatch(in _domain, in _stack, _world.BaseMapping, out AuditMismatch mismatch));
        Assert.Equal(_world.Regions[0].Pages.First, mismatch.Page);
        Assert.Equal(0ul, mismatch.FoundEntry);
    }

    [Fact]
    public void One_entry_page_more_or_less_on_either_side_is_found()
    {
        PageNumber first = EntryPages.First;
        PageNumber end = EntryPages.End;
        ExpectMismatch(PageRange.FromFirstToEnd(new PageNumber(first.Value - 1), end), new PageNumber(first.Value - 1));
        ExpectMismatch(PageRange.FromFirstToEnd(new PageNumber(first.Value + 1), end), first);
        ExpectMismatch(PageRange.FromFirstToEnd(first, new PageNumber(end.Value - 1)), new PageNumber(end.Value - 1));
        ExpectMismatch(PageRange.FromFirstToEnd(first, new PageNumber(end.Value + 1)), end);
        ExpectMismatch(default, first);
    }

    [Fact]
    public void Every_page_of_the_kernel_that_appears_is_found()
    {
        MappingEditor<TFormat, FallibleMemory> editor = new(_world.Tables, _set);
        foreach (BaseRegion region in _world.Regions)
        {
            for (PageNumber page = region.Pages.First; page < region.Pages.End && !region.Rights.IsUser; page += PageCount.One)
            {
                if (EntryPages.Contains(page) || _stack.Pages.Contains(page) || IsGranted(page))
                {
                    continue;
                }

                FlushObligation owed = default;
                editor.Show(page, page + PageCount.One, region.Rights, ref owed);
                Assert.True(Audit(EntryPages, out AuditMismatch mismatch));
                Assert.Equal((page, 0ul), (mismatch.Page, mismatch.ExpectedEntry));
                editor.Hide(page, page + PageCount.One, ref owed);
                _world.Discharge(owed);
            }
        }

        Assert.False(Audit(EntryPages, out _));
    }

    [Fact]
    public void An_entry_page_with_other_rights_is_found()
    {
        MappingEditor<TFormat, FallibleMemory> editor = new(_world.Tables, _set);
        foreach (LeafRights rights in new[] { LeafRights.SupervisorRead, LeafRights.UserReadWrite })
        {
            FlushObligation owed = default;
            PageNumber page = new(EntryPages.End.Value - 1);
            editor.Show(page, EntryPages.End, rights, ref owed);
            Assert.True(Audit(EntryPages, out AuditMismatch mismatch));
            Assert.Equal(page, mismatch.Page);
            editor.Show(page, EntryPages.End, LeafRights.SupervisorReadWrite, ref owed);
            _world.Discharge(owed);
            Assert.False(Audit(EntryPages, out _));
        }
    }

    private bool IsGranted(PageNumber page)
    {
        for (int slot = 0; slot < _domain.PartitionCount; slot++)
        {
            if (_domain[slot].Pages.Contains(page))
            {
                return true;
            }
        }

        return false;
    }

    private void ExpectMismatch(PageRange entryPages, PageNumber page)
    {
        Assert.True(Audit(entryPages, out AuditMismatch mismatch));
        Assert.Equal(page, mismatch.Page);
    }

    private bool Audit(PageRange entryPages, out AuditMismatch mismatch)
    {
        foreach (PageRange window in _world.Windows)
        {
            TableAudit<TFormat, FallibleMemory> audit = new(_set, window, entryPages);
            if (audit.TryFindMismatch(in _domain, in _stack, _world.BaseMapping, out mismatch))
            {
                return true;
            }
        }

        mismatch = default;
        return false;
    }
}

public sealed class Ia32UserSetAuditTests : UserSetAuditTests<Ia32Format>;

public sealed class PaeUserSetAuditTests : UserSetAuditTests<PaeFormat>;

public sealed class FourLevelUserSetAuditTests : UserSetAuditTests<FourLevelFormat>;

// The audit of a set that shows only what user mode may use, with all tables or with those alone that it needs: too much in it is found like too little.

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

    protected UserSetAuditTests(AuditedSet set)
    {
        // The last page of kernel text and the first two of kernel data: neither region as a whole.
        EntryPages = PageRange.FromFirstToEnd(new PageNumber(_world.Regions[0].Pages.End.Value - 1), new PageNumber(_world.Regions[1].Pages.First.Value + 2));
        _domain = _world.NewDomain((0, 4, PartitionRights.ReadWrite), (5, 4, PartitionRights.ReadExecute));
        _stack = new UserStack(_world.StackPages(2), 7);
        _set = AuditedTables<TFormat>.Apply(set, _world, EntryPages, in _domain, in _stack);
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
    public void Every_bit_of_every_leaf_counts_except_accessed_and_dirty()
    {
        foreach (PageRange window in _world.Windows)
        {
            for (PageNumber page = window.First; page < window.End; page += PageCount.One)
            {
                ulong address = AuditedTables<TFormat>.EntryAddress(_world, _set, page, level: 0);
                for (int bit = 0; bit < FormatGeometry<TFormat>.EntryByteCount * 8 && address != 0; bit++)
                {
                    // What isn't there is there with P, and stays away with any other bit.
                    bool isMapped = (_world.Machine.Memory.Read32(address) & 1) != 0;
                    Flip(address, bit);
                    bool found = Audit(EntryPages, out AuditMismatch mismatch);
                    Flip(address, bit);
                    Assert.Equal((page, bit, isMapped ? bit is not (5 or 6) : bit == 0), (page, bit, found));
                    Assert.True(!found || mismatch.Page == page);
                }
            }
        }

        Assert.False(Audit(EntryPages, out _));
    }

    [Fact]
    public void An_upper_entry_that_withholds_what_its_leaves_give_or_is_gone_is_found()
    {
        for (int level = 1; level < TFormat.LevelCount; level++)
        {
            // The processor takes the rights of PAE's directory pointers for given.
            foreach (int bit in TFormat.Level(level).LinksHaveRights ? new[] { 0, 1, 2 } : [0])
            {
                ulong address = AuditedTables<TFormat>.EntryAddress(_world, _set, _domain[0].Pages.First, level);
                Flip(address, bit);
                Assert.True(Audit(EntryPages, out AuditMismatch mismatch));
                DenyingBit[] denials = [DenyingBit.None, DenyingBit.Writable, DenyingBit.User];
                Assert.Equal((level, denials[bit]), (level, mismatch.UpperLevelDenial));
                Flip(address, bit);
                Assert.False(Audit(EntryPages, out _));
            }
        }
    }

    [Fact]
    public void A_table_that_is_linked_in_another_ones_place_is_found()
    {
        // Those of the partitions, one on each side of the border, and the base set's, in which the kernel is.
        ulong first = AuditedTables<TFormat>.EntryAddress(_world, _set, _domain[0].Pages.First, level: 1);
        ulong second = AuditedTables<TFormat>.EntryAddress(_world, _set, _domain[1].Pages.First, level: 1);
        ulong kernels = AuditedTables<TFormat>.EntryAddress(_world, _world.Tables, _domain[0].Pages.First, level: 1);
        Assert.NotEqual(first, second);
        foreach ((ulong link, ulong other) in new[] { (first, second), (second, first), (first, kernels) })
        {
            uint entry = _world.Machine.Memory.Read32(link);
            _world.Machine.Memory.Write32(link, _world.Machine.Memory.Read32(other));
            Assert.True(Audit(EntryPages, out _));
            _world.Machine.Memory.Write32(link, entry);
            Assert.False(Audit(EntryPages, out _));
        }
    }

    [Fact]
    public void Every_page_of_the_kernel_that_appears_is_found()
    {
        // Also where the set needs no table. An empty one is nothing wrong.
        _world.Machine.Done(_set.MakeTables(ref _world.Machine.Pool, ref _world.Machine.Account, _world.Grantable[1]));
        Assert.False(Audit(EntryPages, out _));
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

    private void Flip(ulong address, int bit)
    {
        ulong word = address + ((ulong)(bit / 32) * 4);
        _world.Machine.Memory.Write32(word, _world.Machine.Memory.Read32(word) ^ (1u << (bit % 32)));
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

public sealed class Ia32UserSetAuditTests() : UserSetAuditTests<Ia32Format>(AuditedSet.User);

public sealed class PaeUserSetAuditTests() : UserSetAuditTests<PaeFormat>(AuditedSet.User);

public sealed class FourLevelUserSetAuditTests() : UserSetAuditTests<FourLevelFormat>(AuditedSet.User);

public sealed class Ia32SparseUserSetAuditTests() : UserSetAuditTests<Ia32Format>(AuditedSet.SparseUser);

public sealed class PaeSparseUserSetAuditTests() : UserSetAuditTests<PaeFormat>(AuditedSet.SparseUser);

public sealed class FourLevelSparseUserSetAuditTests() : UserSetAuditTests<FourLevelFormat>(AuditedSet.SparseUser);

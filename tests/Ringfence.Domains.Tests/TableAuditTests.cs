// The audit finds every single thing that can be wrong with an entry, and nothing else, under each strategy whose sets have the kernel in them.

using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class TableAuditTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private readonly World<TFormat> _world = new();
    private readonly AddressSpace<TFormat, FallibleMemory> _tables;
    private readonly Domain _domain;
    private readonly UserStack _stack;

    protected TableAuditTests(AuditedSet set)
    {
        _domain = _world.NewDomain((0, 4, PartitionRights.ReadWrite), (5, 4, PartitionRights.ReadExecute));
        _stack = new UserStack(_world.StackPages(2), 7);
        _tables = AuditedTables<TFormat>.Apply(set, _world, default, in _domain, in _stack);
    }

    [Fact]
    public void Tables_as_the_law_demands_pass_whatever_was_accessed()
    {
        Assert.False(Audit(out _));
        foreach (AccessKind kind in new[] { AccessKind.Read, AccessKind.Write, AccessKind.Fetch })
        {
            foreach (PageRange window in _world.Windows)
            {
                for (PageNumber page = window.First; page < window.End; page += PageCount.One)
                {
                    _world.Machine.Strict.Access(new MemoryAccess(page.Address.Value, kind, IsUser: true));
                }
            }
        }

        Assert.False(Audit(out _));
    }

    [Fact]
    public void Every_bit_of_every_leaf_counts_except_accessed_and_dirty()
    {
        foreach (BaseRegion region in _world.Regions)
        {
            for (PageNumber page = region.Pages.First; page < region.Pages.End; page += PageCount.One)
            {
                for (int bit = 0; bit < FormatGeometry<TFormat>.EntryByteCount * 8; bit++)
                {
                    bool isFree = bit is 5 or 6;
                    Flip(page, bit);
                    bool found = Audit(out AuditMismatch mismatch);
                    Flip(page, bit);
                    Assert.Equal(!isFree, found);
                    if (found)
                    {
                        Assert.Equal(page, mismatch.Page);
                        Assert.Equal(1ul << bit, bit == 0 ? 1 : mismatch.ExpectedEntry ^ mismatch.FoundEntry);
                    }
                }
            }
        }

        Assert.False(Audit(out _));
    }

    [Fact]
    public void A_page_mapped_where_nothing_should_be_is_found()
    {
        PageNumber hole = new(_world.Regions[4].Pages.First.Value - 1);
        _world.Machine.Done(_tables.Map(ref _world.Machine.Pool, ref _world.Machine.Account, PageRange.OnePage(hole), new FrameNumber(0x50), LeafRights.SupervisorRead));
        Assert.True(Audit(out AuditMismatch mismatch));
        Assert.Equal(hole, mismatch.Page);
        Assert.Equal(0ul, mismatch.ExpectedEntry);
        Assert.NotEqual(0ul, mismatch.FoundEntry);
    }

    [Fact]
    public void An_upper_entry_that_withholds_what_its_leaves_give_is_found()
    {
        ulong entryAddress = AuditedTables<TFormat>.EntryAddress(_world, _tables, _domain[0].Pages.First, level: 1);
        uint entry = _world.Machine.Memory.Read32(entryAddress);
        _world.Machine.Memory.Write32(entryAddress, entry & ~4u);
        Assert.True(Audit(out AuditMismatch mismatch));
        Assert.Equal(DenyingBit.User, mismatch.UpperLevelDenial);
        _world.Machine.Memory.Write32(entryAddress, entry & ~2u);
        Assert.True(Audit(out mismatch));
        Assert.Equal(DenyingBit.Writable, mismatch.UpperLevelDenial);
        _world.Machine.Memory.Write32(entryAddress, entry);
        Assert.False(Audit(out _));
    }

    [Fact]
    public void Judged_for_another_thread_the_same_tables_fail()
    {
        Domain other = _world.NewDomain((0, 4, PartitionRights.ReadOnly));
        TableAudit<TFormat, FallibleMemory> audit = new(_tables, _world.Windows[0]);
        Assert.True(audit.TryFindMismatch(in other, in _stack, _world.BaseMapping, out _));
        Assert.True(audit.TryFindMismatch(in _domain, default, _world.BaseMapping, out AuditMismatch mismatch));
        Assert.Equal(_stack.Pages.First, mismatch.Page);
    }

    private bool Audit(out AuditMismatch mismatch)
    {
        foreach (PageRange window in _world.Windows)
        {
            TableAudit<TFormat, FallibleMemory> audit = new(_tables, window);
            if (audit.TryFindMismatch(in _domain, in _stack, _world.BaseMapping, out mismatch))
            {
                return true;
            }
        }

        mismatch = default;
        return false;
    }

    private void Flip(PageNumber page, int bit)
    {
        ulong address = AuditedTables<TFormat>.EntryAddress(_world, _tables, page, level: 0);
        ulong word = address + ((ulong)(bit / 32) * 4);
        _world.Machine.Memory.Write32(word, _world.Machine.Memory.Read32(word) ^ (1u << (bit % 32)));
    }
}

public sealed class Ia32TableAuditTests() : TableAuditTests<Ia32Format>(AuditedSet.Common);

public sealed class PaeTableAuditTests() : TableAuditTests<PaeFormat>(AuditedSet.Common);

public sealed class FourLevelTableAuditTests() : TableAuditTests<FourLevelFormat>(AuditedSet.Common);

public sealed class Ia32FullSetTableAuditTests() : TableAuditTests<Ia32Format>(AuditedSet.Full);

public sealed class PaeFullSetTableAuditTests() : TableAuditTests<PaeFormat>(AuditedSet.Full);

public sealed class FourLevelFullSetTableAuditTests() : TableAuditTests<FourLevelFormat>(AuditedSet.Full);

public sealed class Ia32SharedSetTableAuditTests() : TableAuditTests<Ia32Format>(AuditedSet.Shared);

public sealed class PaeSharedSetTableAuditTests() : TableAuditTests<PaeFormat>(AuditedSet.Shared);

public sealed class FourLevelSharedSetTableAuditTests() : TableAuditTests<FourLevelFormat>(AuditedSet.Shared);

public sealed class Ia32LeafLinkTableAuditTests() : TableAuditTests<Ia32Format>(AuditedSet.LeafLink);

public sealed class PaeLeafLinkTableAuditTests() : TableAuditTests<PaeFormat>(AuditedSet.LeafLink);

public sealed class FourLevelLeafLinkTableAuditTests() : TableAuditTests<FourLevelFormat>(AuditedSet.LeafLink);

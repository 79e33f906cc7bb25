// The table pages of a kernel: one stretch of frames set aside at boot, counted exactly, given back and handed out again.

namespace Ringfence.Paging;

/// <summary>
/// An allocator over consecutive frames. Freed pages are kept in a list whose links lie in the pages themselves, so it needs no memory of its own;
/// for that the frames must have numbers below 2^32, that is lie below 16 TiB. A root of PAE must lie below 4 GiB, and so must the pool that it comes from. A mutable value: keep it in one place.
/// </summary>
public struct TablePool<TMemory> : ITableAllocator
    where TMemory : struct, ITableMemory
{
    private readonly TMemory _memory;
    private readonly FrameNumber _firstFrame;
    private readonly PageCount _capacity;
    private nuint _everTaken;
    private nuint _freeListLength;
    private nuint _reserved;

    // The frame number of the first free page; of no meaning when the list is empty.
    private nuint _freeListHead;

    /// <summary>A pool of <paramref name="capacity"/> frames from <paramref name="firstFrame"/> on, reached through <paramref name="memory"/>; what they hold doesn't matter.</summary>
    public TablePool(TMemory memory, FrameNumber firstFrame, PageCount capacity)
    {
        _memory = memory;
        _firstFrame = firstFrame;
        _capacity = capacity;
    }

    /// <summary>Pages in all.</summary>
    public readonly PageCount Capacity => _capacity;

    /// <summary>Pages handed out and not given back.</summary>
    public readonly PageCount InUse => new(_everTaken - _freeListLength);

    /// <inheritdoc/>
    public readonly PageCount Available => new(_capacity.Value - InUse.Value - _reserved);

    /// <inheritdoc/>
    public bool TryReserve(PageCount count)
    {
        if (count > Available)
        {
            return false;
        }

        _reserved += count.Value;
        return true;
    }

    /// <inheritdoc/>
    public PhysicalAddress TakeReserved()
    {
        // Cleared when handed out rather than when given back: the first page may never have been clean.
        PhysicalAddress table = TakeReservedAsIs();
        _memory.Clear(new TableAddress(table));
        return table;
    }

    /// <inheritdoc/>
    public PhysicalAddress TakeReservedAsIs()
    {
        _reserved--;
        if (_freeListLength == 0)
        {
            FrameNumber fresh = _firstFrame + new PageCount(_everTaken);
            _everTaken++;
            return fresh.Address;
        }

        PhysicalAddress table = new FrameNumber(_freeListHead).Address;
        _freeListHead = _memory.Read32(new TableAddress(table), 0);
        _freeListLength--;
        return table;
    }

    /// <summary>One zeroed page, or false when the pool or the account has none left: for a root table, which no edit takes on its own.</summary>
    public bool TryTake(ref TableAccount account, out PhysicalAddress table)
    {
        bool taken = account.Left != PageCount.Zero && TryReserve(PageCount.One);
        table = default;
        if (taken)
        {
            account.Charge(PageCount.One);
            table = TakeReserved();
        }

        return taken;
    }

    /// <summary>Gives back what <see cref="TryTake"/> gave: a root that is empty and loaded on no processor.</summary>
    public void GiveBack(ref TableAccount account, PhysicalAddress table)
    {
        account.Credit();
        Free(table);
    }

    /// <inheritdoc/>
    public void Free(PhysicalAddress table)
    {
        _memory.Write32(new TableAddress(table), 0, (uint)_freeListHead);
        _freeListHead = table.Frame.Value;
        _freeListLength++;
    }
}

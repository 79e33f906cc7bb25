// The frames that the image reserved for page tables, given out one after the other.

using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Page tables from the image's own region. Nothing is given back yet: one set of tables serves all threads.</summary>
public struct TablePool : ITableAllocator
{
    private nuint _next;
    private readonly nuint _end;
    private nuint _reservedCount;

    /// <summary>Takes over the frames from <paramref name="start"/> up to <paramref name="end"/>, page aligned.</summary>
    public TablePool(nuint start, nuint end)
    {
        _next = start;
        _end = end;
        _reservedCount = 0;
    }

    /// <inheritdoc/>
    public readonly PageCount Available => new(((_end - _next) / PageSize.ByteCount) - _reservedCount);

    /// <inheritdoc/>
    public bool TryReserve(PageCount count)
    {
        if (count.Value > Available.Value)
        {
            return false;
        }

        _reservedCount += count.Value;
        return true;
    }

    /// <inheritdoc/>
    public PhysicalAddress TakeReserved()
    {
        nuint table = _next;
        _next += PageSize.ByteCount;
        _reservedCount--;
        KernelMemory.Bytes(table, PageSize.ByteCount).Clear();
        return new PhysicalAddress(table);
    }

    /// <inheritdoc/>
    public readonly void Free(PhysicalAddress table) =>
        Panic.Stop("a page table was given back to a pool that only gives out; its address:"u8, (nuint)table.Value);
}

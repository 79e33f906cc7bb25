// Where table pages come from. Reserving is separate from taking, so an edit learns that there are too few before it changes anything.

namespace Ringfence.Paging;

/// <summary>A source of table pages with exact accounting.</summary>
public interface ITableAllocator
{
    /// <summary>Pages that can still be reserved.</summary>
    PageCount Available { get; }

    /// <summary>Sets <paramref name="count"/> pages aside for <see cref="TakeReserved"/>, or returns false and sets none aside.</summary>
    bool TryReserve(PageCount count);

    /// <summary>One of the reserved pages, filled with zeros. This and <see cref="TakeReservedAsIs"/> are called exactly as often as pages were reserved; cannot fail.</summary>
    PhysicalAddress TakeReserved();

    /// <summary>One of the reserved pages with whatever it holds: the caller writes all of it before a table leads to it.</summary>
    PhysicalAddress TakeReservedAsIs();

    /// <summary>Gives a page back. No processor can reach it any more: <see cref="TableRelease{TFormat,TMemory}"/> sees to that.</summary>
    void Free(PhysicalAddress table);
}

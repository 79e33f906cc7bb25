// How page tables are reached is the caller's business: the kernel goes through its identity map, tests through an array.

namespace Ringfence.Paging;

/// <summary>
/// Reads and writes words of page tables, each named by the address of a table, or of an entry in one, and a number of words from there. Implemented by a struct without state of its own (or with a reference only): it is copied
/// freely. Each call is one access of exactly the given width, in program order, and the last four are locked: no access of a processor, the page walker's updates of A and D
/// included, comes between their read and their store. A 64-bit read, write or addition need not exist on a 32-bit processor, where no format here uses it.
/// </summary>
public interface ITableMemory
{
    /// <summary>Reads the 32-bit word <paramref name="index"/> (counted in words of 4 bytes) of the table that starts at <paramref name="table"/>.</summary>
    uint Read32(TableAddress table, int index);

    /// <summary>Writes the 32-bit word <paramref name="index"/> (counted in words of 4 bytes) of the table, in a single store.</summary>
    void Write32(TableAddress table, int index, uint value);

    /// <summary>Reads the 64-bit word <paramref name="index"/> (counted in words of 8 bytes) of the table.</summary>
    ulong Read64(TableAddress table, int index);

    /// <summary>Writes the 64-bit word <paramref name="index"/> (counted in words of 8 bytes) of the table, in a single store.</summary>
    void Write64(TableAddress table, int index, ulong value);

    /// <summary>Adds to the 32-bit word, wrapping, and returns what it held before.</summary>
    uint ExchangeAdd32(TableAddress table, int index, uint addend);

    /// <summary>Adds to the 64-bit word, wrapping, and returns what it held before.</summary>
    ulong ExchangeAdd64(TableAddress table, int index, ulong addend);

    /// <summary>Stores <paramref name="value"/> in the 32-bit word if it holds <paramref name="comparand"/>; returns what it held before.</summary>
    uint CompareExchange32(TableAddress table, int index, uint value, uint comparand);

    /// <summary>Stores <paramref name="value"/> in the 64-bit word if it holds <paramref name="comparand"/>; returns what it held before.</summary>
    ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand);
}

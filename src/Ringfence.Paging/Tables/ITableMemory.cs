// How page tables are reached is the caller's business: the kernel goes through its identity map, tests through an array.

namespace Ringfence.Paging;

/// <summary>
/// Reads and writes words of page tables, each named by the address of a table, or of an entry in one, and a number of words from there. Implemented by a struct without state of its own (or with a reference only): it is copied
/// freely. Each call that names a word is one access of exactly its width, in program order, and the four with "exchange" in their names are locked: no access of a processor, the page walker's updates of A and D
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

    /// <summary>Fills a page with zeros; no processor walks it, so in any order and width.</summary>
    /// <param name="page">The page. <see cref="TablePages.Clear"/> does it word by word.</param>
    void Clear(TableAddress page);

    /// <summary>
    /// Copies a table of a whole page into a page that no processor walks: entries that are present as they are, with <paramref name="marks"/> observed, and 0 for those that aren't. What is copied of a word of 32 bits was
    /// read in one access: a processor may be setting A and D in the source. <see cref="TablePages.Copy"/> does it word by word.
    /// </summary>
    /// <param name="source">The table.</param>
    /// <param name="destination">The page, whatever it holds.</param>
    /// <param name="width">The width of an entry.</param>
    /// <param name="marks">Bits, of the low 32, that bring along the bit <see cref="TablePages.MarkShift"/> places above wherever they are set; 0 for none.</param>
    /// <returns>A bit for each 32nd part of the table (for each entry, if it has fewer), the lowest for the first: 0 where nothing is.</returns>
    uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks);
}

// Whole pages of entries, word by word: for memory that has nothing quicker.

namespace Ringfence.Paging;

/// <summary>What <see cref="ITableMemory.Clear"/> and <see cref="ITableMemory.CopyTable"/> have to do, made of the other accesses.</summary>
public static class TablePages
{
    /// <summary>How far above a bit its mark is: from R/W to D.</summary>
    public const int MarkShift = 5;

    // Bytes of a page that one bit of an answer stands for.
    private const int LineByteCount = (int)PageSize.ByteCount / 32;

    /// <summary>Fills a page with zeros.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="page">The page.</param>
    public static void Clear<TMemory>(TMemory memory, TableAddress page)
        where TMemory : struct, ITableMemory
    {
        for (int index = 0; index < (int)PageSize.ByteCount / sizeof(uint); index++)
        {
            memory.Write32(page, index, 0);
        }
    }

    /// <summary>Copies a table.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="source">The table.</param>
    /// <param name="destination">The page.</param>
    /// <param name="width">The width of an entry.</param>
    /// <param name="marks">As for <see cref="ITableMemory.CopyTable"/>.</param>
    /// <returns>As for <see cref="ITableMemory.CopyTable"/>.</returns>
    public static uint Copy<TMemory>(TMemory memory, TableAddress source, TableAddress destination, EntryWidth width, uint marks)
        where TMemory : struct, ITableMemory
    {
        uint lines = 0;
        int words = width == EntryWidth.Bits32 ? 1 : 2;
        for (int index = 0; index < (int)PageSize.ByteCount / sizeof(uint); index += words)
        {
            uint low = memory.Read32(source, index);
            uint high = words == 2 ? memory.Read32(source, index + 1) : 0;
            bool isPresent = (low & (uint)EntryBits.Present) != 0;
            lines |= (low | high) == 0 ? 0 : 1u << (index * sizeof(uint) / LineByteCount);
            memory.Write32(destination, index, isPresent ? low | ((low & marks) << MarkShift) : 0);
            if (words == 2)
            {
                memory.Write32(destination, index + 1, isPresent ? high : 0);
            }
        }

        return lines;
    }
}

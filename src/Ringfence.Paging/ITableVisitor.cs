// Seeing every table page of a set, for accounting and for checking that none of them is reachable from user mode.

namespace Ringfence.Paging;

/// <summary>Receives the table pages of a set, each once.</summary>
public interface ITableVisitor
{
    /// <summary>A table of the given level; 0 holds leaves.</summary>
    void Visit(PhysicalAddress table, int level);
}

/// <summary>How much memory the tables of a set take.</summary>
public readonly struct TableUsage
{
    internal TableUsage(PageCount pages, ulong byteCount)
    {
        Pages = pages;
        ByteCount = byteCount;
    }

    /// <summary>Whole table pages: every table but a root smaller than a page.</summary>
    public PageCount Pages { get; }

    /// <summary>Bytes, the root included: 32 for a PAE root.</summary>
    public ulong ByteCount { get; }
}

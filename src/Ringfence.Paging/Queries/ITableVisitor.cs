// Seeing every table page of a set, for accounting and for checking that none of them is reachable from user mode.

namespace Ringfence.Paging;

/// <summary>Receives the table pages of a set, each once.</summary>
public interface ITableVisitor
{
    /// <summary>A table.</summary>
    /// <param name="table">Where it is.</param>
    /// <param name="level">Its level; 0 holds leaves.</param>
    /// <param name="isShared">Whether it belongs to another set.</param>
    void Visit(PhysicalAddress table, int level, bool isShared);
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

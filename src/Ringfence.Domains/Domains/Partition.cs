// A fenced stretch of memory: pages and what a domain that holds it may do with them.

using System;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// Whole pages with rights. Copied by value into a domain. A partition made by <c>TryCreate</c> has at least one page and only addresses
/// that exist; the default value has none and is refused by every operation.
/// </summary>
public readonly struct Partition : IEquatable<Partition>
{
    // A domain has room for many: two words each. The number of a page leaves the bits of an offset in a page free, and one page after the last needs one of them.
    private const int RightsBitCount = 2;
    private const nuint RightsMask = (1 << RightsBitCount) - 1;

    private readonly PageNumber _first;
    private readonly nuint _endAndRights;

    private Partition(PageRange pages, PartitionRights rights)
    {
        _first = pages.First;
        _endAndRights = (pages.End.Value << RightsBitCount) | (nuint)(byte)rights;
    }

    /// <summary>The rights as leaves have them.</summary>
    internal LeafRights LeafRights => Rights.ToLeafRights();

    /// <summary>The pages.</summary>
    public PageRange Pages => PageRange.CreateUnchecked(_first, new PageNumber(_endAndRights >> RightsBitCount));

    /// <summary>What a domain that holds the partition may do with them.</summary>
    public PartitionRights Rights => (PartitionRights)(byte)(_endAndRights & RightsMask);

    /// <summary>
    /// What a stack that belongs to a domain gives: its pages, to read and write. No domain holds it as a partition; a strategy is told of it as of one.
    /// </summary>
    public static Partition ForStack(in UserStack stack) => new(stack.Pages, PartitionRights.ReadWrite);

    /// <summary>
    /// A partition from its first byte and its size in bytes. A partition that ends exactly with the last page of the address space is a good one.
    /// </summary>
    /// <returns>
    /// In this order: <see cref="DomainErrorCode.UndefinedRights"/>, <see cref="DomainErrorCode.EmptyPartition"/>, <see cref="DomainErrorCode.WrapsAround"/>,
    /// <see cref="DomainErrorCode.MisalignedStart"/>, <see cref="DomainErrorCode.MisalignedSize"/>, <see cref="DomainErrorCode.NotCanonical"/>.
    /// </returns>
    public static DomainError TryCreate<TFormat>(VirtualAddress start, nuint byteCount, PartitionRights rights, out Partition partition)
        where TFormat : struct, IPagingFormat
    {
        partition = default;
        if (rights > PartitionRights.ReadExecute)
        {
            return new DomainError(DomainErrorCode.UndefinedRights, (nuint)(byte)rights);
        }

        if (byteCount == 0)
        {
            return new DomainError(DomainErrorCode.EmptyPartition, start.Value);
        }

        if (byteCount - 1 > AddressLimit.HighestAddress<TFormat>() - start.Value || start.Value > AddressLimit.HighestAddress<TFormat>())
        {
            return new DomainError(DomainErrorCode.WrapsAround, byteCount);
        }

        if (!start.IsPageAligned)
        {
            return new DomainError(DomainErrorCode.MisalignedStart, start.Value);
        }

        if ((byteCount & PageSize.OffsetMask) != 0)
        {
            return new DomainError(DomainErrorCode.MisalignedSize, byteCount);
        }

        PageRange pages = PageRange.CreateTruncated(start.Page, PageCount.FromBytesRoundedUp(byteCount));
        if (!FormatGeometry<TFormat>.Contains(pages))
        {
            return new DomainError(DomainErrorCode.NotCanonical, start.Value);
        }

        partition = new Partition(pages, rights);
        return default;
    }

    /// <summary>A partition from whole pages; refused as by the other overload.</summary>
    public static DomainError TryCreate<TFormat>(PageRange pages, PartitionRights rights, out Partition partition)
        where TFormat : struct, IPagingFormat
    {
        partition = default;
        if (rights > PartitionRights.ReadExecute)
        {
            return new DomainError(DomainErrorCode.UndefinedRights, (nuint)(byte)rights);
        }

        if (pages.IsEmpty)
        {
            return new DomainError(DomainErrorCode.EmptyPartition, pages.First.Address.Value);
        }

        if (!FormatGeometry<TFormat>.Contains(pages))
        {
            return new DomainError(DomainErrorCode.NotCanonical, pages.First.Address.Value);
        }

        partition = new Partition(pages, rights);
        return default;
    }

    /// <inheritdoc/>
    public bool Equals(Partition other) => Pages == other.Pages && Rights == other.Rights;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Partition other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Pages.GetHashCode() ^ (int)Rights;

    /// <summary>Same pages and rights.</summary>
    public static bool operator ==(Partition left, Partition right) => left.Equals(right);

    /// <summary>Not the same pages and rights.</summary>
    public static bool operator !=(Partition left, Partition right) => !left.Equals(right);
}

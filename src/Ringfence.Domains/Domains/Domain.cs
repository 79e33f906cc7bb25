// A memory domain: the set of partitions that its threads may touch.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// A set of disjoint partitions, kept dense and in the order of their addresses, so that there are no holes to skip, the overlap check looks
/// at neighbours only, and two domains are compared in one pass. A mutable value that lives in one place (a kernel object): pass it by
/// reference. It does nothing to page tables; the strategy is told of changes separately.
/// </summary>
public partial struct Domain
{
    private PartitionArray _partitions;
    private int _count;

    // Side by side, as in an identity.
    private uint _id;
    private uint _generation;
#if STACKS_OF_DOMAIN
    private StackArray _stacks;
    private int _stackCount;
#endif

    [InlineArray(DomainCapacity.PartitionCount)]
    private struct PartitionArray
    {
        private Partition _first;
    }

    /// <summary>Number and generation: equal identities mean equal content.</summary>
    public readonly DomainIdentity Identity => new(_id, _generation);

    /// <summary>Whether this is its identity: compared where both lie, because a switch does it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool IsAsIn(in DomainIdentity identity) => Unsafe.SizeOf<nuint>() == sizeof(ulong)
        ? Unsafe.As<uint, ulong>(ref Unsafe.AsRef(in _id)) == Unsafe.As<DomainIdentity, ulong>(ref Unsafe.AsRef(in identity))
        : _id == identity.Id && _generation == identity.Generation;

    /// <summary>Whether <see cref="Create"/> was called and <see cref="Destroy"/> was not since.</summary>
    public readonly bool Exists => _id != 0;

    /// <summary>How many partitions it holds.</summary>
    public readonly int PartitionCount => _count;

    /// <summary>The partition <paramref name="index"/>, 0..<see cref="PartitionCount"/>-1, in the order of addresses. Indexes move when partitions are added or removed.</summary>
    public readonly Partition this[int index] => _partitions[index];

    /// <summary>The same where it lies, for an index below <see cref="PartitionCount"/>: a switch to a domain that isn't known goes through all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly ref readonly Partition PartitionAt(int index) =>
        ref Unsafe.Add(ref Unsafe.As<PartitionArray, Partition>(ref Unsafe.AsRef(in _partitions)), index);

    /// <summary>Starts a life of this domain, without partitions and under a number that no domain had before.</summary>
    public void Create(ref DomainNumberSource numbers)
    {
        _id = numbers.Next();
        _count = 0;
        ClearStacks();
        _generation++;
    }

    /// <summary>Ends the life of this domain. Tell the strategy first (its OnDomainDestroyed), while the identity is still valid.</summary>
    public void Destroy()
    {
        _id = 0;
        _count = 0;
        ClearStacks();
        _generation++;
    }

    /// <summary>Adds a partition, or changes nothing and says why.</summary>
    /// <returns>
    /// In this order: <see cref="DomainErrorCode.EmptyPartition"/> for a default partition, <see cref="DomainErrorCode.OverlapsPartition"/>,
    /// <see cref="DomainErrorCode.OverlapsStack"/> for a stack of the domain, <see cref="DomainErrorCode.NoFreeSlot"/>, then whatever <paramref name="grantable"/> objects to.
    /// </returns>
    public DomainError Add<TMap>(in Partition partition, TMap grantable)
        where TMap : struct, IGrantableMap
    {
        DomainError error = CheckAddable(in partition, grantable, out int position);
        if (!error.IsNone)
        {
            return error;
        }

        for (int index = _count; index > position; index--)
        {
            _partitions[index] = _partitions[index - 1];
        }

        _partitions[position] = partition;
        _count++;
        _generation++;
        return default;
    }

    /// <summary>What <see cref="Add"/> would answer, without adding.</summary>
    public readonly DomainError CheckAddable<TMap>(in Partition partition, TMap grantable)
        where TMap : struct, IGrantableMap => CheckAddable(in partition, grantable, out _);

    /// <summary>Removes the partition with exactly these pages, whatever its rights.</summary>
    /// <param name="pages">The pages of the partition.</param>
    /// <param name="removed">The partition that was removed.</param>
    /// <returns><see cref="DomainErrorCode.NoSuchPartition"/> when first page or size differ from every partition.</returns>
    public DomainError Remove(PageRange pages, out Partition removed)
    {
        for (int index = 0; index < _count; index++)
        {
            if (_partitions[index].Pages == pages && !pages.IsEmpty)
            {
                removed = _partitions[index];
                for (int next = index + 1; next < _count; next++)
                {
                    _partitions[next - 1] = _partitions[next];
                }

                _count--;
                _partitions[_count] = default;
                _generation++;
                return default;
            }
        }

        removed = default;
        return new DomainError(DomainErrorCode.NoSuchPartition, pages.First.Address.Value);
    }

    /// <summary>The index of the partition that holds the page, or -1.</summary>
    public readonly int IndexOf(PageNumber page)
    {
        for (int index = 0; index < _count; index++)
        {
            if (_partitions[index].Pages.Contains(page))
            {
                return index;
            }
        }

        return -1;
    }

    private readonly DomainError CheckAddable<TMap>(in Partition partition, TMap grantable, out int position)
        where TMap : struct, IGrantableMap
    {
        PageRange pages = partition.Pages;
        int behind = 0;
        int count = _count;
        while (behind < count && _partitions[behind].Pages.End <= pages.First)
        {
            behind++;
        }

        position = behind;
        if (pages.IsEmpty)
        {
            return new DomainError(DomainErrorCode.EmptyPartition, pages.First.Address.Value);
        }

        if (behind < count && _partitions[behind].Pages.First < pages.End)
        {
            return new DomainError(DomainErrorCode.OverlapsPartition, _partitions[behind].Pages.First.Address.Value);
        }

#if STACKS_OF_DOMAIN
        if (TryFindStackOver(partition.Pages, out UserStack stack))
        {
            return new DomainError(DomainErrorCode.OverlapsStack, stack.Pages.First.Address.Value);
        }
#endif

        if (count == DomainCapacity.PartitionCount)
        {
            return new DomainError(DomainErrorCode.NoFreeSlot, DomainCapacity.PartitionCount);
        }

        GrantObstacle obstacle = grantable.FindObstacle(pages);
        if (obstacle.Kind == GrantObstacleKind.None)
        {
            return default;
        }

        DomainErrorCode code = obstacle.Kind switch
        {
            GrantObstacleKind.NotMapped => DomainErrorCode.NotMapped,
            GrantObstacleKind.Stack => DomainErrorCode.OverlapsStack,
            GrantObstacleKind.Guard => DomainErrorCode.OverlapsGuard,
            GrantObstacleKind.PageTable => DomainErrorCode.OverlapsPageTable,
            _ => DomainErrorCode.NotGrantable,
        };
        return new DomainError(code, obstacle.Page.Address.Value);
    }
}

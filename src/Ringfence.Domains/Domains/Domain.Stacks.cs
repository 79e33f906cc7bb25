// Stacks that belong to a domain, where the build says so (isolation of stacks by domain): every thread of the domain may read and write all of them. They are
// kept apart from the partitions, which they neither count among nor take room from.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>Its stacks.</content>
public partial struct Domain
{
#if STACKS_OF_DOMAIN
    [InlineArray(DomainCapacity.StackCount)]
    private struct StackArray
    {
        private UserStack _first;
    }

    /// <summary>How many stacks it holds.</summary>
    public readonly int StackCount => _stackCount;

    /// <summary>The stack <paramref name="index"/>, 0..<see cref="StackCount"/>-1, in the order of addresses. Indexes move when stacks are added or removed.</summary>
    public readonly UserStack Stack(int index) => _stacks[index];

    /// <summary>
    /// Adds the stack of a thread that is in the domain from now on, or changes nothing and says why. What lies under a stack is the kernel's business, which made it.
    /// </summary>
    /// <returns>
    /// In this order: <see cref="DomainErrorCode.EmptyPartition"/> for no stack, <see cref="DomainErrorCode.OverlapsPartition"/>, <see cref="DomainErrorCode.OverlapsStack"/>,
    /// <see cref="DomainErrorCode.NoFreeSlot"/>.
    /// </returns>
    public DomainError AddStack(in UserStack stack)
    {
        if (stack.IsNone)
        {
            return new DomainError(DomainErrorCode.EmptyPartition, stack.Pages.First.Address.Value);
        }

        for (int index = 0; index < _count; index++)
        {
            if (_partitions[index].Pages.Overlaps(stack.Pages))
            {
                return new DomainError(DomainErrorCode.OverlapsPartition, _partitions[index].Pages.First.Address.Value);
            }
        }

        if (TryFindStackOver(stack.Pages, out UserStack other))
        {
            return new DomainError(DomainErrorCode.OverlapsStack, other.Pages.First.Address.Value);
        }

        if (_stackCount == DomainCapacity.StackCount)
        {
            return new DomainError(DomainErrorCode.NoFreeSlot, DomainCapacity.StackCount);
        }

        int position = _stackCount;
        while (position > 0 && _stacks[position - 1].Pages.First > stack.Pages.First)
        {
            _stacks[position] = _stacks[position - 1];
            position--;
        }

        _stacks[position] = stack;
        _stackCount++;
        _generation++;
        return default;
    }

    /// <summary>Removes the stack of a thread that leaves the domain or ends.</summary>
    /// <returns><see cref="DomainErrorCode.NoSuchPartition"/> when no stack of the domain has these pages and this generation.</returns>
    public DomainError RemoveStack(in UserStack stack)
    {
        for (int index = 0; index < _stackCount; index++)
        {
            if (_stacks[index] == stack)
            {
                _stackCount--;
                for (int next = index; next < _stackCount; next++)
                {
                    _stacks[next] = _stacks[next + 1];
                }

                _stacks[_stackCount] = default;
                _generation++;
                return default;
            }
        }

        return new DomainError(DomainErrorCode.NoSuchPartition, stack.Pages.First.Address.Value);
    }

    private readonly bool TryFindStackOver(PageRange pages, out UserStack stack)
    {
        for (int index = 0; index < _stackCount; index++)
        {
            if (_stacks[index].Pages.Overlaps(pages))
            {
                stack = _stacks[index];
                return true;
            }
        }

        stack = default;
        return false;
    }

    private void ClearStacks() => _stackCount = 0;
#else
#pragma warning disable CA1822 // The same members as where there are stacks.
    /// <summary>How many stacks it holds: none, for a stack is its thread's.</summary>
    public readonly int StackCount => 0;

    /// <summary>None.</summary>
    public readonly UserStack Stack(int index) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void ClearStacks()
    {
    }
#pragma warning restore CA1822
#endif
}

// What a domain may do with a partition; the closed set without "writable and executable".

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The rights that user mode has on a partition.</summary>
public enum PartitionRights : byte
{
    /// <summary>Read.</summary>
    ReadOnly,

    /// <summary>Read and write.</summary>
    ReadWrite,

    /// <summary>Read and execute.</summary>
    ReadExecute,
}

/// <summary>From partition rights to leaf rights.</summary>
public static class PartitionRightsExtensions
{
    /// <summary>The rights of the leaves of such a partition; an undefined value counts as <see cref="PartitionRights.ReadOnly"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeafRights ToLeafRights(this PartitionRights rights) => rights switch
    {
        PartitionRights.ReadWrite => LeafRights.UserReadWrite,
        PartitionRights.ReadExecute => LeafRights.UserReadExecute,
        _ => LeafRights.UserRead,
    };
}

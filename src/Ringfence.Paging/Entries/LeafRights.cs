// The closed set of rights that a leaf can carry. There is no way to write "writable and executable", so no later check can forget it.

using System;

namespace Ringfence.Paging;

/// <summary>
/// One of six: read, read-write or read-execute, for the supervisor only or for user mode too. The default value is the least of
/// them, <see cref="SupervisorRead"/>. On a format without execute-disable, read implies execute whatever is asked for
/// (see <see cref="FormatGeometry{TFormat}.HasExecuteDisable"/>).
/// </summary>
public readonly struct LeafRights : IEquatable<LeafRights>
{
    // Private to this library. Write and user stand where an entry has R/W and U/S, and all three stand BaseShift below the base bits, so that encoding is
    // a mask and a shift: it is in the inner part of a switch. Write and execute are never both set.
    internal const byte WriteFlag = (byte)EntryBits.Writable;
    internal const byte UserFlag = (byte)EntryBits.User;
    internal const byte ExecuteFlag = (byte)(EntryBits.BaseExecutable >> EntryBits.BaseShift);

    private readonly byte _flags;

    private LeafRights(byte flags) => _flags = flags;

    /// <summary>The supervisor may read.</summary>
    public static LeafRights SupervisorRead => default;

    /// <summary>The supervisor may read and write.</summary>
    public static LeafRights SupervisorReadWrite => new(WriteFlag);

    /// <summary>The supervisor may read and execute.</summary>
    public static LeafRights SupervisorReadExecute => new(ExecuteFlag);

    /// <summary>User mode and the supervisor may read.</summary>
    public static LeafRights UserRead => new(UserFlag);

    /// <summary>User mode and the supervisor may read and write.</summary>
    public static LeafRights UserReadWrite => new(UserFlag | WriteFlag);

    /// <summary>User mode and the supervisor may read and execute.</summary>
    public static LeafRights UserReadExecute => new(UserFlag | ExecuteFlag);

    /// <summary>Whether user mode has any right.</summary>
    public bool IsUser => (_flags & UserFlag) != 0;

    /// <summary>Whether writing is among the rights.</summary>
    public bool IsWritable => (_flags & WriteFlag) != 0;

    /// <summary>Whether executing is among the rights.</summary>
    public bool IsExecutable => (_flags & ExecuteFlag) != 0;

    internal byte Flags => _flags;

    /// <summary>Whether user mode has the right, on a format that enforces all of them.</summary>
    public bool AllowsUser(Access access) => IsUser && (access == Access.Read || (access == Access.Write ? IsWritable : IsExecutable));

    /// <summary>Rights from three separate answers. Write wins over execute, so the result is always one of the six.</summary>
    internal static LeafRights FromFlagsPreferringWrite(bool user, bool write, bool execute) =>
        new((byte)((user ? UserFlag : 0) | (write ? WriteFlag : execute ? ExecuteFlag : 0)));

    /// <inheritdoc/>
    public bool Equals(LeafRights other) => _flags == other._flags;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LeafRights other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _flags;

    /// <summary>The same rights.</summary>
    public static bool operator ==(LeafRights left, LeafRights right) => left._flags == right._flags;

    /// <summary>Different rights.</summary>
    public static bool operator !=(LeafRights left, LeafRights right) => left._flags != right._flags;
}

// What an instruction does to memory and in which mode it runs: the two inputs of every rights decision.

namespace Ringfence.Paging;

/// <summary>The kind of one memory access. A read-modify-write counts as a write.</summary>
public enum Access : byte
{
    /// <summary>A data read.</summary>
    Read,

    /// <summary>A data write.</summary>
    Write,

    /// <summary>An instruction fetch.</summary>
    Execute,
}

/// <summary>The mode an access is made in (Intel SDM vol. 3A 4.6).</summary>
public enum Privilege : byte
{
    /// <summary>CPL 0..2, or an implicit access such as one to a descriptor table.</summary>
    Supervisor,

    /// <summary>An explicit access at CPL 3.</summary>
    User,
}

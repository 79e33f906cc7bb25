// Why a partition or a domain was refused, with the value that was to blame.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The reasons for which an operation on a domain is refused, in the order in which they are checked.</summary>
public enum DomainErrorCode : byte
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The rights are none of the defined ones. Value: the rights.</summary>
    UndefinedRights,

    /// <summary>The size is 0. Value: the start address.</summary>
    EmptyPartition,

    /// <summary>The partition goes beyond the top of the address space. Value: the size in bytes.</summary>
    WrapsAround,

    /// <summary>The start is not page aligned. Value: the start address.</summary>
    MisalignedStart,

    /// <summary>The size is no multiple of the page size. Value: the size in bytes.</summary>
    MisalignedSize,

    /// <summary>The pages have no addresses in this paging format. Value: the start address.</summary>
    NotCanonical,

    /// <summary>It shares a page with a partition of the domain. Value: the start address of that partition.</summary>
    OverlapsPartition,

    /// <summary>Every slot of the domain is in use. Value: the capacity.</summary>
    NoFreeSlot,

    /// <summary>A page is not mapped. Value: the address of the first such page.</summary>
    NotMapped,

    /// <summary>A page is memory of the kernel, or memory that user mode can reach without any domain. Value: the address of the first such page.</summary>
    NotGrantable,

    /// <summary>A page belongs to a stack. Value: the address of the first such page.</summary>
    OverlapsStack,

    /// <summary>A page is a guard. Value: the address of the first such page.</summary>
    OverlapsGuard,

    /// <summary>A page holds page tables. Value: the address of the first such page.</summary>
    OverlapsPageTable,

    /// <summary>No partition of the domain has this start and size. Value: the start address.</summary>
    NoSuchPartition,

    /// <summary>As many domains exist as the kernel has room for. Value: how many.</summary>
    NoFreeDomain,

    /// <summary>There are too few table pages for another domain, or for a partition where its domain has no table yet. Value: the bytes that are needed; <see cref="DomainError.BytesLeft"/> says how many there are.</summary>
    OutOfTablePages,

    /// <summary>There is no such domain: it was never created, or was destroyed. Value: the number that was given.</summary>
    NoSuchDomain,

    /// <summary>The domain can't be destroyed: a thread is in it, or every kernel thread starts in it. Value: the number of the domain.</summary>
    DomainInUse,

    /// <summary>There is no such thread, or it has ended. Value: the number that was given.</summary>
    NoSuchThread,

    /// <summary>A page lies where no domain has tables of its own, because nothing that can be granted was planned there. Value: the address of the first such page.</summary>
    OutsideWindows,
}

/// <summary>The outcome of an operation on a domain: no error, or what was to blame.</summary>
public readonly struct DomainError
{
    internal DomainError(DomainErrorCode code, nuint offendingValue)
    {
        Code = code;
        OffendingValue = offendingValue;
    }

    private DomainError(DomainErrorCode code, nuint bytesNeeded, nuint bytesLeft)
        : this(code, bytesNeeded) => BytesLeft = bytesLeft;

    /// <summary>No room for another domain.</summary>
    /// <param name="capacity">How many there can be.</param>
    public static DomainError ForDomainCapacity(int capacity) => new(DomainErrorCode.NoFreeDomain, (nuint)(uint)capacity);

    /// <summary>No domain has this number.</summary>
    public static DomainError ForMissingDomain(int number) => new(DomainErrorCode.NoSuchDomain, unchecked((nuint)(uint)number));

    /// <summary>The domain with this number is needed still.</summary>
    public static DomainError ForDomainInUse(int number) => new(DomainErrorCode.DomainInUse, (nuint)(uint)number);

    /// <summary>No thread that hasn't ended has this number.</summary>
    public static DomainError ForMissingThread(int number) => new(DomainErrorCode.NoSuchThread, unchecked((nuint)(uint)number));

    /// <summary>What a strategy says about a new domain or partition; no error if that is none.</summary>
    public static DomainError From(PagingError error) => error.Code switch
    {
        PagingErrorCode.None => default,
        PagingErrorCode.OutsideWindows => new(DomainErrorCode.OutsideWindows, error.Page.Address.Value),
        _ => new(DomainErrorCode.OutOfTablePages, (nuint)error.TablesNeeded.ByteCount, (nuint)error.TablesAvailable.ByteCount),
    };

    /// <summary>The reason.</summary>
    public DomainErrorCode Code { get; }

    /// <summary>The value to blame, as the reason says.</summary>
    public nuint OffendingValue { get; }

    /// <summary>With <see cref="DomainErrorCode.OutOfTablePages"/>: bytes of table pages that are left.</summary>
    public nuint BytesLeft { get; }

    /// <summary>Whether the operation succeeded.</summary>
    public bool IsNone => Code == DomainErrorCode.None;
}

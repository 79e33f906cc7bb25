using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

/// <summary>Error codes of page faults that user mode can raise (Intel SDM vol. 3A, 4.7).</summary>
internal static class PageFaultCode
{
    /// <summary>A read of a page that is there and not the user's.</summary>
    public const nuint ReadDenied = 5;

    /// <summary>A write to a page that is there and not the user's to write.</summary>
    public const nuint WriteDenied = 7;

    /// <summary>A read of a page that isn't there.</summary>
    public const nuint ReadAbsent = 4;

    /// <summary>A write to a page that isn't there.</summary>
    public const nuint WriteAbsent = 6;

    // Where the tables of user mode leave the kernel out, a page on which user mode has no right isn't there.
#if KPTI
    private const nuint Present = 0;
#else
    private const nuint Present = 1;
#endif

    /// <summary>A read of a page of the base mapping on which user mode has no right.</summary>
    public const nuint ReadWithheld = 4 + Present;

    /// <summary>A write to a page of the base mapping on which user mode has no right.</summary>
    public const nuint WriteWithheld = 6 + Present;

    private const nuint Control4SupervisorExecutionPrevention = 1u << 20;

    // The instruction bit is set only where the processor can withhold execution at all: NXE or SMEP.
    private static nuint Fetch =>
        FormatGeometry<PagingFormat>.HasExecuteDisable || (Ringfence.Machine.Processor.ReadControl4() & Control4SupervisorExecutionPrevention) != 0 ? 0x10u : 0u;

    /// <summary>A fetch from a page that is there and not the user's to execute.</summary>
    public static nuint FetchDenied => 5 + Fetch;

    /// <summary>A fetch from a page of the base mapping on which user mode has no right.</summary>
    public static nuint FetchWithheld => 4 + Present + Fetch;

    /// <summary>A fetch from a page that isn't there.</summary>
    public static nuint FetchAbsent => 4 + Fetch;
}

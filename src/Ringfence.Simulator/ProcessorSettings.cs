// The registers outside the tables on which translation depends.

namespace Ringfence.Simulator;

/// <summary>Control bits and capabilities of the simulated processor. The defaults are those of a careful kernel on a plain processor.</summary>
public sealed record ProcessorSettings
{
    /// <summary>The paging mode.</summary>
    public required PagingMode Mode { get; init; }

    /// <summary>CR0.WP: supervisor writes obey R/W.</summary>
    public bool WriteProtect { get; init; } = true;

    /// <summary>IA32_EFER.NXE: XD is obeyed; without it XD is a reserved bit.</summary>
    public bool NoExecuteEnable { get; init; } = true;

    /// <summary>CR4.PSE: 4 MiB pages in 32-bit paging.</summary>
    public bool PageSizeExtensions { get; init; } = true;

    /// <summary>CR4.PGE: translations with G survive a CR3 write.</summary>
    public bool PageGlobalEnable { get; init; } = true;

    /// <summary>CR4.PCIDE: translations belong to the process context that bits 11:0 of CR3 name.</summary>
    public bool ProcessContextIdentifiersEnable { get; init; }

    /// <summary>CR4.SMEP.</summary>
    public bool SupervisorExecutionPrevention { get; init; }

    /// <summary>CR4.SMAP.</summary>
    public bool SupervisorAccessPrevention { get; init; }

    /// <summary>
    /// A property of the processor: it caches nothing through an entry whose A is clear, so a speculative fill sets A first (Intel SDM vol. 3A 4.10.2.3, 4.10.3.1).
    /// False where a vendor makes no such promise.
    /// </summary>
    public bool HoldsOnlyAccessed { get; init; } = true;

    /// <summary>CPUID.80000001H:EDX bit 26: a PDPTE of 4-level or 5-level paging can map a page of 1 GiB; without it PS is reserved there.</summary>
    public bool GibibytePages { get; init; } = true;

    /// <summary>MAXPHYADDR, 32 to 52: entry bits from here to 51 are reserved. In 32-bit paging, 32 also stands for a processor without PSE-36.</summary>
    public int PhysicalAddressBits { get; init; } = 40;
}

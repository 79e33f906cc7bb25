// The control bits outside the tables on which the meaning of an entry depends.

namespace Ringfence.Paging;

/// <summary>The processor settings that take part in a rights decision (Intel SDM vol. 3A 4.6).</summary>
public readonly struct ProcessorControls
{
    /// <summary>The widest physical address of the architecture.</summary>
    public const int MaximumPhysicalAddressBits = 52;

    private readonly byte _reservedAddressBits;

    /// <summary>Names the settings; all are off by default, and physical addresses as wide as can be.</summary>
    public ProcessorControls(
        bool writeProtect,
        bool noExecuteEnable,
        bool supervisorExecutionPrevention = false,
        bool supervisorAccessPrevention = false,
        bool alignmentCheckFlag = false,
        int physicalAddressBits = MaximumPhysicalAddressBits)
    {
        _reservedAddressBits = (byte)(MaximumPhysicalAddressBits - physicalAddressBits);
        WriteProtect = writeProtect;
        NoExecuteEnable = noExecuteEnable;
        SupervisorExecutionPrevention = supervisorExecutionPrevention;
        SupervisorAccessPrevention = supervisorAccessPrevention;
        AlignmentCheckFlag = alignmentCheckFlag;
    }

    /// <summary>CR0.WP: the supervisor obeys R/W.</summary>
    public bool WriteProtect { get; }

    /// <summary>IA32_EFER.NXE: XD is obeyed.</summary>
    public bool NoExecuteEnable { get; }

    /// <summary>CR4.SMEP: the supervisor does not execute user pages.</summary>
    public bool SupervisorExecutionPrevention { get; }

    /// <summary>CR4.SMAP: the supervisor does not access user pages.</summary>
    public bool SupervisorAccessPrevention { get; }

    /// <summary>MAXPHYADDR, 32 to 52: address bits of an entry from here on are reserved.</summary>
    public int PhysicalAddressBits => MaximumPhysicalAddressBits - _reservedAddressBits;

    /// <summary>EFLAGS.AC, which suspends SMAP for explicit accesses.</summary>
    public bool AlignmentCheckFlag { get; }
}

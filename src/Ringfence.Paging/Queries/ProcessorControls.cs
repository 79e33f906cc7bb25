// The control bits outside the tables on which the meaning of an entry depends.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>The processor settings that take part in a rights decision (Intel SDM vol. 3A 4.6).</summary>
public readonly struct ProcessorControls
{
    /// <summary>The widest physical address of the architecture.</summary>
    public const int MaximumPhysicalAddressBits = 52;

    private const byte WriteProtectFlag = 1;
    private const byte NoExecuteEnableFlag = 2;
    private const byte SupervisorExecutionPreventionFlag = 4;
    private const byte SupervisorAccessPreventionFlag = 8;
    private const byte AlignmentCheckFlagFlag = 16;

    // Two fields, so that the compiler keeps a constant value of this type in none.
    private readonly byte _flags;
    private readonly byte _addressBitsLacking;

    /// <summary>Names the settings; all are off by default, and physical addresses as wide as can be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ProcessorControls(
        bool writeProtect,
        bool noExecuteEnable,
        bool supervisorExecutionPrevention = false,
        bool supervisorAccessPrevention = false,
        bool alignmentCheckFlag = false,
        int physicalAddressBits = MaximumPhysicalAddressBits)
    {
        _flags = (byte)((writeProtect ? WriteProtectFlag : 0)
            | (noExecuteEnable ? NoExecuteEnableFlag : 0)
            | (supervisorExecutionPrevention ? SupervisorExecutionPreventionFlag : 0)
            | (supervisorAccessPrevention ? SupervisorAccessPreventionFlag : 0)
            | (alignmentCheckFlag ? AlignmentCheckFlagFlag : 0));
        _addressBitsLacking = (byte)(MaximumPhysicalAddressBits - physicalAddressBits);
    }

    /// <summary>CR0.WP: the supervisor obeys R/W.</summary>
    public bool WriteProtect => (_flags & WriteProtectFlag) != 0;

    /// <summary>IA32_EFER.NXE: XD is obeyed; without it a set XD is a reserved bit.</summary>
    public bool NoExecuteEnable => (_flags & NoExecuteEnableFlag) != 0;

    /// <summary>CR4.SMEP: the supervisor does not execute user pages.</summary>
    public bool SupervisorExecutionPrevention => (_flags & SupervisorExecutionPreventionFlag) != 0;

    /// <summary>CR4.SMAP: the supervisor does not access user pages.</summary>
    public bool SupervisorAccessPrevention => (_flags & SupervisorAccessPreventionFlag) != 0;

    /// <summary>EFLAGS.AC, which suspends SMAP for explicit accesses.</summary>
    public bool AlignmentCheckFlag => (_flags & AlignmentCheckFlagFlag) != 0;

    /// <summary>MAXPHYADDR, 32 to 52: address bits of an entry from here on are reserved.</summary>
    public int PhysicalAddressBits => MaximumPhysicalAddressBits - _addressBitsLacking;
}

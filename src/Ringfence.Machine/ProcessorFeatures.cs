// Which protections of the supervisor the processor has, and switching them on; with them the contexts, for those kernels that use them.

namespace Ringfence.Machine;

/// <summary>What CPUID says about the protections that the kernel uses where they exist.</summary>
public readonly struct ProcessorFeatures
{
    private const uint Control4UserInstructionPrevention = 1 << 11;
    private const uint Control4SupervisorExecutionPrevention = 1 << 20;
    internal const uint Control4SupervisorAccessPrevention = 1 << 21;
    private const uint RegisterArchitecturalCapabilities = 0x10A;

    private ProcessorFeatures(bool executionPrevention, bool accessPrevention, bool userInstructionPrevention, bool meltdown)
    {
        HasSupervisorExecutionPrevention = executionPrevention;
        HasSupervisorAccessPrevention = accessPrevention;
        HasUserInstructionPrevention = userInstructionPrevention;
        MayHaveMeltdown = meltdown;
    }

    /// <summary>SMEP: the supervisor cannot execute user pages.</summary>
    public bool HasSupervisorExecutionPrevention { get; }

    /// <summary>SMAP: the supervisor cannot touch user pages by mistake.</summary>
    public bool HasSupervisorAccessPrevention { get; }

    /// <summary>UMIP: user mode cannot read descriptor-table addresses (SGDT, SIDT, SLDT, STR, SMSW).</summary>
    public bool HasUserInstructionPrevention { get; }

    /// <summary>
    /// Whether user mode may be able to read supervisor pages speculatively: an Intel processor that does not say RDCL_NO
    /// (IA32_ARCH_CAPABILITIES bit 0). Other vendors' processors are not affected.
    /// </summary>
    public bool MayHaveMeltdown { get; }

    /// <summary>Asks the processor.</summary>
    public static ProcessorFeatures Detect()
    {
        ProcessorIdentity vendor = Processor.Identify(0, 0);
        bool isIntel = vendor.Ebx == 0x756E6547 && vendor.Edx == 0x49656E69 && vendor.Ecx == 0x6C65746E; // "GenuineIntel"
        ProcessorIdentity extended = vendor.Eax >= 7 ? Processor.Identify(7, 0) : default;
        bool saysNotAffected = (extended.Edx & (1u << 29)) != 0 && (Processor.ReadModelRegister(RegisterArchitecturalCapabilities) & 1) != 0;
        return new ProcessorFeatures(
            (extended.Ebx & (1u << 7)) != 0,
            (extended.Ebx & (1u << 20)) != 0,
            (extended.Ecx & (1u << 2)) != 0,
            isIntel && !saysNotAffected);
    }

    /// <summary>Switches on what there is. The kernel's own page tables are loaded already: under SMEP and SMAP no kernel page may be the user's.</summary>
    public void Enable()
    {
        nuint control4 = Processor.ReadControl4();
        control4 |= HasUserInstructionPrevention ? Control4UserInstructionPrevention : 0;
        control4 |= HasSupervisorExecutionPrevention ? Control4SupervisorExecutionPrevention : 0;
        control4 |= HasSupervisorAccessPrevention ? Control4SupervisorAccessPrevention : 0;
        Processor.WriteControl4(control4);
#if FORMAT_X86_64 && ROOT_PER_DOMAIN
        ProcessContexts.EnableIfAny();
#endif
        if (HasSupervisorAccessPrevention)
        {
            SupervisorAccess.Close();
#if ARCHITECTURE_IA32
            DescriptorTables.CloseSupervisorAccess();
#endif
        }
    }
}

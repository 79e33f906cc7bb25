using Ringfence.Paging;

namespace Ringfence.Machine;

/// <summary>Switches paging on, with the kernel's own page tables.</summary>
public static class PagingSwitch
{
    private const nuint Control0Paging = 1u << 31;
    private const nuint Control0WriteProtect = 1u << 16;
#if FORMAT_PAE
    private const nuint Control4PhysicalAddressExtension = 1u << 5;
    private const uint RegisterExtendedFeatures = 0xC0000080;
    private const ulong ExtendedFeatureNoExecute = 1 << 11;
#endif

    /// <summary>
    /// Loads the tables and switches paging on; the code that runs is mapped where it lies. The format's own bits come first: NXE makes
    /// bit 63 of an entry mean execute-disable, without it the bit is reserved and the first fetch would fault.
    /// </summary>
    public static void Enter(PhysicalAddress root)
    {
#if FORMAT_PAE
        Processor.WriteControl4(Processor.ReadControl4() | Control4PhysicalAddressExtension);
        Processor.WriteModelRegister(
            RegisterExtendedFeatures, Processor.ReadModelRegister(RegisterExtendedFeatures) | ExtendedFeatureNoExecute);
#endif
#if KPTI
        EntryData.KernelRoot = (nuint)root.Value;
#endif
        Processor.WriteControl3((nuint)root.Value);
        Processor.WriteControl0(Processor.ReadControl0() | Control0Paging | Control0WriteProtect);
        DescriptorTables.SetDoubleFaultTables((nuint)root.Value);
    }
}

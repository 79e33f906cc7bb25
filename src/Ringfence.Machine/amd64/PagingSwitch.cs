using Ringfence.Paging;

namespace Ringfence.Machine;

/// <summary>Goes over to the kernel's own page tables.</summary>
public static class PagingSwitch
{
    /// <summary>Loads the tables. The boot entry has switched on PAE, NXE, WP and paging itself.</summary>
    public static void Enter(PhysicalAddress root)
    {
#if KPTI
        EntryData.KernelRoot = (nuint)root.Value;
#endif
        Processor.WriteControl3((nuint)root.Value);
    }
}

// Words for addresses: whose region is this?

using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Names the region of the image that holds an address.</summary>
public static class RegionNames
{
    /// <summary>Writes the region's name, such as <c>Counter statics</c>.</summary>
    public static void Write(nuint address)
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        for (int index = 0; index < (int)image.ComponentCount; index++)
        {
            ref readonly ComponentDescription component = ref ImageTable.Component(index);
            if (address >= component.TextStart && address < component.StaticsEnd)
            {
                KernelConsole.Write(ComponentTable.NameOf(index));
                KernelConsole.Write(
                    address < component.TextEnd ? " text"u8 : address < component.ReadOnlyEnd ? " read-only data"u8 : " statics"u8);
                return;
            }
        }

        for (int index = 0; index < (int)image.SharedPartitionCount; index++)
        {
            ref readonly SharedPartitionDescription partition = ref ImageTable.SharedPartition(index);
            if (address >= partition.Start && address < partition.End)
            {
                KernelConsole.Write("shared partition "u8);
                KernelConsole.Write(ImageTable.Name(partition.Name, partition.NameLength));
                return;
            }
        }

        if (WriteStack(address))
        {
            return;
        }

        KernelConsole.Write(
            address >= image.KernelTextStart && address < image.KernelTextEnd ? "kernel text"u8
#if KPTI
            : address >= image.EntryTextStart && address < image.EntryTextEnd ? "entry text"u8
            : address >= image.EntryDataStart && address < image.EntryDataEnd ? "entry data"u8
#endif
            : address >= image.KernelReadOnlyStart && address < image.KernelReadOnlyEnd ? "kernel read-only data"u8
            : address >= image.KernelDataStart && address < image.KernelDataEnd ? "kernel data"u8
            : address >= image.PageTablesStart && address < image.PageTablesEnd ? "page tables"u8
            : address >= AddressLayout.ViewStart && address < AddressLayout.ViewEnd ? "the kernel's view"u8
            : "nothing is there"u8);
    }

    private static bool WriteStack(nuint address)
    {
        int guard = AddressLayout.FindGuard(address);
        if (guard >= 0)
        {
            KernelConsole.Write("stack guard of thread slot "u8);
            KernelConsole.WriteDecimal(guard);
            return true;
        }

        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            nuint userStart = AddressLayout.UserStackPages(slot).First.Address.Value;
            nuint userEnd = AddressLayout.UserStackPages(slot).End.Address.Value;
            bool isKernelStack = address >= AddressLayout.KernelStackStart(slot) && address < AddressLayout.KernelStackEnd(slot);
            if (isKernelStack || (address >= userStart && address < userEnd))
            {
                KernelConsole.Write(isKernelStack ? "kernel stack of thread slot "u8 : "user stack of thread slot "u8);
                KernelConsole.WriteDecimal(slot);
                return true;
            }
        }

        return false;
    }
}

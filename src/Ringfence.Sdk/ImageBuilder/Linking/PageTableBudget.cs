// How many frames the kernel's page tables take is known before it runs: what they map follows from the image. The layout is the kernel's:
// src/Ringfence.Kernel/Memory/AddressLayout.cs.

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Counts page-table frames for one set of tables.</summary>
internal static class PageTableBudget
{
    private const ulong Kibibyte = 1024;
    private const ulong Mebibyte = 1024 * Kibibyte;
    private const ulong Gibibyte = 1024 * Mebibyte;

    /// <summary>
    /// Where mapped addresses end. Above the image there is a slot for each thread's two stacks with a guard below each, then a last guard, then the
    /// kernel's view of everything from the first page that can be granted to the last user stack.
    /// </summary>
    public static ulong MappedEnd(ulong grantableStart, ulong imageEnd, int threadCapacity, int kernelStackPages, int userStackPages)
    {
        ulong slotPages = (ulong)(threadCapacity * (1 + kernelStackPages + 1 + userStackPages));
        ulong stacksEnd = imageEnd + (slotPages * Region.PageSize);
        ulong viewStart = stacksEnd + Region.PageSize;
        return viewStart + (stacksEnd - grantableStart);
    }

    /// <summary>Frames for tables that map the addresses from 0 to <paramref name="mapped"/>.</summary>
    public static int Frames(ImageFormat format, ulong mapped)
    {
        return format switch
        {
            ImageFormat.Ia32 => 1 + Count(mapped, 4 * Mebibyte),
            // A directory a GiB, a table each 2 MiB; the root of four pointers takes 32 bytes of kernel data, not a frame.
            ImageFormat.Pae => Count(mapped, Gibibyte) + Count(mapped, 2 * Mebibyte),
            // Root, one table of pointers (512 GiB), a directory a GiB, a table each 2 MiB.
            _ => 2 + Count(mapped, Gibibyte) + Count(mapped, 2 * Mebibyte),
        };
    }

    private static int Count(ulong bytes, ulong unit) => (int)(RoundUp(bytes, unit) / unit);

    private static ulong RoundUp(ulong value, ulong unit) => (value + unit - 1) / unit * unit;
}

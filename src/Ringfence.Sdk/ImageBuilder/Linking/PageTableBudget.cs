// How many frames the kernel's page tables take is known before it runs: the window that they map follows from the image.

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Counts page-table frames for one set of tables.</summary>
internal static class PageTableBudget
{
    private const ulong Kibibyte = 1024;
    private const ulong Mebibyte = 1024 * Kibibyte;
    private const ulong Gibibyte = 1024 * Mebibyte;

    /// <summary>Bytes of address space from 0 that hold the image and, above it, a slot for each thread's two stacks with a guard below each.</summary>
    /// <remarks>Rounded up to 2 MiB. The kernel's view of what can be granted lies as far above it, so that the tables cover twice as much.</remarks>
    public static ulong WindowBytes(ulong imageEnd, int threadCapacity, int kernelStackPages, int userStackPages)
    {
        ulong slotPages = (ulong)(threadCapacity * (1 + kernelStackPages + 1 + userStackPages)) + 1;
        return RoundUp(imageEnd + (slotPages * Region.PageSize), 2 * Mebibyte);
    }

    /// <summary>Frames for tables that map twice the window.</summary>
    public static int Frames(ImageFormat format, ulong windowBytes)
    {
        ulong mapped = 2 * windowBytes;
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

// In images built with the audit, how much of each kind of stack was ever used. The host compares it with what the image builder worked out from the machine code: no run may use more.

#if AUDIT
using System;
using System.Runtime.CompilerServices;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>
/// Paints stacks and looks for where the paint ends. The boot stack is painted by the boot entry; a user stack is zero when a thread gets it, and is looked at when the thread ends.
/// </summary>
public static class StackUse
{
    private const uint Paint = 0x5AC3A53C; // common/boot.inc: BOOT_STACK_PAINT

    private static nuint s_userByteCount;

    /// <summary>Paints all kernel stacks. Called while booting, before any is in use, and after what the boot entry put there has been read.</summary>
    public static void PaintKernelStacks()
    {
        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            Words(AddressLayout.KernelStackStart(slot), AddressLayout.KernelStackEnd(slot)).Fill(Paint);
        }
    }

    /// <summary>A user thread has ended, and its stack is as it left it.</summary>
    public static void OnUserThreadEnded(int slot)
    {
        PageRange stack = AddressLayout.UserStackPages(slot);
        nuint start = stack.First.Address.Value + AddressLayout.ViewOffset;
        s_userByteCount = Larger(s_userByteCount, Used(start, stack.End.Address.Value + AddressLayout.ViewOffset, 0));
    }

    /// <summary>Writes the line that the host reads.</summary>
    public static void Write()
    {
        nuint kernel = 0;
        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            kernel = Larger(kernel, Used(AddressLayout.KernelStackStart(slot), AddressLayout.KernelStackEnd(slot), Paint));
        }

        KernelConsole.Write("stacks: of a kernel stack "u8);
        KernelConsole.WriteDecimal(kernel);
        KernelConsole.Write(" bytes were used, of a user stack "u8);
        KernelConsole.WriteDecimal(s_userByteCount);
        KernelConsole.Write(", of the boot stack "u8);
        KernelConsole.WriteDecimal(Used(ImageAddresses.BootStackStart, ImageAddresses.BootStackEnd, Paint));
        KernelConsole.Write("\n"u8);
    }

    private static nuint Larger(nuint left, nuint right) => left > right ? left : right;

    // Stacks grow down: the paint that is left begins at the lowest address. Not inlined: the compiler knows no constant of the link, and must not divide by four what it takes for one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nuint Used(nuint start, nuint end, uint paint)
    {
        int unused = Words(start, end).IndexOfAnyExcept(paint);
        return unused < 0 ? 0 : end - start - ((nuint)(uint)unused * sizeof(uint));
    }

    private static Span<uint> Words(nuint start, nuint end) => KernelMemory.Items<uint>(start, (int)((end - start) / sizeof(uint)));
}
#endif

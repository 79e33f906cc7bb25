// What the console says at boot: which image on which machine, and how well fenced.

using System;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Writes the first lines of a boot.</summary>
public static class BootReport
{
    // Up to the name of the strategy.
    private static ReadOnlySpan<byte> Opening =>
#if FORMAT_X86_64
        "ringfence: format x86-64, strategy "u8;
#elif FORMAT_PAE
        "ringfence: format pae, strategy "u8;
#else
        "ringfence: format ia32, strategy "u8;
#endif

    /// <summary>The strategy's name, with its variant.</summary>
    public static ReadOnlySpan<byte> StrategyName =>
#if STRATEGY_COMMON
        "common"u8;
#elif STRATEGY_LEAF_LINK
        "leaf-link"u8;
#elif STRATEGY_SHARED_SUBTREE && KPTI
        "shared-subtree with KPTI"u8;
#elif STRATEGY_SHARED_SUBTREE
        "shared-subtree"u8;
#elif KPTI
        "per-domain with KPTI"u8;
#else
        "per-domain"u8;
#endif

    /// <summary>Writes format, strategy, memory and protections.</summary>
    public static void Write(in BootMemoryMap memory, in ProcessorFeatures features)
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        KernelConsole.Write(Opening);
        KernelConsole.Write(StrategyName);
        KernelConsole.Write(", "u8);
        KernelConsole.WriteDecimal(memory.ByteCount >> 10); // of a division of 64 bits, also by a power of two, IA-32 makes a call
        KernelConsole.Write(" KiB of memory, image "u8);
        KernelConsole.WriteDecimal((image.ImageEnd - image.ImageStart) / 1024);
        KernelConsole.Write(" KiB, page tables "u8);
        KernelConsole.WriteDecimal(KernelSpace.TableByteCount);
        KernelConsole.Write(" bytes\nringfence: the supervisor is kept from user pages by"u8);
        if (features.HasSupervisorExecutionPrevention)
        {
            KernelConsole.Write(" SMEP"u8);
        }

        if (features.HasSupervisorAccessPrevention)
        {
            KernelConsole.Write(" SMAP"u8);
        }

        if (features.HasUserInstructionPrevention)
        {
            KernelConsole.Write(" UMIP"u8);
        }

        KernelConsole.Write(" the kernel's own view\n"u8);
        if (!FormatGeometry<PagingFormat>.HasExecuteDisable)
        {
            KernelConsole.Write("ringfence: this format has no execute-disable bit: whatever can be read can be executed\n"u8);
        }

#if FORMAT_X86_64 && ROOT_PER_DOMAIN
        KernelConsole.Write("ringfence: a set of page tables that is loaded again "u8);
        KernelConsole.Write(ProcessContexts.AreEnabled ? "finds its translations kept (PCID)\n"u8 : "finds no translations: the processor has no PCID\n"u8);
#endif
#if !KPTI
        // Where user mode runs on tables without the kernel, there is nothing for it to read.
        if (features.MayHaveMeltdown)
        {
            KernelConsole.Write("ringfence: this processor may let user mode read kernel memory speculatively (Meltdown)\n"u8);
        }
#endif
    }
}

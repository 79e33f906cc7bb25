// Single instructions that C# cannot say. Each is one small routine in processor.asm of the architecture.

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Instructions of the processor. All but the reads of counters and flags need ring 0.</summary>
public static unsafe class Processor
{
#if AUDIT
    /// <summary>Switches interrupts off and says whether they were on. Give the answer back to <see cref="RestoreInterrupts"/>.</summary>
    public static bool DisableInterrupts()
    {
        bool wereEnabled = ImportDisableInterrupts();
        if (wereEnabled)
        {
            LongestEdit.End();
        }

        return wereEnabled;
    }

    [RuntimeImport("*", "machine_disable_interrupts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern bool ImportDisableInterrupts();
#else
    /// <summary>Switches interrupts off and says whether they were on. Give the answer back to <see cref="RestoreInterrupts"/>.</summary>
    [RuntimeImport("*", "machine_disable_interrupts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern bool DisableInterrupts();
#endif

    /// <summary>Switches interrupts on if they were on before the matching <see cref="DisableInterrupts"/>.</summary>
    public static void RestoreInterrupts(bool wereEnabled)
    {
        if (wereEnabled)
        {
            EnableInterrupts();
        }
    }

#if AUDIT
    /// <summary>Switches interrupts on.</summary>
    public static void EnableInterrupts()
    {
        LongestEdit.End();
        ImportEnableInterrupts();
    }

    /// <summary>Switches interrupts on and waits for one, with no instruction between the two.</summary>
    public static void WaitForInterrupt()
    {
        LongestEdit.End();
        ImportWaitForInterrupt();
    }

    [RuntimeImport("*", "machine_enable_interrupts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportEnableInterrupts();

    [RuntimeImport("*", "machine_wait_for_interrupt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportWaitForInterrupt();
#else
    /// <summary>Switches interrupts on.</summary>
    [RuntimeImport("*", "machine_enable_interrupts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void EnableInterrupts();

    /// <summary>Switches interrupts on and waits for one, with no instruction between the two.</summary>
    [RuntimeImport("*", "machine_wait_for_interrupt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WaitForInterrupt();
#endif

    /// <summary>Switches interrupts off and stops for good.</summary>
    [RuntimeImport("*", "machine_halt_forever")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void HaltForever();

    /// <summary>IN: reads one byte from an I/O port.</summary>
    [RuntimeImport("*", "machine_read_port8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte ReadPort8(ushort port);

    /// <summary>OUT: writes one byte to an I/O port.</summary>
    [RuntimeImport("*", "machine_write_port8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WritePort8(ushort port, byte value);

    /// <summary>REP OUTSB: writes bytes to an I/O port, one after the other.</summary>
    public static void WritePort8(ushort port, ReadOnlySpan<byte> values)
    {
        fixed (byte* first = values)
        {
            ImportWritePortBytes(port, first, (nuint)(uint)values.Length);
        }
    }

    /// <summary>OUT: writes four bytes to an I/O port.</summary>
    [RuntimeImport("*", "machine_write_port32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WritePort32(ushort port, uint value);

    /// <summary>INVLPG: drops every cached translation of the page that holds the address.</summary>
    [RuntimeImport("*", "machine_invalidate_page")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void InvalidatePage(nuint address);

    /// <summary>Reads CR0.</summary>
    [RuntimeImport("*", "machine_read_cr0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint ReadControl0();

    /// <summary>Writes CR0.</summary>
    [RuntimeImport("*", "machine_write_cr0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteControl0(nuint value);

    /// <summary>Reads CR2: the address of the last page fault.</summary>
    [RuntimeImport("*", "machine_read_cr2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint ReadControl2();

    /// <summary>Reads CR3.</summary>
    [RuntimeImport("*", "machine_read_cr3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint ReadControl3();

    /// <summary>Writes CR3: drops every cached translation that is not global, and reloads the PDPTE registers under PAE.</summary>
    [RuntimeImport("*", "machine_write_cr3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteControl3(nuint value);

    /// <summary>Reads CR4.</summary>
    [RuntimeImport("*", "machine_read_cr4")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint ReadControl4();

    /// <summary>Writes CR4.</summary>
    [RuntimeImport("*", "machine_write_cr4")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteControl4(nuint value);

    /// <summary>RDMSR.</summary>
    [RuntimeImport("*", "machine_read_model_register")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadModelRegister(uint register);

    /// <summary>WRMSR.</summary>
    [RuntimeImport("*", "machine_write_model_register")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteModelRegister(uint register, ulong value);

    /// <summary>RDTSC.</summary>
    [RuntimeImport("*", "machine_read_time_stamp")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadTimeStamp();

    /// <summary>CPUID: eax, ebx, ecx and edx of one leaf.</summary>
    public static ProcessorIdentity Identify(uint leaf, uint subleaf)
    {
        ProcessorIdentity identity;
        ImportIdentify(leaf, subleaf, &identity);
        return identity;
    }

    /// <summary>Lays out a first frame below <paramref name="stackTop"/>; a switch to the result calls KernelThreadStart.</summary>
    [RuntimeImport("*", "machine_thread_start")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint PrepareThreadStack(nuint stackTop);

    /// <summary>
    /// Goes to user mode for good: at <paramref name="entry"/>, with two values in the first two argument registers and every other
    /// register cleared. The kernel stack is abandoned; the next entry from user mode starts again at its top.
    /// </summary>
    [RuntimeImport("*", "machine_enter_user")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void EnterUser(nuint entry, nuint argument, nuint function, nuint userStackTop, nuint kernelStackTop);

    [RuntimeImport("*", "machine_write_port_bytes")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportWritePortBytes(ushort port, byte* first, nuint count);

    [RuntimeImport("*", "machine_processor_identify")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportIdentify(uint leaf, uint subleaf, ProcessorIdentity* identity);
}

/// <summary>What CPUID answers.</summary>
public struct ProcessorIdentity
{
    /// <summary>EAX.</summary>
    public uint Eax;

    /// <summary>EBX.</summary>
    public uint Ebx;

    /// <summary>ECX.</summary>
    public uint Ecx;

    /// <summary>EDX.</summary>
    public uint Edx;
}

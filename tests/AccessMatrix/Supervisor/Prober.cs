// Makes accesses and takes their exceptions: descriptor tables that are the kernel's but for the gates into probe.asm and a local table in the probed page.

using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ringfence.Machine;

namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>The probing routine. Between <see cref="Open"/> and <see cref="Close"/> interrupts are off.</summary>
internal static unsafe class Prober
{
    private const int DoneVector = 0x81; // probe.asm: PROBE_DONE_VECTOR
    private const int GeneralProtectionVector = 13;
    private const int PageFaultVector = 14;
    private const int GateCount = DoneVector + 1;
    private const ulong SelectorKernelCode = 0x08;
    private const ulong GateOfSupervisor = 0x8E;
    private const ulong GateOfUser = 0xEE;
    private const int LocalTableEntry = 10; // behind the kernel's; two entries in long mode
    private const int GlobalTableEntryCount = LocalTableEntry + 2;
    private const int EntryStackWordCount = 64;

    private static InterruptTable s_interruptTable;
    private static GlobalTable s_globalTable;
    private static TablePointer s_kernelInterruptTable;
    private static TablePointer s_kernelGlobalTable;
#pragma warning disable CS0649 // only its address is used
    private static EntryStack s_entryStack;
#pragma warning restore CS0649

    /// <summary>Selector, of the local table and for ring 3, of the descriptor at an offset of the probed page.</summary>
    public static nuint LocalSelector(nuint offset) => offset | 7;

    /// <summary>Goes over to tables of its own.</summary>
    public static void Open()
    {
        fixed (TablePointer* kernelInterruptTable = &s_kernelInterruptTable)
        fixed (TablePointer* kernelGlobalTable = &s_kernelGlobalTable)
        fixed (InterruptTable* interruptTable = &s_interruptTable)
        fixed (GlobalTable* globalTable = &s_globalTable)
        {
            ImportStoreInterruptTable(kernelInterruptTable);
            CopyTable(in *kernelInterruptTable, (nuint)interruptTable, (nuint)sizeof(InterruptTable));
            ulong* gates = (ulong*)interruptTable;
            SetGate(gates, PageFaultVector, Address(ProbeCode.PageFault), GateOfSupervisor);
            SetGate(gates, GeneralProtectionVector, Address(ProbeCode.GeneralProtection), GateOfSupervisor);
            SetGate(gates, DoneVector, Address(ProbeCode.Done), GateOfUser);
            TablePointer pointer = new() { Limit = (ushort)(sizeof(InterruptTable) - 1), Start = (nuint)interruptTable };
            ImportLoadInterruptTable(&pointer);

            ImportStoreGlobalTable(kernelGlobalTable);
            CopyTable(in *kernelGlobalTable, (nuint)globalTable, (nuint)sizeof(GlobalTable));
            ulong* descriptors = (ulong*)globalTable;
            ulong start = ScratchTables.ProbePage;
            descriptors[LocalTableEntry] = 0xFFF | ((start & 0xFFFFFF) << 16) | (0x82ul << 40) | ((start >> 24 & 0xFF) << 56);
            descriptors[LocalTableEntry + 1] = start >> 32;
            pointer = new() { Limit = (ushort)(sizeof(GlobalTable) - 1), Start = (nuint)globalTable };
            ImportLoadGlobalTable(&pointer);
            ImportLoadLocalTable(LocalTableEntry * 8);
        }

        // Where an exception in ring 3 pushes its frame, which nobody returns to.
        nuint top = KernelMemory.AddressOf(ref s_entryStack) + (EntryStackWordCount * (nuint)(uint)nuint.Size);
        DescriptorTables.SetKernelStack(top & ~(nuint)15);
    }

    /// <summary>Goes back to the kernel's tables.</summary>
    public static void Close()
    {
        fixed (TablePointer* kernelInterruptTable = &s_kernelInterruptTable)
        fixed (TablePointer* kernelGlobalTable = &s_kernelGlobalTable)
        {
            ImportLoadLocalTable(0);
            ImportLoadGlobalTable(kernelGlobalTable);
            ImportLoadInterruptTable(kernelInterruptTable);
        }
    }

    /// <summary>Makes one access.</summary>
    [RuntimeImport("*", "matrix_probe")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Probe(ProbeBlock* block);

    /// <summary>Where a piece of probe.asm lies.</summary>
    public static nuint Address(ProbeCode code) => ImportCode((int)code);

    private static void CopyTable(in TablePointer source, nuint target, nuint byteCount) =>
        KernelMemory.Bytes(source.Start, (nuint)source.Limit + 1).CopyTo(KernelMemory.Bytes(target, byteCount));

    private static void SetGate(ulong* gates, int vector, nuint handler, ulong kind)
    {
        ulong low = (handler & 0xFFFF) | (SelectorKernelCode << 16) | (kind << 40) | (((ulong)handler >> 16 & 0xFFFF) << 48);
#if ARCHITECTURE_AMD64
        gates[vector * 2] = low;
        gates[(vector * 2) + 1] = handler >> 32;
#else
        gates[vector] = low;
#endif
    }

    [RuntimeImport("*", "matrix_code")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportCode(int index);

    [RuntimeImport("*", "matrix_store_interrupt_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportStoreInterruptTable(TablePointer* pointer);

    [RuntimeImport("*", "matrix_load_interrupt_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportLoadInterruptTable(TablePointer* pointer);

    [RuntimeImport("*", "matrix_store_global_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportStoreGlobalTable(TablePointer* pointer);

    [RuntimeImport("*", "matrix_load_global_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportLoadGlobalTable(TablePointer* pointer);

    [RuntimeImport("*", "matrix_load_local_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportLoadLocalTable(int selector);

#if ARCHITECTURE_AMD64
    [InlineArray(GateCount * 2)]
#else
    [InlineArray(GateCount)]
#endif
    private struct InterruptTable
    {
        private ulong _half;
    }

    [InlineArray(GlobalTableEntryCount)]
    private struct GlobalTable
    {
        private ulong _entry;
    }

    [InlineArray(EntryStackWordCount)]
    private struct EntryStack
    {
        private nuint _word;
    }

    /// <summary>Operand of SIDT, LIDT, SGDT and LGDT.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct TablePointer
    {
        public ushort Limit;
        public nuint Start;
    }
}

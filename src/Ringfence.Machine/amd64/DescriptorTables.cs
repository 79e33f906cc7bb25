// Segments, interrupt gates and the task segment of x86-64: who may enter the kernel, where, and on which stack.

using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.Machine;

/// <summary>
/// The descriptor tables. Non-maskable interrupt, double fault, machine check and debug don't run on the stack that they find (IST): they can
/// arrive while the stack pointer is still the user's, between SYSCALL's first instruction and the stack switch. A machine check takes the
/// double fault's stack, whatever is on it: it ends the machine.
/// </summary>
public static unsafe class DescriptorTables
{
    private const int SelectorKernelCode = 0x08;
    private const int SelectorTask = 0x30;

    // The processor's own vectors and the interrupt controllers' lines: no other can arrive (amd64/constants.inc: VECTOR_COUNT).
    private const int VectorCount = InterruptController.FirstVector + InterruptController.LineCount;

    private const uint RegisterStar = 0xC0000081;
    private const uint RegisterLongStar = 0xC0000082;
    private const uint RegisterFlagMask = 0xC0000084;

    // Everything a caller could have set but reserved bit 1: CF..OF, TF, IF, DF, IOPL, NT, RF, AC, VIF, VIP, ID.
    private const uint SystemCallFlagMask = 0x003F7FD5;

#if !KPTI
    private static GlobalTable s_globalTable;
    private static InterruptTable s_interruptTable;
    private static TaskSegment s_task;
#endif

    /// <summary>Builds and loads all tables and opens SYSCALL. Called once, early: before it, any fault is a triple fault.</summary>
    public static void Load()
    {
#if KPTI
        // Exceptions with a stack of their own arrive in entry data and go on there; all other entries start on the entry stack.
        TaskSegment* task = (TaskSegment*)EntryData.Task;
        GlobalTable* globalTable = (GlobalTable*)EntryData.GlobalTable;
        InterruptTable* interruptTable = (InterruptTable*)EntryData.InterruptTable;
        task->KernelStack = EntryData.StackTop;
        task->InterruptStack1 = Land(EntryData.NonMaskableLanding, NonMaskableStackEnd);
        task->InterruptStack2 = Land(EntryData.DoubleFaultLanding, DoubleFaultStackEnd);
        task->InterruptStack3 = Land(EntryData.DebugLanding, DebugStackEnd);
        Load(task, globalTable, interruptTable);
#else
        fixed (TaskSegment* task = &s_task)
        fixed (GlobalTable* globalTable = &s_globalTable)
        fixed (InterruptTable* interruptTable = &s_interruptTable)
        {
            task->InterruptStack1 = NonMaskableStackEnd;
            task->InterruptStack2 = DoubleFaultStackEnd;
            task->InterruptStack3 = DebugStackEnd;
            Load(task, globalTable, interruptTable);
        }
#endif

        // SYSCALL takes CS and SS from STAR[47:32], SYSRET from STAR[63:48] + 16 and + 8 (SDM vol. 3A, 5.8.8).
        Processor.WriteModelRegister(RegisterStar, (0x18UL << 48) | ((ulong)SelectorKernelCode << 32));
        Processor.WriteModelRegister(RegisterLongStar, ImportSystemCallEntry());
        Processor.WriteModelRegister(RegisterFlagMask, SystemCallFlagMask);
    }

    private static void Load(TaskSegment* task, GlobalTable* globalTable, InterruptTable* interruptTable)
    {
        // An I/O bitmap that starts beyond the segment's limit closes every port to user mode (SDM vol. 1, 19.5.2).
        task->InputOutputMapBase = (ushort)sizeof(TaskSegment);
        ulong* entries = (ulong*)globalTable;
        entries[1] = 0x00AF9B000000FFFF; // 0x08 kernel code, 64-bit
        entries[2] = 0x00CF93000000FFFF; // 0x10 kernel data
        entries[3] = 0;                  // 0x18 would be 32-bit user code; SYSRET counts from here
        entries[4] = 0x00CFF3000000FFFF; // 0x20 user data
        entries[5] = 0x00AFFB000000FFFF; // 0x28 user code, 64-bit
        ulong taskAddress = (ulong)task;
        entries[6] = (uint)(sizeof(TaskSegment) - 1) | ((taskAddress & 0xFFFFFF) << 16) | (0x89UL << 40) | ((taskAddress >> 24 & 0xFF) << 56);
        entries[7] = taskAddress >> 32;
        TablePointer pointer = new((ushort)(sizeof(GlobalTable) - 1), (ulong)globalTable);
        LoadGlobalTable(&pointer);
        LoadTask(SelectorTask);

        // Interrupt gates of ring 0 alone, and none above: INT n from user mode is a general-protection fault for every n. The stubs lie at equal distances.
        ulong* gates = (ulong*)interruptTable;
        ulong stub = ImportInterruptStub(0);
        ulong distance = ImportInterruptStub(1) - stub;
        for (ulong* gate = gates; gate != gates + (2 * VectorCount); gate += 2)
        {
            ((uint*)gate)[0] = (ushort)stub | ((uint)SelectorKernelCode << 16);
            ((uint*)gate)[1] = ((uint)stub & 0xFFFF0000) | 0x8E00;
            gate[1] = stub >> 32;
            stub += distance;
        }

        SetInterruptStack(gates, ExceptionVector.NonMaskableInterrupt, 1);
        SetInterruptStack(gates, ExceptionVector.DoubleFault, 2);
        SetInterruptStack(gates, ExceptionVector.MachineCheck, 2);
        SetInterruptStack(gates, ExceptionVector.Debug, 3);

        pointer = new((ushort)(sizeof(InterruptTable) - 1), (ulong)interruptTable);
        LoadInterruptTable(&pointer);
    }

#if KPTI
    /// <summary>The kernel stack that the next entry from user mode moves on to. The address is aligned to 16.</summary>
    public static void SetKernelStack(nuint top) => EntryData.KernelStackTop = top;
#else
    /// <summary>Where the next entry from user mode starts pushing, by interrupt and by SYSCALL. The address is aligned to 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetKernelStack(nuint top)
    {
        s_task.KernelStack = top;
        *(nuint*)(delegate*<void>)&KernelStackTopSymbol = top;
    }
#endif

    // One of the task segment's stacks instead of the one in use.
    private static void SetInterruptStack(ulong* gates, ExceptionVector vector, int number) => gates[(int)vector * 2] |= (ulong)number << 32;

#if KPTI
    private static ulong Land(nuint* landing, nuint stackEnd)
    {
        *landing = stackEnd;
        return (ulong)landing;
    }

#endif
    // The image builder reserves these stacks, of the sizes that they need. Ends are aligned to 16.
    private static nuint NonMaskableStackEnd => (nuint)(delegate*<void>)&ImportNonMaskableStackEnd;

    private static nuint DoubleFaultStackEnd => (nuint)(delegate*<void>)&ImportDoubleFaultStackEnd;

    private static nuint DebugStackEnd => (nuint)(delegate*<void>)&ImportDebugStackEnd;

    [RuntimeImport("*", "image_non_maskable_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportNonMaskableStackEnd();

    [RuntimeImport("*", "image_double_fault_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportDoubleFaultStackEnd();

    [RuntimeImport("*", "image_debug_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportDebugStackEnd();

    [RuntimeImport("*", "machine_load_descriptor_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void LoadGlobalTable(TablePointer* pointer);

    [RuntimeImport("*", "machine_load_interrupt_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void LoadInterruptTable(TablePointer* pointer);

    [RuntimeImport("*", "machine_load_task")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void LoadTask(int selector);

    [RuntimeImport("*", "machine_interrupt_stub")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportInterruptStub(int vector);

    [RuntimeImport("*", "machine_system_call_entry")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportSystemCallEntry();

#if !KPTI
    // Data, named as a function because C# has no other way to name a symbol; see KernelTables.
    [RuntimeImport("*", "machine_kernel_stack_top")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void KernelStackTopSymbol();
#endif

    [InlineArray(8)]
    private struct GlobalTable
    {
        private ulong _entry;
    }

    [InlineArray(VectorCount * 2)]
    private struct InterruptTable
    {
        private ulong _half;
    }

    /// <summary>Operand of LGDT and LIDT.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly struct TablePointer(ushort limit, ulong start)
    {
        private readonly ushort _limit = limit;
        private readonly ulong _start = start;
    }

    /// <summary>64-bit task-state segment (SDM vol. 3A, 7.7).</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct TaskSegment
    {
        public uint Reserved0;
        public ulong KernelStack;
        public ulong Stack1;
        public ulong Stack2;
        public ulong Reserved1;
        public ulong InterruptStack1;
        public ulong InterruptStack2;
        public ulong InterruptStack3;
        public ulong InterruptStack4;
        public ulong InterruptStack5;
        public ulong InterruptStack6;
        public ulong InterruptStack7;
        public ulong Reserved2;
        public ushort Reserved3;
        public ushort InputOutputMapBase;
    }
}

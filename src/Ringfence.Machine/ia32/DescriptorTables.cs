// Segments, interrupt gates and task segments of IA-32: who may enter the kernel, where, and on which stack.

using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.Machine;

/// <summary>
/// The descriptor tables. A double fault enters through a task gate, the only way IA-32 has to leave a stack that overflowed.
/// Every other vector runs on the stack of the interrupted thread, or on its kernel stack when user mode was interrupted: unlike SYSCALL,
/// <c>int 0x80</c> has no instruction at which ring 0 runs on the user's stack.
/// </summary>
public static unsafe class DescriptorTables
{
    private const int SelectorKernelCode = 0x08;
    private const int SelectorKernelData = 0x10;
    private const int SelectorUserData = 0x23;
    private const int SelectorTask = 0x28;
    private const int SelectorDoubleFaultTask = 0x30;
    private const int VectorSystemCall = 0x80;

    // The processor's own vectors and the interrupt controllers' lines: no other can arrive (ia32/constants.inc: VECTOR_COUNT).
    private const int VectorCount = InterruptController.FirstVector + InterruptController.LineCount;

#if KPTI
    private static ref GlobalTable s_globalTable => ref *(GlobalTable*)EntryData.GlobalTable;

    private static ref InterruptTable s_interruptTable => ref *(InterruptTable*)EntryData.InterruptTable;

    private static ref TaskSegment s_task => ref *(TaskSegment*)EntryData.Task;

    private static ref TaskSegment s_doubleFaultTask => ref *(TaskSegment*)EntryData.DoubleFaultTask;

#else
    private static GlobalTable s_globalTable;
    private static InterruptTable s_interruptTable;
    private static TaskSegment s_task;
    private static TaskSegment s_doubleFaultTask;
#endif

    /// <summary>Builds and loads all tables. Called once, early: before it, any fault is a triple fault.</summary>
    public static void Load()
    {
        fixed (TaskSegment* task = &s_task)
        fixed (TaskSegment* doubleFaultTask = &s_doubleFaultTask)
        fixed (GlobalTable* globalTable = &s_globalTable)
        fixed (InterruptTable* interruptTable = &s_interruptTable)
        {
            // An I/O bitmap that starts beyond the segment's limit closes every port to user mode (SDM vol. 1, 19.5.2).
            task->InputOutputMapBase = (ushort)sizeof(TaskSegment);
            task->KernelStackSelector = SelectorKernelData;
#if KPTI
            task->KernelStack = EntryData.StackTop;
#endif
            doubleFaultTask->InputOutputMapBase = (ushort)sizeof(TaskSegment);
            doubleFaultTask->InstructionPointer = ImportDoubleFaultEntry();
            doubleFaultTask->Flags = 2;
            doubleFaultTask->PageTables = ImageAddresses.BaseRoot;
            doubleFaultTask->StackPointer = DoubleFaultStackEnd;
            doubleFaultTask->CodeSelector = SelectorKernelCode;
            doubleFaultTask->StackSelector = SelectorKernelData;
            doubleFaultTask->DataSelector = SelectorUserData;
            doubleFaultTask->ExtraSelector = SelectorUserData;

            ulong* entries = (ulong*)globalTable;
            entries[1] = 0x00CF9B000000FFFF; // 0x08 kernel code
            entries[2] = 0x00CF93000000FFFF; // 0x10 kernel data
            entries[3] = 0x00CFFB000000FFFF; // 0x18 user code
            entries[4] = 0x00CFF3000000FFFF; // 0x20 user data
            entries[5] = TaskDescriptor((uint)task);
            entries[6] = TaskDescriptor((uint)doubleFaultTask);
            TablePointer pointer = new((ushort)(sizeof(GlobalTable) - 1), (uint)globalTable);
            LoadGlobalTable(&pointer);
            LoadTask(SelectorTask);

            // Interrupt gates of ring 0, and empty ones above: INT n from user mode is a general-protection fault, but for the system call. The stubs lie at equal distances.
            ulong* gates = (ulong*)interruptTable;
            uint stub = (uint)ImportInterruptStub(0);
            uint distance = (uint)ImportInterruptStub(1) - stub;
            for (uint* gate = (uint*)gates; gate != (uint*)(gates + VectorCount); gate += 2)
            {
                gate[0] = (stub & 0xFFFF) | (SelectorKernelCode << 16);
                gate[1] = (stub & 0xFFFF0000) | 0x8E00;
                stub += distance;
            }

            gates[(int)ExceptionVector.DoubleFault] = ((ulong)SelectorDoubleFaultTask << 16) | (0x85UL << 40);
            gates[VectorSystemCall] = Gate((uint)ImportSystemCallEntry(), 0xEE);
            pointer = new((ushort)(sizeof(InterruptTable) - 1), (uint)interruptTable);
            LoadInterruptTable(&pointer);
        }
    }

    /// <summary>From now on the entry of system calls executes CLAC.</summary>
    public static void CloseSupervisorAccess() => s_interruptTable[VectorSystemCall] = Gate((uint)ImportClosingSystemCallEntry(), 0xEE);

#if KPTI
    /// <summary>The kernel stack that the next entry from user mode moves on to. The address is aligned to 16.</summary>
    public static void SetKernelStack(nuint top) => EntryData.KernelStackTop = top;
#else
    /// <summary>Where the next entry from user mode starts pushing. The address is aligned to 16.</summary>
    public static void SetKernelStack(nuint top) => s_task.KernelStack = top;
#endif

    /// <summary>
    /// Makes the main task the current one again, without going back to what it did, and arms the double-fault task for the next time. Called
    /// on the double-fault task's stack, which stays in use until the next switch of threads.
    /// </summary>
    /// <returns>The interrupted code's state, which the processor saved in the main task segment.</returns>
    public static InterruptFrame LeaveDoubleFaultTask()
    {
        // Both descriptors are marked busy (SDM vol. 3A, 7.2.2); LTR and the next task switch refuse busy ones.
        const ulong Busy = 1UL << 41;
        s_globalTable[SelectorTask / 8] &= ~Busy;
        s_globalTable[SelectorDoubleFaultTask / 8] &= ~Busy;
        LoadTask(SelectorTask);
        return SavedFrame();
    }

    private static InterruptFrame SavedFrame() => new()
    {
        Vector = (nuint)ExceptionVector.DoubleFault,
        InstructionPointer = s_task.InstructionPointer,
        CodeSelector = s_task.CodeSelector,
        Flags = s_task.Flags,
        Eax = s_task.Eax,
        Ecx = s_task.Ecx,
        Edx = s_task.Edx,
        Ebx = s_task.Ebx,
        Ebp = s_task.Ebp,
        Esi = s_task.Esi,
        Edi = s_task.Edi,
        EspOfPushad = s_task.StackPointer,
    };

    private static ulong TaskDescriptor(uint start) =>
        (uint)(sizeof(TaskSegment) - 1) | ((ulong)(start & 0xFFFFFF) << 16) | (0x89UL << 40) | ((ulong)(start >> 24) << 56);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Gate(uint handler, uint kind) =>
        (handler & 0xFFFF) | ((ulong)SelectorKernelCode << 16) | ((ulong)kind << 40) | ((ulong)(handler >> 16) << 48);

    // The image builder reserves this stack, of the size that it needs. Its end is aligned to 16.
    private static nuint DoubleFaultStackEnd => (nuint)(delegate*<void>)&ImportDoubleFaultStackEnd;

    [RuntimeImport("*", "image_double_fault_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportDoubleFaultStackEnd();

    [RuntimeImport("*", "machine_closing_system_call_entry")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportClosingSystemCallEntry();

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

    [RuntimeImport("*", "machine_double_fault_entry")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportDoubleFaultEntry();

    [InlineArray(7)]
    private struct GlobalTable
    {
        private ulong _entry;
    }

    [InlineArray(VectorSystemCall + 1)]
    private struct InterruptTable
    {
        private ulong _gate;
    }

    /// <summary>Operand of LGDT and LIDT.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly struct TablePointer(ushort limit, uint start)
    {
        private readonly ushort _limit = limit;
        private readonly uint _start = start;
    }

    /// <summary>32-bit task-state segment (SDM vol. 3A, 7.2.1). Selectors occupy the low half of their words.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TaskSegment
    {
        public nuint PreviousTask;
        public nuint KernelStack;
        public nuint KernelStackSelector;
        public nuint Stack1;
        public nuint Stack1Selector;
        public nuint Stack2;
        public nuint Stack2Selector;
        public nuint PageTables;
        public nuint InstructionPointer;
        public nuint Flags;
        public nuint Eax;
        public nuint Ecx;
        public nuint Edx;
        public nuint Ebx;
        public nuint StackPointer;
        public nuint Ebp;
        public nuint Esi;
        public nuint Edi;
        public nuint ExtraSelector;
        public nuint CodeSelector;
        public nuint StackSelector;
        public nuint DataSelector;
        public nuint FsSelector;
        public nuint GsSelector;
        public nuint LocalTableSelector;
        public ushort DebugTrap;
        public ushort InputOutputMapBase;
    }
}

// Drives user threads from a test: fill a request, run a thread of a component in a domain, look at the answer and at how it ended.

using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class Probe
{
    /// <summary>Index of the component most tests use.</summary>
    public const int Component = 0;

    /// <summary>Index of the other component: other statics, other domain, the same code.</summary>
    public const int Neighbour = 1;

    /// <summary>Priority of probe threads: less important than the test's own thread, which is 0.</summary>
    public const int Priority = 8;

    private const int RequestsPartition = 0;
    private const int ScratchPartition = 1;

    /// <summary>The kernel's view of a request.</summary>
    public static ref ProbeRequest Request(int index) => ref KernelMemory.At<ProbeRequest>(
        ImageTable.SharedPartition(RequestsPartition).Start + AddressLayout.ViewOffset, (nuint)(uint)index);

    /// <summary>Address, for user mode, of a scratch page.</summary>
    public static nuint ScratchAddress(int page) => ImageTable.SharedPartition(ScratchPartition).Start + ((nuint)(uint)page * PageSize.ByteCount);

    /// <summary>The kernel's view of a word of a scratch page.</summary>
    public static ref uint ScratchWord(int page) => ref KernelMemory.At<uint>(ScratchAddress(page) + AddressLayout.ViewOffset);

    /// <summary>Creates a thread that will carry out request <paramref name="index"/> in the component's own domain. Not started.</summary>
    public static int Create(int component, int index, ProbeOperation operation, nuint operand0 = 0, nuint operand1 = 0, nuint operand2 = 0) =>
        CreateIn(ComponentTable.At(component).Domain, component, index, operation, operand0, operand1, operand2);

    /// <summary>The same in another domain, which must hold the component's text, statics and requests.</summary>
    public static int CreateIn(
        int domain, int component, int index, ProbeOperation operation, nuint operand0 = 0, nuint operand1 = 0, nuint operand2 = 0)
    {
        ref ProbeRequest request = ref Request(index);
        request = default;
        request.Operation = operation;
        request.Operand0 = operand0;
        request.Operand1 = operand1;
        request.Operand2 = operand2;
        int slot = ThreadLifecycle.CreateUserThread(component, domain, 0, (nuint)(uint)index, Priority);
        Expect.True(slot >= 0, "a slot is free for the probe thread"u8);
        return slot;
    }

    /// <summary>Runs one operation in the probe's own domain to its end and returns the slot of the ended thread.</summary>
    public static int Run(ProbeOperation operation, nuint operand0 = 0, nuint operand1 = 0, nuint operand2 = 0)
    {
        int slot = Create(Component, 0, operation, operand0, operand1, operand2);
        return Finish(slot);
    }

    /// <summary>Starts a created thread and waits for its end.</summary>
    public static int Finish(int slot)
    {
        ThreadLifecycle.Start(slot);
        ThreadLifecycle.Join(slot);
        return slot;
    }

    /// <summary>Ticks that no test lasts.</summary>
    public const nuint LongTime = 1_000_000;

    /// <summary>Starts a thread in a domain and waits until it sleeps, which it does for longer than any test lasts.</summary>
    public static int StartBlocked(int domain, int index, ProbeOperation operation = ProbeOperation.SleepMeasured)
    {
        int slot = CreateIn(domain, Component, index, operation, LongTime);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitFor(slot, ThreadState.Sleeping);
        return slot;
    }

    /// <summary>Checks that an access by the probe ends it with a page fault at exactly this address, with exactly this error code.</summary>
    public static void ExpectPageFault(ProbeOperation operation, nuint address, nuint errorCode, System.ReadOnlySpan<byte> what)
    {
        int slot = Run(operation, address, 0x5A);
        ExpectPageFault(slot, address, errorCode, what);
    }

    /// <summary>Checks that a thread was ended by a page fault at exactly this address, with exactly this error code.</summary>
    public static void ExpectPageFault(int slot, nuint address, nuint errorCode, System.ReadOnlySpan<byte> what)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        if (Expect.True(thread.HasFaulted && thread.Fault.IsPageFault, what))
        {
            Expect.Equal(address, thread.Fault.Address, what);
            Expect.Equal(errorCode, thread.Fault.ErrorCode, what);
        }
    }

    /// <summary>Checks that the thread was ended by this exception.</summary>
    public static void ExpectException(int slot, ExceptionVector vector, nuint errorCode, System.ReadOnlySpan<byte> what)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        if (Expect.True(thread.HasFaulted && thread.Fault.Kind == FaultKind.Exception, what))
        {
            Expect.Equal((int)vector, thread.Fault.Vector, what);
            Expect.Equal(errorCode, thread.Fault.ErrorCode, what);
        }
    }

    /// <summary>Checks that the thread did what it was asked to and ended by itself.</summary>
    public static void ExpectDone(int slot, int index, System.ReadOnlySpan<byte> what)
    {
        Expect.True(!ThreadTable.At(slot).HasFaulted, what);
        Expect.Equal(1, Request(index).IsDone, what);
    }

    /// <summary>After every test: no user thread is left and the components' statics are pristine.</summary>
    public static void Reset()
    {
        for (int component = 0; component < ComponentTable.Count; component++)
        {
            ComponentTable.EndThreads(component);
            ComponentTable.RestoreStatics(component);
            ComponentTable.At(component).State = ComponentState.Prepared;
        }
    }
}

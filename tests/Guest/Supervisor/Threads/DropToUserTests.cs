// A kernel thread that drops to user mode for good keeps its domain and nothing of the kernel.

using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class DropToUserTests
{
    private const int Page = 5;

    private static int s_domain;
    private static int s_isBack;

    [GuestTest]
    internal static void Us19ADroppedThreadDoesItsWorkInUserModeAndHasThePartitionsOfItsDomain()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Page);
        Probe.ScratchWord(Page) = 0;
        int slot = Drop(domain, ProbeOperation.Write, Probe.ScratchAddress(Page), 0x77);
        Probe.ExpectDone(slot, 0, "the dropped thread ends by itself"u8);
        Expect.Equal(0x77u, Probe.ScratchWord(Page), "it wrote to the partition"u8);
        Expect.True(ThreadTable.At(slot).IsUser, "it is a user thread"u8);
        Expect.Equal(Probe.Component, ThreadTable.At(slot).Component, "it is a thread of the component"u8);
        Expect.Equal(0, ComponentTable.At(Probe.Component).LiveThreadCount, "the component counted it in and out"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Us25APartitionRemovedBeforeTheDropIsGone()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Page);
        TestDomain.RemovePage(domain, Page);
        int slot = Drop(domain, ProbeOperation.Write, Probe.ScratchAddress(Page), 1);
        Probe.ExpectPageFault(slot, Probe.ScratchAddress(Page), PageFaultCode.WriteWithheld, "a removed partition"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void ADroppedThreadCannotReachTheKernelStackItCameFrom()
    {
        int domain = ComponentTable.At(Probe.Component).Domain;
        int expected = NextSlot();
        nuint stack = AddressLayout.KernelStackStart(expected);
        int slot = Drop(domain, ProbeOperation.Read, stack, 0);
        Expect.Equal(expected, slot, "the slot that was looked up"u8);
        Probe.ExpectPageFault(slot, stack, PageFaultCode.ReadWithheld, "the bottom of its own kernel stack"u8);
        nuint top = AddressLayout.KernelStackEnd(NextSlot()) - 1;
        slot = Drop(domain, ProbeOperation.Write, top, 1);
        Probe.ExpectPageFault(slot, top, PageFaultCode.WriteWithheld, "the top of its own kernel stack"u8);
    }

    [GuestTest]
    internal static void ADroppedThreadCannotReachTheKernel()
    {
        nuint data = ImageTable.Description.KernelDataStart;
        int slot = Drop(ComponentTable.At(Probe.Component).Domain, ProbeOperation.Read, data, 0);
        Probe.ExpectPageFault(slot, data, PageFaultCode.ReadWithheld, "kernel data"u8);
        Expect.True(ThreadTable.At(slot).Fault.InstructionPointer >= ImageTable.Component(Probe.Component).TextStart, "the fault is the component's"u8);
    }

    [GuestTest]
    internal static void ADroppedThreadNeverComesBackToItsKernelFunction()
    {
        s_isBack = 0;
        Drop(ComponentTable.At(Probe.Component).Domain, ProbeOperation.None, 0, 0);
        Expect.Equal(0, s_isBack, "the statement after the drop"u8);
    }

    [GuestTest]
    internal static void ADropInTheDefaultDomainFaultsAtTheFirstInstruction()
    {
        int slot = Drop(Protection.DefaultDomain, ProbeOperation.None, 0, 0);
        Probe.ExpectPageFault(slot, ImageTable.Component(Probe.Component).Entry, PageFaultCode.FetchWithheld, "a domain without partitions"u8);
    }

    [GuestTest]
    internal static void CreatedThreadsInheritTheDomainOfTheirCreator()
    {
        int domain = TestDomain.Create();
        int before = ThreadTable.At(Scheduler.Current).Domain;
        Protection.MoveThread(Scheduler.Current, domain);
        int kernelThread = KernelThreads.Create(&Trace.AddAndEnd, 0, 5);
        Protection.MoveThread(Scheduler.Current, before);
        Expect.Equal(domain, ThreadTable.At(kernelThread).Domain, "a kernel thread's domain"u8);
        ThreadLifecycle.EndOther(kernelThread);

        TestDomain.AddPage(domain, Page);
        ref ProbeRequest child = ref Probe.Request(1);
        child = default;
        child.Operation = ProbeOperation.Write;
        child.Operand0 = Probe.ScratchAddress(Page);
        child.Operand1 = 0x66;
        Probe.ScratchWord(Page) = 0;
        int parent = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.RunChild, 1, Probe.Priority);
        Probe.Finish(parent);
        Probe.ExpectDone(parent, 0, "a user thread in the domain creates another"u8);
        Expect.Equal(0, (int)Probe.Request(0).Result, "the child ended well"u8);
        Expect.Equal(0x66u, Probe.ScratchWord(Page), "the child has the partitions of its creator's domain"u8);
        TestDomain.Destroy(domain);
    }

    private static int NextSlot()
    {
        bool enabled = Processor.DisableInterrupts();
        int slot = ThreadTable.FindFree();
        Processor.RestoreInterrupts(enabled);
        return slot;
    }

    private static int Drop(int domain, ProbeOperation operation, nuint operand0, nuint operand1)
    {
        ref ProbeRequest request = ref Probe.Request(0);
        request = default;
        request.Operation = operation;
        request.Operand0 = operand0;
        request.Operand1 = operand1;
        s_domain = domain;
        int slot = KernelThreads.Run(&MoveAndDrop, 0, Probe.Priority);
        if (domain != Protection.DefaultDomain && ThreadTable.At(slot).HasFaulted)
        {
            Expect.Equal(0, Probe.Request(0).IsDone, "a thread that faulted has not finished its work"u8);
        }

        return slot;
    }

    private static void MoveAndDrop(nint request)
    {
        Protection.MoveThread(Scheduler.Current, s_domain);
        ThreadLifecycle.DropToUser(Probe.Component, 0, (nuint)request);
        s_isBack = 1;
    }
}

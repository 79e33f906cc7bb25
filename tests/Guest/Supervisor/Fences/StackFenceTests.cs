// A stack is its thread's alone: not the other threads' of its domain, and its guards are nobody's.

using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class StackFenceTests
{
    [GuestTest]
    internal static void TheStackOfAnotherThreadOfTheSameDomainIsOutOfReach()
    {
        if (!StackOwnership.SkipUnlessOfThread())
        {
            ExpectOthersStackDenied(Probe.Component);
        }
    }

    [GuestTest]
    internal static void TheStackOfAThreadOfAnotherDomainIsOutOfReach() => ExpectOthersStackDenied(Probe.Neighbour);

    [GuestTest]
    internal static void TheFirstAndLastByteOfTheOwnStackCanBeReadAndWritten()
    {
        int slot = CreateFor(ProbeOperation.Read, &OwnStackFirst, 0);
        Probe.ExpectDone(Probe.Finish(slot), 0, "read of the first byte of the own stack"u8);
        slot = CreateFor(ProbeOperation.Read, &OwnStackLast, 0);
        Probe.ExpectDone(Probe.Finish(slot), 0, "read of the last byte of the own stack"u8);
        slot = CreateFor(ProbeOperation.Write, &OwnStackFirst, 0x5A);
        Probe.ExpectDone(Probe.Finish(slot), 0, "write of the first byte of the own stack"u8);
        Expect.Equal(0x5A, FenceCheck.Peek(OwnStackFirst(slot)), "the first byte of the own stack"u8);

        // The last byte belongs to a return address below 16 MiB, so it is 0 already and writing 0 harms nobody.
        slot = CreateFor(ProbeOperation.Write, &OwnStackLast, 0);
        Probe.ExpectDone(Probe.Finish(slot), 0, "write of the last byte of the own stack"u8);
    }

    [GuestTest]
    internal static void TheOwnStackIsExecutedOnlyWhereTheFormatCannotForbidIt()
    {
        int slot = CreateFor(ProbeOperation.Execute, &OwnStackFirst, 0);
        nuint address = OwnStackFirst(slot);
        FenceCheck.Poke(address, 0xC3); // RET
        Probe.Finish(slot);
        if (FormatGeometry<PagingFormat>.HasExecuteDisable)
        {
            Probe.ExpectPageFault(slot, address, PageFaultCode.FetchDenied, "execution of the own stack"u8);
        }
        else
        {
            Probe.ExpectDone(slot, 0, "execution of the own stack"u8);
        }
    }

    [GuestTest]
    internal static void TheKernelStackOfTheThreadItselfIsOutOfReach()
    {
        ExpectOwnFault(ProbeOperation.Read, &KernelStackFirst, PageFaultCode.ReadWithheld);
        ExpectOwnFault(ProbeOperation.Write, &KernelStackFirst, PageFaultCode.WriteWithheld);
        ExpectOwnFault(ProbeOperation.Execute, &KernelStackFirst, PageFaultCode.FetchWithheld);
        ExpectOwnFault(ProbeOperation.Read, &KernelStackLast, PageFaultCode.ReadWithheld);
        ExpectOwnFault(ProbeOperation.Write, &KernelStackLast, PageFaultCode.WriteWithheld);
        ExpectOwnFault(ProbeOperation.Execute, &KernelStackLast, PageFaultCode.FetchWithheld);
    }

    [GuestTest]
    internal static void TheKernelStackOfAnotherThreadIsOutOfReach()
    {
        int other = Probe.Create(Probe.Component, 1, ProbeOperation.None);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, KernelStackFirst(other), "first byte of another thread's kernel stack"u8);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, KernelStackLast(other), "last byte of another thread's kernel stack"u8);
        Probe.ExpectDone(Probe.Finish(other), 1, "the other thread"u8);
    }

    [GuestTest]
    internal static void OneByteBeyondEitherEndOfTheOwnStackIsAGuardWithoutAPage()
    {
        ExpectOwnFault(ProbeOperation.Read, &BeforeOwnStack, PageFaultCode.ReadAbsent);
        ExpectOwnFault(ProbeOperation.Write, &BeforeOwnStack, PageFaultCode.WriteAbsent);
        ExpectOwnFault(ProbeOperation.Execute, &BeforeOwnStack, PageFaultCode.FetchAbsent);
        ExpectOwnFault(ProbeOperation.Read, &AfterOwnStack, PageFaultCode.ReadAbsent);
        ExpectOwnFault(ProbeOperation.Write, &AfterOwnStack, PageFaultCode.WriteAbsent);
        ExpectOwnFault(ProbeOperation.Execute, &AfterOwnStack, PageFaultCode.FetchAbsent);
    }

    [GuestTest]
    internal static void EveryGuardOfEverySlotIsWithoutAPage()
    {
        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            ExpectAbsent(AddressLayout.KernelStackStart(slot) - 1);
            ExpectAbsent(AddressLayout.KernelStackStart(slot) - PageSize.ByteCount);
            ExpectAbsent(AddressLayout.KernelStackEnd(slot));
            ExpectAbsent(AddressLayout.KernelStackEnd(slot) + PageSize.ByteCount - 1);
            ExpectAbsent(AddressLayout.UserStackPages(slot).End.Address.Value);
        }
    }

    [GuestTest]
    internal static void WhereTheMainThreadWouldHaveAUserStackThereIsNoPage()
    {
        PageRange stack = AddressLayout.UserStackPages(ThreadTable.Main);
        ExpectAbsent(stack.First.Address.Value);
        ExpectAbsent(stack.End.Address.Value - 1);
        ExpectAbsent(stack.First.Address.Value + AddressLayout.ViewOffset);
    }

    private static nuint OwnStackFirst(int slot) => AddressLayout.UserStackPages(slot).First.Address.Value;

    private static nuint OwnStackLast(int slot) => AfterOwnStack(slot) - 1;

    private static nuint BeforeOwnStack(int slot) => OwnStackFirst(slot) - 1;

    private static nuint AfterOwnStack(int slot) => AddressLayout.UserStackPages(slot).End.Address.Value;

    private static nuint KernelStackFirst(int slot) => AddressLayout.KernelStackStart(slot);

    private static nuint KernelStackLast(int slot) => AddressLayout.KernelStackEnd(slot) - 1;

    private static void ExpectOthersStackDenied(int component)
    {
        int other = Probe.Create(component, 1, ProbeOperation.None);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, OwnStackFirst(other), "first byte of another thread's stack"u8);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, OwnStackLast(other), "last byte of another thread's stack"u8);
        Probe.ExpectDone(Probe.Finish(other), 1, "the other thread"u8);
    }

    private static void ExpectAbsent(nuint address) =>
        Probe.ExpectPageFault(ProbeOperation.Read, address, PageFaultCode.ReadAbsent, "a guard"u8);

    // Which slot a thread gets is known only once it has one.
    private static int CreateFor(ProbeOperation operation, delegate*<int, nuint> address, nuint value)
    {
        int slot = Probe.Create(Probe.Component, 0, operation, 0, value);
        FenceCheck.SetAddress(address(slot));
        return slot;
    }

    private static void ExpectOwnFault(ProbeOperation operation, delegate*<int, nuint> address, nuint errorCode)
    {
        int slot = CreateFor(operation, address, 0x5A);
        Probe.ExpectPageFault(Probe.Finish(slot), address(slot), errorCode, "a byte around the thread's own stacks"u8);
    }
}

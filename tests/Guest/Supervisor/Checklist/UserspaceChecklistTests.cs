// User mode as a list of cases has it (US): what it is kept from, and what domains do for threads that enter it or are in it.

using System;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class UserspaceChecklistTests
{
    private const int Page = 5;

    private static int s_domain;
    private static ulong s_sleepTicks;

    [GuestTest]
    internal static void Us1AThreadOfAComponentRunsInUserMode()
    {
        Probe.ExpectDone(UserCode.RunOnce([0x31, 0xC0, 0x8C, 0xC8, 0xC3]), 0, "xor eax, eax; mov eax, cs; ret"u8);
        Expect.Equal(3, (int)Probe.Request(0).Result & 3, "the privilege level in CS"u8);
    }

    [GuestTest]
    internal static void Us2UserModeCannotWriteControlRegister0() => UserCode.ExpectPrivileged([0x0F, 0x22, 0xC0], "mov cr0, eax"u8);

    [GuestTest]
    internal static void Us3UserModeCannotSwitchPagingOrWriteProtectionOff()
    {
        nuint before = Processor.ReadControl0();
        UserCode.ExpectException([0x31, 0xC0, 0x0F, 0x22, 0xC0], ExceptionVector.GeneralProtection, 0, "xor eax, eax; mov cr0, eax"u8, offset: 2);
        Expect.Equal(before, Processor.ReadControl0(), "CR0"u8);
    }

    [GuestTest]
    internal static void Us4UserModeCannotReadItsOwnThreadsRecord() => ExpectReadDenied(OwnRecord, "the thread table"u8);

    [GuestTest]
    internal static void Us5UserModeCannotWriteItsOwnThreadsRecord() => ExpectWriteDenied(OwnRecord, "the thread table"u8);

    [GuestTest]
    internal static void Us6UserModeCannotWriteKernelReadOnlyData() => ExpectWriteDenied(ImageTable.Description.KernelReadOnlyStart, "kernel read-only data"u8);

    [GuestTest]
    internal static void Us7UserModeCannotWriteKernelText() => ExpectWriteDenied(ImageTable.Description.KernelTextStart, "kernel text"u8);

    [GuestTest]
    internal static void Us8UserModeCannotReadKernelData() => ExpectReadDenied(OwnStatic, "a static of the kernel"u8);

    [GuestTest]
    internal static void Us9UserModeCannotWriteKernelData() => ExpectWriteDenied(OwnStatic, "a static of the kernel"u8);

    [GuestTest]
    internal static void Us10UserModeCannotReadItsKernelStack() => ExpectKernelStackDenied(ProbeOperation.Read, PageFaultCode.ReadWithheld);

    [GuestTest]
    internal static void Us11UserModeCannotWriteItsKernelStack() => ExpectKernelStackDenied(ProbeOperation.Write, PageFaultCode.WriteWithheld);

    [GuestTest]
    internal static void Us15UserModeCannotReadAnotherThreadsStack() => ExpectOthersStackDenied(ProbeOperation.Read, PageFaultCode.ReadWithheld);

    [GuestTest]
    internal static void Us16UserModeCannotWriteAnotherThreadsStack() => ExpectOthersStackDenied(ProbeOperation.Write, PageFaultCode.WriteWithheld);

    [GuestTest]
    internal static void Us22ADomainCreatedWhileAnotherIsLiveHasNoneOfItsRights()
    {
        int first = Create(Page);
        ExpectWrites(first);
        int second = TestDomain.Create();
        ExpectFaults(second);
        FenceCheck.ExpectDenied(second, Probe.ScratchAddress(Page), "the page of the domain that was live"u8);
        Destroy(first, second);
    }

    [GuestTest]
    internal static void Us23AThreadThatMovesItselfSleepsAndDropsToUserModeHasItsNewDomainsPartition()
    {
        int domain = Create(Page);
        Expect.Equal(0x77u, DropAndWrite(domain, sleepTicks: 2, out int slot), "what it wrote"u8);
        Probe.ExpectDone(slot, 0, "it ends by itself"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Us24APartitionAddedBeforeTheDropToUserModeCanBeWritten()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Page);
        Expect.Equal(0x77u, DropAndWrite(domain, sleepTicks: 0, out int slot), "what it wrote"u8);
        Probe.ExpectDone(slot, 0, "it ends by itself"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Us26ANewThreadThatIsMovedToADomainHasItsPartition()
    {
        int domain = Create(Page);
        int slot = CreateWriter(TestDomain.Create());
        int other = ThreadTable.At(slot).Domain;
        Protection.MoveThread(slot, domain);
        Probe.ExpectDone(Probe.Finish(slot), 0, "a thread moved before it ran"u8);
        Expect.Equal(0x77u, Probe.ScratchWord(Page), "what it wrote"u8);
        Destroy(domain, other);
    }

    [GuestTest]
    internal static void Us27APartitionAddedAfterTheThreadWasCreatedCanBeWritten()
    {
        int domain = TestDomain.Create();
        int slot = CreateWriter(domain);
        TestDomain.AddPage(domain, Page);
        Probe.ExpectDone(Probe.Finish(slot), 0, "a thread older than the partition"u8);
        Expect.Equal(0x77u, Probe.ScratchWord(Page), "what it wrote"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Us28APartitionRemovedAfterTheThreadWasCreatedFaults()
    {
        int domain = Create(Page);
        int slot = CreateWriter(domain);
        TestDomain.RemovePage(domain, Page);
        Probe.ExpectPageFault(Probe.Finish(slot), Probe.ScratchAddress(Page), PageFaultCode.WriteWithheld, "a thread older than the removal"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Us41KernelThreadsOnlyCountEachItsOwn() => RunThree(isUser: [false, false, false]);

    [GuestTest]
    internal static void Us42UserThreadsOfTwoDomainsCountEachItsOwnAndTouchNoOthers() => RunThree(isUser: [true, true, true]);

    [GuestTest]
    internal static void Us43KernelAndUserThreadsInTurnCountEachItsOwn() => RunThree(isUser: [true, false, true]);

    [GuestTest]
    internal static void Us44APartitionRemovedWhileItsMemberIsBlockedInASemaphoreFaultsAtTheNextWrite()
    {
        int domain = Create(Page);
        int other = TestDomain.Create();
        int slot = Block(domain);
        TestDomain.RemovePage(domain, Page);
        ExpectFaultWhenWoken(slot, "in the live domain"u8);

        TestDomain.AddPage(domain, Page);
        slot = Block(domain);
        Probe.ExpectDone(Probe.Finish(Probe.CreateIn(other, Probe.Component, 1, ProbeOperation.None)), 1, "a thread of another domain"u8);
        TestDomain.RemovePage(domain, Page);
        ExpectFaultWhenWoken(slot, "in a domain that isn't live"u8);
        Destroy(domain, other);
    }

    [GuestTest]
    internal static void Us45AfterTheFirstOfThreePartitionsWasRemovedTheOthersCanBeWritten()
    {
        int domain = TestDomain.Create();
        for (int page = Page; page < Page + 3; page++)
        {
            TestDomain.AddPage(domain, page);
        }

        TestDomain.RemovePage(domain, Page);
        FenceCheck.ExpectDenied(domain, Probe.ScratchAddress(Page), "the first"u8);
        FenceCheck.ExpectWritable(domain, Probe.ScratchAddress(Page + 1), "the second"u8);
        FenceCheck.ExpectWritable(domain, Probe.ScratchAddress(Page + 2), "the third"u8);
        TestDomain.Destroy(domain);
    }

    private static nuint OwnRecord => KernelMemory.AddressOf(ref ThreadTable.At(Scheduler.Current));

    private static nuint OwnStatic => KernelMemory.AddressOf(ref s_domain);

    private static int Create(int page)
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, page);
        return domain;
    }

    private static void Destroy(int first, int second)
    {
        TestDomain.Destroy(first);
        TestDomain.Destroy(second);
    }

    private static void ExpectReadDenied(nuint address, ReadOnlySpan<byte> what) =>
        Probe.ExpectPageFault(FenceCheck.Attempt(FenceCheck.ProbeDomain, ProbeOperation.Read, address), address, FenceCheck.ReadCode(address), what);

    private static void ExpectWriteDenied(nuint address, ReadOnlySpan<byte> what)
    {
        byte before = FenceCheck.Peek(address);
        int slot = FenceCheck.Attempt(FenceCheck.ProbeDomain, ProbeOperation.Write, address, (byte)~before);
        Probe.ExpectPageFault(slot, address, FenceCheck.WriteCode(address), what);
        Expect.True(FenceCheck.Peek(address) != (byte)~before, what);
    }

    private static void ExpectKernelStackDenied(ProbeOperation operation, nuint errorCode)
    {
        int slot = Probe.Create(Probe.Component, 0, operation, 0, 0x5A);
        nuint address = AddressLayout.KernelStackStart(slot);
        FenceCheck.SetAddress(address);
        Probe.ExpectPageFault(Probe.Finish(slot), address, errorCode, "the stack that the kernel has for the thread"u8);
    }

    // Of its own domain: another domain's is out of reach for two reasons.
    private static void ExpectOthersStackDenied(ProbeOperation operation, nuint errorCode)
    {
        if (StackOwnership.SkipUnlessOfThread())
        {
            return;
        }

        int other = Probe.Create(Probe.Component, 1, ProbeOperation.SleepMeasured, Probe.LongTime);
        ThreadLifecycle.Start(other);
        KernelThreads.WaitFor(other, ThreadState.Sleeping);
        nuint address = AddressLayout.UserStackPages(other).First.Address.Value;
        Probe.ExpectPageFault(operation, address, errorCode, "the stack of another thread of the domain"u8);
        ThreadLifecycle.EndOther(other);
    }

    private static int CreateWriter(int domain)
    {
        Probe.ScratchWord(Page) = 0;
        return Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Write, Probe.ScratchAddress(Page), 0x77);
    }

    private static void ExpectWrites(int domain)
    {
        Probe.ExpectDone(Probe.Finish(CreateWriter(domain)), 0, "a member"u8);
        Expect.Equal(0x77u, Probe.ScratchWord(Page), "what it wrote"u8);
    }

    private static void ExpectFaults(int domain)
    {
        Probe.ExpectPageFault(Probe.Finish(CreateWriter(domain)), Probe.ScratchAddress(Page), PageFaultCode.WriteWithheld, "a thread of a new domain"u8);
        Expect.Equal(0u, Probe.ScratchWord(Page), "the word"u8);
    }

    private static uint DropAndWrite(int domain, ulong sleepTicks, out int slot)
    {
        ref ProbeRequest request = ref Probe.Request(0);
        request = default;
        request.Operation = ProbeOperation.Write;
        request.Operand0 = Probe.ScratchAddress(Page);
        request.Operand1 = 0x77;
        Probe.ScratchWord(Page) = 0;
        s_domain = domain;
        s_sleepTicks = sleepTicks;
        slot = KernelThreads.Run(&MoveSleepAndDrop, 0, Probe.Priority);
        return Probe.ScratchWord(Page);
    }

    private static void MoveSleepAndDrop(nint request)
    {
        Protection.MoveThread(Scheduler.Current, s_domain);
        ThreadLifecycle.Sleep(s_sleepTicks);
        ThreadLifecycle.DropToUser(Probe.Component, 0, (nuint)request);
    }

    private static int Block(int domain)
    {
        ObjectTable.At(TestObjects.Units).Count = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.TakeThenWrite, Probe.ScratchAddress(Page), 0x77);
        TestObjects.StartToBlock(slot);
        return slot;
    }

    private static void ExpectFaultWhenWoken(int slot, ReadOnlySpan<byte> what)
    {
        bool enabled = Processor.DisableInterrupts();
        _ = Semaphores.Give(TestObjects.Units, Thread.NoComponent);
        Processor.RestoreInterrupts(enabled);
        KernelThreads.WaitForEnd(slot);
        Probe.ExpectPageFault(slot, Probe.ScratchAddress(Page), PageFaultCode.WriteWithheld, what);
    }

    // Three threads, domains A, B and A: ten rounds of counting, taking and giving a semaphore that all share, and yielding.
    private static void RunThree(ReadOnlySpan<bool> isUser)
    {
        const int Rounds = 10;
        int first = TestDomain.Create();
        int second = TestDomain.Create();
        int* slots = stackalloc int[3];
        for (int index = 0; index < 3; index++)
        {
            int domain = index == 1 ? second : first;
            Probe.ScratchWord(Page + index) = 0;
            TestDomain.AddPage(domain, Page + index);
            slots[index] = isUser[index]
                ? Probe.CreateIn(domain, Probe.Component, index, ProbeOperation.CountTakeGiveAndYield, Probe.ScratchAddress(Page + index), Rounds)
                : KernelThreads.Create(&CountTakeGiveAndYield, Page + index, Probe.Priority);
        }

        for (int index = 0; index < 3; index++)
        {
            ThreadLifecycle.Start(slots[index]);
        }

        for (int index = 0; index < 3; index++)
        {
            KernelThreads.WaitForEnd(slots[index]);
            Expect.True(!ThreadTable.At(slots[index]).HasFaulted, "no thread had a reason to fault"u8);
            Expect.Equal((uint)Rounds, Probe.ScratchWord(Page + index), "rounds of a thread"u8);
            Expect.True(!isUser[index] || Probe.Request(index).Result == Rounds, "each found its counter as it had left it"u8);
        }

        FenceCheck.ExpectDenied(first, Probe.ScratchAddress(Page + 1), "the counter of the second domain"u8);
        FenceCheck.ExpectDenied(second, Probe.ScratchAddress(Page), "a counter of the first domain"u8);
        Destroy(first, second);
    }

    private static void CountTakeGiveAndYield(nint page)
    {
        for (int round = 0; round < 10; round++)
        {
            Probe.ScratchWord((int)page)++;
            bool enabled = Processor.DisableInterrupts();
            _ = Semaphores.Take(TestObjects.Units, uint.MaxValue, Thread.NoComponent);
            Processor.RestoreInterrupts(enabled);
            enabled = Processor.DisableInterrupts();
            _ = Semaphores.Give(TestObjects.Units, Thread.NoComponent);
            Scheduler.SwitchIfWanted();
            Processor.RestoreInterrupts(enabled);
            ThreadLifecycle.Yield();
        }
    }
}

// Under KPTI user mode runs on tables with nothing of the kernel in them but what entry and exit need, and of that nothing tells one domain of another.
//
// Checked by planting the mistakes: a set that keeps kernel read-only data; an exit that doesn't write CR3; a change of root that erases nothing. Each fails a test below, or the audit in one of them.

#if KPTI
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class UserSetTests
{
    private const ulong Global = 1 << 8;
    private const nuint SupervisorWriteDenied = 3;
    private const nuint SupervisorFetchDenied = 0x11;
    private const int FirstPage = 2;

    // The first 8259's mask register; the second hangs on a line of the first.
    private const ushort InterruptMask = 0x21;
    private const int PatienceTicks = 2000;

    // In a register of a thread that spins: nowhere else in the machine.
    private const uint Secret = 0x5EC2E71D;

#if AUDIT
    private static int s_watched;
    private static int s_wordsLeft;

#endif
    [GuestTest]
    internal static void EverySetOfADomainHoldsEntryPagesPagesOfItsOwnAndNothingElse()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, FirstPage, PartitionRights.ReadOnly);
        int slot = Probe.Finish(Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.None));
        Probe.ExpectDone(slot, 0, "a thread that has run on the set"u8);
        int setCount = 0;
        for (int index = 0; index < Protection.DomainCapacity; index++)
        {
            if (Protection.DomainAt(index).Exists)
            {
                setCount++;
                ExpectNothingElse(index);
            }
        }

        Expect.True(setCount >= 4, "the default domain, two components' and the test's have a set"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void TheKernelsSetGivesUserModeNothingAndStaysLoaded()
    {
        Probe.ExpectDone(Probe.Run(ProbeOperation.None), 0, "a user thread before"u8);
        Expect.Equal((nuint)KernelSpace.Tables.Root.Value, Processor.ReadControl3(), "CR3 in the kernel"u8);
        Expect.Equal(
            (nuint)Protection.UserTables(FenceCheck.ProbeDomain).Root.Value, (nuint)UserTranslationCache.NotedRoot.Value, "the root that an exit loads"u8);
        for (nuint address = 0; address < AddressLayout.LeafTablesEnd; address += PageSize.ByteCount)
        {
            Translation translation = KernelSpace.Tables.Translate(new VirtualAddress(address));
            if (translation.IsMapped && (translation.Rights.IsUser || (translation.Entry & Global) != 0))
            {
                Expect.Equal(0, address, "a page of the kernel's set that is user mode's, or global"u8);
            }
        }
    }

    [GuestTest]
    internal static void EntryTextCannotBeWrittenAndEntryDataCannotBeExecutedByTheKernelEither()
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        Expect.True(image.EntryTextEnd > image.EntryTextStart && image.EntryDataEnd > image.EntryDataStart, "both have pages"u8);
        Expect.Equal(image.EntryTextEnd, image.EntryDataStart, "entry data, and in it the entry stack, begins behind what can't be written"u8);
        byte before = KernelMemory.At<byte>(image.EntryTextStart);
        int slot = KernelThreads.Run(&Write, (nint)image.EntryTextStart, 5);
        Probe.ExpectException(slot, ExceptionVector.PageFault, SupervisorWriteDenied, "a write to entry text"u8);
        Expect.Equal(before, KernelMemory.At<byte>(image.EntryTextStart), "the byte of entry text"u8);
        if (FormatGeometry<PagingFormat>.HasExecuteDisable)
        {
            slot = KernelThreads.Run(&Call, (nint)image.EntryDataEnd - 16, 5);
            Probe.ExpectException(slot, ExceptionVector.PageFault, SupervisorFetchDenied, "execution of entry data"u8);
        }
    }

    // An exit that left CR3 as it is would go unnoticed by all but the time it takes: the first user instruction faults, the domain's tables allow it, and the return from that fault loads them.
    [GuestTest]
    internal static void NoExitLeavesTheLoadOfTheDomainsTablesToAPageFault()
    {
        const int Counter = 3;
        nuint nowhere = PageSize.ByteCount - 8;
        Probe.ExpectPageFault(ProbeOperation.Read, nowhere, PageFaultCode.ReadAbsent, "a page fault, whose address the processor remembers"u8);
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Counter);
        Probe.ScratchWord(Counter) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForCount(Counter, 10);
        Probe.ExpectDone(Probe.Run(ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Ticks), 0, "a thread that made a call"u8);
        KernelThreads.WaitForCount(Counter, Probe.ScratchWord(Counter));
        ThreadLifecycle.EndOther(slot);
        TestDomain.Destroy(domain);
        Expect.Equal(nowhere, Processor.ReadControl2(), "CR2: the address of the last page fault"u8);
    }

    // No edit of a domain's set is followed by a flush; what the exit's write of CR3 forgets is all that is forgotten.
    [GuestTest]
    internal static void WhatIsRevokedOrGrantedWhileAThreadIsInterruptedActsAtItsReturn()
    {
        const int Counter = 3;
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Counter);
        for (int round = 0; round < 5; round++)
        {
            Probe.ScratchWord(Counter) = 0;
            int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
            ThreadLifecycle.Start(slot);
            KernelThreads.WaitForCount(Counter, 10);
            Expect.Equal((int)ThreadState.Ready, (int)ThreadTable.At(slot).State, "it was interrupted in user mode"u8);
            TestDomain.RemovePage(domain, Counter);
            KernelThreads.WaitForEnd(slot);
            Expect.True(ThreadTable.At(slot).HasFaulted, "it has ended at the page"u8);
            Expect.Equal(Probe.ScratchAddress(Counter), ThreadTable.At(slot).Fault.Address & ~(nuint)(PageSize.ByteCount - 1), "the page"u8);
            TestDomain.AddPage(domain, Counter);
        }

        Probe.ScratchWord(Counter) = 0;
        int again = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
        ThreadLifecycle.Start(again);
        KernelThreads.WaitForCount(Counter, 10);
        ThreadLifecycle.EndOther(again);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void NothingThatAnInterruptedThreadHadIsInEntryDataWhenAnotherDomainRuns()
    {
        int spinner = StartSpinner();
        ExpectSpinning(spinner);
        RunInAnotherDomain(spinner);
        ThreadLifecycle.EndOther(spinner);
        UserCode.Close();
    }

    // The other thread makes no system call, which would put its own stack pointer in the place of the caller's.
    [GuestTest]
    internal static void NothingThatACallerHadIsInEntryDataWhenAnotherDomainRuns()
    {
        int domain = TestDomain.Create();
        int caller = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Sleep, 100 * PatienceTicks);
        ThreadLifecycle.Start(caller);
        KernelThreads.WaitFor(caller, ThreadState.Sleeping);
        Expect.True(CountWords(&IsStackOf, caller) > 0, "its stack pointer is in entry data as long as no other domain is to run"u8);
        int spinner = StartSpinner();
        ExpectSpinning(spinner);
        Expect.Equal(0, CountWords(&IsStackOf, caller), "words of entry data that point into the caller's stack"u8);
        ThreadLifecycle.EndOther(spinner);
        UserCode.Close();
        ThreadLifecycle.EndOther(caller);
        TestDomain.Destroy(domain);
    }

    private static void ExpectSpinning(int slot)
    {
        for (int tick = 0; tick < PatienceTicks && CountWords(&IsSecret, slot) == 0; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        Expect.True(CountWords(&IsSecret, slot) > 0, "the register of an interrupted thread is on the entry stack as long as no other domain is to run"u8);
    }

    private static void RunInAnotherDomain(int slot)
    {
        // More important than the first, so that it runs through, and with every interrupt line masked: its entries are system calls, which leave the entry stack's lowest words alone.
        int other = Probe.Create(Probe.Component, 0, ProbeOperation.None);
        ThreadTable.At(other).Priority = Probe.Priority - 1;
        byte mask = Processor.ReadPort8(InterruptMask);
        Processor.WritePort8(InterruptMask, 0xFF);
#if AUDIT
        // Its first return is looked at before anything of its own is written over what another has left.
        s_watched = slot;
        s_wordsLeft = 0;
        ReturnAudit.BeforeReturn = &CountWhatIsLeft;
#endif
        Probe.Finish(other);
#if AUDIT
        ReturnAudit.BeforeReturn = null;
#endif
        Processor.WritePort8(InterruptMask, mask);
        Probe.ExpectDone(other, 0, "a thread of another domain"u8);
#if AUDIT
        Expect.Equal(0, s_wordsLeft, "words of entry data that tell of it at a return to another domain"u8);
#endif
        Expect.Equal(0, CountWords(&IsSecret, slot), "words of entry data that hold its register"u8);
        Expect.Equal(0, CountWords(&IsStackOf, slot), "words of entry data that point into its stack"u8);
        Expect.Equal(0, CountWords(&IsCode, slot), "words of entry data that point into its code"u8);
    }

#if AUDIT
    private static void CountWhatIsLeft()
    {
        if (ThreadTable.At(Scheduler.Current).Domain != ThreadTable.At(s_watched).Domain)
        {
            s_wordsLeft += CountWords(&IsSecret, s_watched) + CountWords(&IsStackOf, s_watched) + CountWords(&IsCode, s_watched);
        }
    }

#endif
    private static int StartSpinner()
    {
        UserCode.Open();
#if ARCHITECTURE_AMD64
        UserCode.Load([0x48, 0xB8, 0x1D, 0xE7, 0xC2, 0x5E, 0, 0, 0, 0, 0xEB, 0xFE]); // mov rax, Secret; jmp to itself
#else
        UserCode.Load([0xB8, 0x1D, 0xE7, 0xC2, 0x5E, 0xEB, 0xFE]);
#endif
        int slot = UserCode.Create(0, 0);
        ThreadLifecycle.Start(slot);
        return slot;
    }

    private static int CountWords(delegate*<int, nuint, bool> isMeant, int slot)
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        int count = 0;
        for (nuint address = image.EntryDataStart; address < image.EntryDataEnd; address += (nuint)nuint.Size)
        {
            count += isMeant(slot, Volatile.Read(ref KernelMemory.At<nuint>(address))) ? 1 : 0;
        }

        return count;
    }

    private static bool IsSecret(int slot, nuint word) => word == Secret;

    // The top is where a stack pointer stands before the first push.
    private static bool IsStackOf(int slot, nuint word) =>
        word != 0 && AddressLayout.UserStackPages(slot).Contains(new VirtualAddress(word - 1).Page);

    private static bool IsCode(int slot, nuint word) => word - UserCode.Address < PageSize.ByteCount;

    private static void ExpectNothingElse(int domain)
    {
        AddressSpace<PagingFormat, IdentityTableMemory> tables = Protection.UserTables(domain);
        ref readonly ImageDescription image = ref ImageTable.Description;
        for (nuint address = 0; address < AddressLayout.LeafTablesEnd; address += PageSize.ByteCount)
        {
            Translation translation = tables.Translate(new VirtualAddress(address));
            bool isText = address >= image.EntryTextStart && address < image.EntryTextEnd;
            bool isData = address >= image.EntryDataStart && address < image.EntryDataEnd;
            bool isRight = isText ? translation.IsMapped && LeafSnapshot.HasRights(domain, address, LeafRights.SupervisorReadExecute)
                : isData ? translation.IsMapped && LeafSnapshot.HasRights(domain, address, LeafRights.SupervisorReadWrite)
                : !translation.IsMapped || translation.Rights.IsUser;
            if (!isRight || (translation.Entry & Global) != 0)
            {
                Expect.Equal(0, address, "a page of a domain's set that should not be there, or not so"u8);
            }
        }

        // To the end of the address space, or of its lower half where there are two.
        PageNumber end = new((nuint)1 << (nuint.Size == 8 ? 47 - PageSize.Shift : 32 - PageSize.Shift));
        PageRange beyond = PageRange.FromFirstToEnd(new VirtualAddress(AddressLayout.LeafTablesEnd).Page, end);
        Expect.True(tables.TryGetRun(beyond, out MappingRun run) && run.FirstEntry == 0 && run.Range.End == beyond.End, "nothing is mapped above"u8);
    }

    private static void Write(nint address) => Volatile.Write(ref KernelMemory.At<byte>((nuint)address), 0xCC);

    private static void Call(nint address) => ((delegate*<void>)address)();
}
#endif

// WriteConsole reads exactly what the caller may read, and names the first byte that it may not.

using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class ConsoleTests
{
    // What is printed is a line feed wherever possible: it does no harm to the lines of the protocol.
    private const byte LineFeed = (byte)'\n';

    private const int FirstPage = 8;

    [GuestTest]
    internal static void NothingCanBeWrittenFromAnywhere()
    {
        ExpectWritten(0, 0, "address 0"u8);
        ExpectWritten(ImageTable.Description.KernelDataStart, 0, "kernel data"u8);
        ExpectWritten(AddressLayout.KernelStackStart(0) - 1, 0, "a guard"u8);
        ExpectWritten(nuint.MaxValue, 0, "the last address"u8);
    }

    [GuestTest]
    internal static void OwnMemoryOfEveryKindCanBeWritten()
    {
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        ExpectWritten(FindLineFeed(own.TextStart, own.TextEnd), 1, "own text"u8);
        ExpectWritten(FindLineFeed(own.ReadOnlyStart, own.ReadOnlyEnd), 1, "own read-only data"u8);
        UserMemory.View(own.StaticsEnd - 1, 1)[0] = LineFeed;
        ExpectWritten(own.StaticsEnd - 1, 1, "the last byte of own statics"u8);

        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole);
        nuint stack = AddressLayout.UserStackPages(slot).First.Address.Value;
        UserMemory.View(stack, 1)[0] = LineFeed;
        Probe.Request(0).Operand1 = stack;
        Probe.Request(0).Operand2 = 1;
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, "own stack"u8);
    }

    [GuestTest]
    internal static void MemoryOfTheKernelEndsTheCaller()
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        ExpectRefused(image.KernelTextStart, 1, image.KernelTextStart, "kernel text"u8);
        ExpectRefused(image.KernelReadOnlyStart, 1, image.KernelReadOnlyStart, "kernel read-only data"u8);
        ExpectRefused(image.KernelDataStart + 5, 1, image.KernelDataStart + 5, "kernel data"u8);
        ExpectRefused(image.PageTablesStart, 64, image.PageTablesStart, "page tables"u8);
        nuint view = ImageTable.Component(Probe.Component).StaticsStart + AddressLayout.ViewOffset;
        ExpectRefused(view, 1, view, "the kernel's view of the caller's own statics"u8);
    }

    [GuestTest]
    internal static void AnotherDomainsMemoryEndsTheCaller()
    {
        ref readonly ComponentDescription neighbour = ref ImageTable.Component(Probe.Neighbour);
        ExpectRefused(neighbour.TextStart, 1, neighbour.TextStart, "the neighbour's text"u8);
        ExpectRefused(neighbour.ReadOnlyStart, 1, neighbour.ReadOnlyStart, "the neighbour's read-only data"u8);
        ExpectRefused(neighbour.StaticsStart, 1, neighbour.StaticsStart, "the neighbour's statics"u8);
    }

    [GuestTest]
    internal static void AnotherThreadsStackAndTheOwnKernelStackEndTheCaller()
    {
        int other = Probe.Create(StackOwnership.IsOfDomain ? Probe.Neighbour : Probe.Component, 1, ProbeOperation.None);
        nuint stack = AddressLayout.UserStackPages(other).First.Address.Value;
        ExpectRefused(stack, 1, stack, "a stack of a thread that shares none with the caller"u8);
        ThreadLifecycle.EndOther(other);

        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, 0, 1);
        nuint kernelStack = AddressLayout.KernelStackEnd(slot) - 1;
        Probe.Request(0).Operand1 = kernelStack;
        Probe.Finish(slot);
        ExpectBadAddress(slot, kernelStack, "the caller's own kernel stack"u8);
    }

    [GuestTest]
    internal static void UnmappedMemoryEndsTheCaller()
    {
        ExpectRefused(0, 1, 0, "page 0"u8);
        ExpectRefused(PageSize.ByteCount - 1, 1, PageSize.ByteCount - 1, "the last byte of page 0"u8);
        nuint beyond = AddressLayout.ViewEnd;
        ExpectRefused(beyond, 8, beyond, "beyond everything"u8);
        nuint guard = AddressLayout.KernelStackStart(0) - PageSize.ByteCount;
        ExpectRefused(guard, 1, guard, "a guard"u8);
    }

    [GuestTest]
    internal static void ABufferThatLeavesItsPartitionEndsTheCallerAtTheFirstByteOutside()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, FirstPage);
        nuint end = Probe.ScratchAddress(FirstPage) + PageSize.ByteCount;
        UserMemory.View(end - 1, 1)[0] = LineFeed;
        ExpectWrittenIn(domain, end - 1, 1, "the last byte of a partition"u8);
        ExpectRefusedIn(domain, end - 1, 2, end, "one byte beyond"u8);
        ExpectRefusedIn(domain, end - 1, 128, end, "a whole piece"u8);
        ExpectRefusedIn(domain, end, 1, end, "the first byte beyond"u8);
        ExpectRefusedIn(domain, end - 1, (nuint)nint.MaxValue, end, "a huge count"u8);
        ExpectRefusedIn(domain, end - 1, nuint.MaxValue, end, "the largest count"u8);
        ExpectRefusedIn(domain, end - 1, 0 - (end - 1), end, "up to the top of the address space"u8);
        nuint before = Probe.ScratchAddress(FirstPage) - 1;
        ExpectRefusedIn(domain, before, 2, before, "one byte before"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void ABufferThatWrapsAroundEndsTheCaller()
    {
        ExpectRefused(nuint.MaxValue, 1, nuint.MaxValue, "the last byte of the address space"u8);
        ExpectRefused(nuint.MaxValue, 2, nuint.MaxValue, "past the top"u8);
        ExpectRefused(nuint.MaxValue - 3, 64, nuint.MaxValue - 3, "past the top by more"u8);
    }

    [GuestTest]
    internal static void ABufferOverTwoAdjacentPartitionsIsWritten()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, FirstPage);
        TestDomain.AddPage(domain, FirstPage + 1, PartitionRights.ReadOnly);
        nuint border = Probe.ScratchAddress(FirstPage + 1);
        UserMemory.View(border - 2, 4).Fill(LineFeed);
        ExpectWrittenIn(domain, border - 2, 4, "two bytes of each"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void ABufferLostDuringTheWriteEndsTheCallerAtTheFirstByteNotWritten()
    {
        // Long enough for several ticks at the console, and each piece of 128 bytes is judged when it is copied. After a pause of the host the emulator makes up for its ticks, hundreds perhaps, and each comes before the first piece.
        const int PieceByteCount = 128;
        nuint written = 0;
        for (int attempt = 0; attempt < 100 && written == 0; attempt++)
        {
            written = WriteFromABufferThatIsLost();
        }

        Expect.True(written > 0 && written % PieceByteCount == 0, "up to there it was written"u8);
    }

    // How many bytes were written before the address that ended the caller.
    private static nuint WriteFromABufferThatIsLost()
    {
        const int PageCount = 6;
        int domain = TestDomain.Create();
        nuint start = Probe.ScratchAddress(FirstPage);
        nuint byteCount = PageCount * PageSize.ByteCount;
        TestDomain.Add(domain, start, byteCount, PartitionRights.ReadWrite);
        UserMemory.View(start, byteCount).Fill(LineFeed);
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, start, byteCount);
        ThreadLifecycle.Start(slot);
        ThreadLifecycle.Sleep(3);
        Expect.Equal((int)ThreadState.Ready, (int)ThreadTable.At(slot).State, "the writer is in the middle of it"u8);
        PageRange pages = PageRange.FromFirstToEnd(new VirtualAddress(start).Page, new VirtualAddress(start + byteCount).Page);
        Expect.True(Protection.RemovePartition(domain, pages).IsNone, "the buffer is taken away"u8);
        KernelThreads.WaitForEnd(slot);
        nuint denied = ThreadTable.At(slot).Fault.ErrorCode;
        ExpectBadAddress(slot, denied, "the writer"u8);
        Expect.True(denied >= start && denied < start + byteCount, "the caller ended in its buffer"u8);
        TestDomain.Destroy(domain);
        return denied - start;
    }

    private static nuint FindLineFeed(nuint start, nuint end)
    {
        int index = System.MemoryExtensions.IndexOf(UserMemory.View(start, end - start), LineFeed);
        return Expect.True(index >= 0, "there is a line feed in the region"u8) ? start + (nuint)(uint)index : start;
    }

    private static void ExpectWritten(nuint address, nuint byteCount, System.ReadOnlySpan<byte> what) =>
        ExpectWrittenIn(ComponentTable.At(Probe.Component).Domain, address, byteCount, what);

    private static void ExpectWrittenIn(int domain, nuint address, nuint byteCount, System.ReadOnlySpan<byte> what)
    {
        int slot = Probe.CreateIn(
            domain, Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, address, byteCount);
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, what);
        Expect.Equal((int)byteCount, (int)Probe.Request(0).Result, what);
    }

    private static void ExpectRefused(nuint address, nuint byteCount, nuint denied, System.ReadOnlySpan<byte> what) =>
        ExpectRefusedIn(ComponentTable.At(Probe.Component).Domain, address, byteCount, denied, what);

    private static void ExpectRefusedIn(int domain, nuint address, nuint byteCount, nuint denied, System.ReadOnlySpan<byte> what)
    {
        int slot = Probe.CreateIn(
            domain, Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, address, byteCount);
        Probe.Finish(slot);
        ExpectBadAddress(slot, denied, what);
    }

    private static void ExpectBadAddress(int slot, nuint denied, System.ReadOnlySpan<byte> what)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        if (Expect.True(thread.HasFaulted && thread.Fault.Kind == FaultKind.BadAddress, what))
        {
            Expect.Equal(denied, thread.Fault.ErrorCode, what);
        }

        Expect.Equal(0, Probe.Request(0).IsDone, what);
    }
}

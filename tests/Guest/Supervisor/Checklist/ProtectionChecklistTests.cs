// What the kernel's own threads are kept from by the page tables (SP): execution of what is data.

using System;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class ProtectionChecklistTests
{
    private const byte Return = 0xC3; // RET, on both architectures

    // Error code of a page fault: the page is there, an instruction was fetched, the supervisor did it.
    private const nuint SupervisorFetchDenied = 0x11;

    private static ulong s_data;
    private static int s_result;

    [GuestTest]
    internal static void Sp6AKernelThreadCannotExecuteKernelData()
    {
        s_data = Return;
        ExpectNoExecution(KernelMemory.AddressOf(ref s_data), "a static of the kernel"u8);
    }

    [GuestTest]
    internal static void Sp7AKernelThreadCannotExecuteItsStack()
    {
        int slot = KernelThreads.Create(&Call, 0, 5);
        nuint address = AddressLayout.KernelStackStart(slot);
        KernelMemory.At<byte>(address) = Return;
        ThreadTable.At(slot).Argument = address;
        ExpectNoExecution(slot, address, "the lowest byte of its own stack"u8);
    }

    // There is no heap. What the kernel has instead, memory whose content somebody else decides, is its view of partitions.
    [GuestTest]
    internal static void Sp8AKernelThreadCannotExecuteItsViewOfAPartition()
    {
        nuint address = Probe.ScratchAddress(1) + AddressLayout.ViewOffset;
        KernelMemory.At<byte>(address) = Return;
        ExpectNoExecution(address, "the view of a scratch page"u8);
    }

    private static void ExpectNoExecution(nuint address, ReadOnlySpan<byte> what) => ExpectNoExecution(KernelThreads.Create(&Call, (nint)address, 5), address, what);

    private static void ExpectNoExecution(int slot, nuint address, ReadOnlySpan<byte> what)
    {
        s_result = 0;
        ThreadLifecycle.Start(slot);
        ThreadLifecycle.Join(slot);
        if (!FormatGeometry<PagingFormat>.HasExecuteDisable)
        {
            Expect.Equal(1, s_result, "without an execute-disable bit it runs"u8);
            Expect.Skip("this format has no execute-disable bit: what can be read can be executed"u8);
            return;
        }

        Probe.ExpectException(slot, ExceptionVector.PageFault, SupervisorFetchDenied, what);
        Expect.Equal(address, ThreadTable.At(slot).Fault.Address, what);
        Expect.Equal(0, s_result, "nothing after it is executed"u8);
    }

    private static void Call(nint address)
    {
        ((delegate*<void>)address)();
        s_result = 1;
    }
}

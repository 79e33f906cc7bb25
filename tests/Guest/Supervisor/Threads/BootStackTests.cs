// The boot stack is the idle thread's for the rest of the machine's life. It is painted before its first use in images built with the audit.

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class BootStackTests
{
    private const uint Paint = 0x5AC3A53C; // common/boot.inc: BOOT_STACK_PAINT
    private const int RoundCount = 20;
    private const nuint StateByteCount = 512;

    // For what no test brings about: an exception on top of the deepest use, with its frame, and the panic it ends in, report included; or an
    // NMI on IA-32, where it has no stack of its own, which takes less.
    private const nuint Margin = 1152;

    [GuestTest]
    internal static void TheIdleThreadsStackIsNeverUsedUpToItsMargin()
    {
        UseIt();
        nuint start = (nuint)(delegate*<void>)&Start;
        nuint end = (nuint)(delegate*<void>)&End;
        nuint unused = start;
        while (unused < end && KernelMemory.At<uint>(unused) == Paint)
        {
            unused += sizeof(uint);
        }

        KernelConsole.Write("The boot stack has "u8);
        KernelConsole.WriteDecimal(end - start);
        KernelConsole.Write(" bytes; most that was used: "u8);
        KernelConsole.WriteDecimal(end - unused);
        KernelConsole.Write("\n"u8);
        Expect.True(end - unused > StateByteCount, "an interrupt was seen on it, with the state that FXSAVE saves"u8);
        Expect.True(unused - start >= Margin, "bytes that were never used are at least the margin"u8);
    }

    [GuestTest]
    internal static void BelowTheBootStackNothingCanBeWritten()
    {
        nuint start = (nuint)(delegate*<void>)&Start;
        Expect.Equal(0, start % PageSize.ByteCount, "it begins with a page"u8);
        Expect.True(LeafSnapshot.HasKernelRights(start - 1, LeafRights.SupervisorRead), "the page below is read-only"u8);
    }

    // Its deepest use while threads run: a tick that comes while it waits wakes a user thread of another domain than the last one.
    private static void UseIt()
    {
        int left = TestDomain.Create();
        int right = TestDomain.Create();
        TestDomain.AddPage(left, 0);
        TestDomain.AddPage(right, 1);
        for (int round = 0; round < RoundCount; round++)
        {
            int first = Probe.CreateIn(left, Probe.Component, 0, ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Sleep, 1);
            int second = Probe.CreateIn(right, Probe.Component, 1, ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Sleep, 2);
            ThreadLifecycle.Start(first);
            ThreadLifecycle.Start(second);
            ThreadLifecycle.Join(first);
            ThreadLifecycle.Join(second);
        }

        TestDomain.Destroy(left);
        TestDomain.Destroy(right);
    }

    [RuntimeImport("*", "image_boot_stack")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Start();

    [RuntimeImport("*", "image_boot_stack_end")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void End();
}

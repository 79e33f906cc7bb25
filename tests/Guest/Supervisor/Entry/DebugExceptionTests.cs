// Under KPTI a debug exception can come while ring 0 still runs on a domain's tables, as one that user mode leaves pending does (MOV SS, CVE-2018-8897). Here a debug register watches
// what the first instructions of an entry, and the last ones of an exit, write.

#if KPTI
using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class DebugExceptionTests
{
    private const int CallBlock = 3;
    private const uint WantedRoundCount = 50;
    private const uint PatienceTicks = 10000;
    private const nuint Breakpoint0 = 1;

    // Writes of a word at the address in DR0, whoever makes them (Intel SDM vol. 3B, 17.2.4).
    private static nuint WatchWrites => nuint.Size == 8 ? 0x0009_0701u : 0x000D_0701u;

    // On x86-64 SYSCALL's entry stores the user's stack pointer first of all; on IA-32 the entry pushes ebp.
    [GuestTest]
    internal static void OneAtTheFirstInstructionOfASystemCallChangesNothing() => ExpectHarmless(
#if ARCHITECTURE_AMD64
        (nuint)(delegate*<void>)&UserStackPointerSymbol);
#else
        (nuint)(delegate*<void>)&StackTopSymbol - (6 * (nuint)nuint.Size));
#endif

    // The accumulator, where the entry of an interrupt of user mode saves it before it has another stack.
    [GuestTest]
    internal static void OneWhileAnInterruptsEntryIsOnTheDomainsTablesChangesNothing() => ExpectHarmless((nuint)(delegate*<void>)&StackTopSymbol - (8 * (nuint)nuint.Size));

#if ARCHITECTURE_AMD64
    // The word in which an exit leaves the accumulator until the domain's tables are loaded, and an interrupt's entry the zero in place of an error code. Nothing that the processor itself pushes
    // is watched: the emulator doesn't get out of that.
    [GuestTest]
    internal static void OneWhileAnExitBuildsItsFrameChangesNothing() => ExpectHarmless((nuint)(delegate*<void>)&StackTopSymbol - (6 * (nuint)nuint.Size));

#endif
    private static void ExpectHarmless(nuint watched)
    {
        UserCode.Open();
        PreemptionTests.StartLoops();
        UserCode.LoadAt(2, UserCodePiece.CallLoop);
        TestDomain.AddPage(UserCode.Domain, 2, Domains.PartitionRights.ReadExecute);
        UserBlock.FillPatterns(CallBlock, 7);
        UserBlock.Call(CallBlock) = (ulong)Abi.SystemCall.Nothing;
        int caller = Probe.CreateIn(UserCode.Domain, Probe.Component, CallBlock, ProbeOperation.Execute, Probe.ScratchAddress(2), UserBlock.AddressOf(CallBlock));
        ImportTakeDebugStatus();
        ImportSetBreakpoint(watched, WatchWrites);
        ThreadLifecycle.Start(caller);
        ulong begin = Clock.Ticks;
        nuint status = 0;
        while ((UserBlock.RoundCount(CallBlock) < WantedRoundCount || (status & Breakpoint0) == 0) && Clock.Ticks - begin < PatienceTicks && !PreemptionTests.AnyFailed())
        {
            ThreadLifecycle.Sleep(1);
            status |= ImportTakeDebugStatus();
        }

        ImportSetBreakpoint(0, 0);
        Expect.True((status & Breakpoint0) != 0, "debug exceptions came"u8);
        UserBlock.Stop(CallBlock) = 1;
        PreemptionTests.EndLoops();
        ThreadLifecycle.Join(caller);
        Probe.ExpectDone(caller, CallBlock, "the thread that makes system calls"u8);
        Expect.Equal(0, UserBlock.Failure(CallBlock), "number of the check that failed"u8);
        Expect.True(UserBlock.RoundCount(CallBlock) >= WantedRoundCount, "system calls were made"u8);
        UserCode.Close();
    }

    [RuntimeImport("*", "guest_set_breakpoint")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportSetBreakpoint(nuint address, nuint control);

    [RuntimeImport("*", "guest_take_debug_status")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportTakeDebugStatus();

    // Never called: they are data.
    [RuntimeImport("*", "entry_stack_top")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void StackTopSymbol();

#if ARCHITECTURE_AMD64
    [RuntimeImport("*", "entry_user_stack_pointer")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void UserStackPointerSymbol();
#endif
}
#endif

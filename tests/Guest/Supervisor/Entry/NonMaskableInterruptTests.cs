// Non-maskable interrupts come when they come, also between two instructions of the entry path. The host sends them while a test of this
// class runs (GuestRun in the host's test project).

using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class NonMaskableInterruptTests
{
    private const uint WantedCount = 300;
    private const uint WantedCallCount = 100;
    private const uint PatienceTicks = 10000;
    private const uint SilenceTicks = 2000;
    private const int CallBlock = 3;

    [GuestTest]
    internal static void Rf14SystemCallsAndRegistersSurviveAStormOfNonMaskableInterrupts()
    {
        uint before = InterruptHandler.NonMaskableCount;
        ulong begin = Clock.Ticks;
        while (InterruptHandler.NonMaskableCount == before && Clock.Ticks - begin < SilenceTicks)
        {
            ThreadLifecycle.Sleep(1);
        }

        if (InterruptHandler.NonMaskableCount == before)
        {
            Expect.Skip("no non-maskable interrupt came: the host sends them"u8);
            return;
        }

        UserCode.Open();
        PreemptionTests.StartLoops();
        UserCode.LoadAt(2, UserCodePiece.CallLoop);
        TestDomain.AddPage(UserCode.Domain, 2, Domains.PartitionRights.ReadExecute);
        UserBlock.FillPatterns(CallBlock, 7);
        UserBlock.Call(CallBlock) = (ulong)Abi.SystemCall.Nothing;
        int caller = Probe.CreateIn(
            UserCode.Domain, Probe.Component, CallBlock, Contracts.ProbeOperation.Execute, Probe.ScratchAddress(2), UserBlock.AddressOf(CallBlock));
        ThreadLifecycle.Start(caller);
        before = InterruptHandler.NonMaskableCount;
        while ((InterruptHandler.NonMaskableCount - before < WantedCount || UserBlock.RoundCount(CallBlock) <= WantedCallCount)
            && Clock.Ticks - begin < PatienceTicks && !PreemptionTests.AnyFailed())
        {
            ThreadLifecycle.Sleep(1);
        }

        Expect.True(InterruptHandler.NonMaskableCount - before >= WantedCount, "the storm came"u8);
        UserBlock.Stop(CallBlock) = 1;
        PreemptionTests.EndLoops();
        ThreadLifecycle.Join(caller);
        Probe.ExpectDone(caller, CallBlock, "the thread that makes system calls"u8);
        Expect.Equal(0, UserBlock.Failure(CallBlock), "number of the check that failed"u8);
        Expect.True(UserBlock.RoundCount(CallBlock) > WantedCallCount, "system calls were made"u8);
        UserCode.Close();
    }
}

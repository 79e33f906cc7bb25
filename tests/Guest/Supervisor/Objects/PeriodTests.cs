// Loops with a beat: rounds begin at fixed ticks, and one that was missed is told.

using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class PeriodTests
{
    // A busy host may hold the machine back for some ticks at the end of a loop; what is wrong with the loop is so every time.
    private const int AttemptCount = 5;

    // Fewer than the seven by which the beat is off when the round after a missed one begins where that ended.
    private const int LatenessTicks = 5;

    [GuestTest]
    internal static void ASleepUntilATickEndsAtItOrTellsHowLateItIs()
    {
        ulong tick = 0;
        long late = 1;
        for (int attempt = 0; attempt < AttemptCount && late != 0; attempt++)
        {
            // A pause of the host may take all of these before the call is made.
            tick = Clock.Ticks + 20;
            late = TestObjects.Call(Probe.Component, SystemCall.SleepUntil, (uint)tick, (uint)(tick >> 32));
        }

        Expect.Equal(0, (int)late, "a tick to come is waited for"u8);
        Expect.True(Clock.Ticks >= tick, "and has come"u8);
        late = TestObjects.Call(Probe.Component, SystemCall.SleepUntil, (uint)tick, (uint)(tick >> 32));
        Expect.True(late >= 0 && (ulong)late <= Clock.Ticks - tick, "a tick that is over is not waited for"u8);
        ulong now = Clock.Ticks;
        late = TestObjects.Call(Probe.Component, SystemCall.SleepUntil, 0, 0);
        Expect.True((ulong)late >= now, "tick 0 was at boot"u8);
    }

    [GuestTest]
    internal static void ASleepUntilAFarTickUsesBothHalves()
    {
        int slot = TestObjects.CreateCaller(Probe.Component, 0, Probe.Priority, SystemCall.SleepUntil, 0, 1);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitFor(slot, ThreadState.Sleeping);
        Expect.True(ThreadTable.At(slot).WakeTick == 1UL << 32, "the upper half counts"u8);
        ThreadLifecycle.EndOther(slot);
    }

    [GuestTest]
    internal static void ALoopThatKeepsUpMissesNoRoundAndDoesNotDrift()
    {
        ExpectRounds(slowRound: -1, slowTicks: 0, missed: 0, expectedTicks: 100);
    }

    [GuestTest]
    internal static void ASlowRoundThatEndsInTimeForTheNextCostsNothing()
    {
        ExpectRounds(slowRound: 3, slowTicks: 5, missed: 0, expectedTicks: 100);
    }

    [GuestTest]
    internal static void MissedRoundsAreCountedAndNotMadeUpFor()
    {
        // A round that takes 47 ticks of 10 begins at a beat and ends between the fourth and the fifth after it.
        ExpectRounds(slowRound: 3, slowTicks: 47, missed: 3, expectedTicks: 130);
    }

    // Ten rounds of ten ticks. The loop looks at the clock once more after its last round, and may be some ticks late with that; a drift would add one a round.
    private static void ExpectRounds(int slowRound, uint slowTicks, int missed, int expectedTicks)
    {
        long result = 0;
        bool isInTime = false;
        for (int attempt = 0; attempt < AttemptCount && !isInTime; attempt++)
        {
            result = Run(rounds: 10, ticks: 10, slowRound, slowTicks);
            long ticks = result / 1000;
            isInTime = result % 1000 == missed && ticks >= expectedTicks && ticks < expectedTicks + LatenessTicks;
        }

        Expect.Equal(missed, (int)(result % 1000), "missed rounds"u8);
        Expect.True(isInTime, "ticks of ten rounds and of those that were missed"u8);
    }

    private static long Run(int rounds, uint ticks, int slowRound, uint slowTicks)
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.RunPeriods, (nuint)(uint)rounds, ticks, unchecked((nuint)slowRound));
        Probe.Request(0).Operand3 = slowTicks;
        ThreadTable.At(slot).Priority = 0;
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, "the loop ends"u8);
        return Probe.Request(0).Result;
    }
}

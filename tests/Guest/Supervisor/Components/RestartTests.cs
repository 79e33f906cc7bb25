// Restarting a component: all its threads end, its statics are as at the first start, and nothing else in the machine notices.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class RestartTests
{
    private const int Declared = 0x600D;
    private const int LogPage = 13;
    private const int CounterPage = 12;
    private const uint Faults = 3;

    [GuestTest]
    internal static void EndingAComponentEndsItsThreadsInEveryStateAndNobodyElses()
    {
        Probe.ScratchWord(CounterPage) = 0;
        int created = Probe.Create(Probe.Component, 1, ProbeOperation.None);
        int joining = Probe.Create(Probe.Component, 2, ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Join);
        Probe.Request(2).Operand1 = (nuint)(uint)ThreadTable.HandleOf(created).Value;
        int sleeping = Probe.Create(Probe.Component, 3, ProbeOperation.SleepMeasured, 1_000_000);
        int preempted = Probe.Create(Probe.Component, 4, ProbeOperation.CountForever, Probe.ScratchAddress(CounterPage));
        int foreign = Probe.Create(Probe.Neighbour, 5, ProbeOperation.SleepMeasured, 3);
        ThreadLifecycle.Start(joining);
        ThreadLifecycle.Start(sleeping);
        KernelThreads.WaitFor(joining, ThreadState.Joining);
        KernelThreads.WaitFor(sleeping, ThreadState.Sleeping);
        ThreadLifecycle.Start(foreign);
        ThreadLifecycle.Start(preempted);
        KernelThreads.WaitForCount(CounterPage, 10);
        Expect.Equal((int)ThreadState.Ready, (int)ThreadTable.At(preempted).State, "one is preempted"u8);
        Expect.Equal(4, ComponentTable.At(Probe.Component).LiveThreadCount, "live threads of the component"u8);

        ComponentTable.EndThreads(Probe.Component);
        ReadOnlySpan<int> ended = [created, joining, sleeping, preempted];
        for (int index = 0; index < ended.Length; index++)
        {
            Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(ended[index]).State, "each of them has ended"u8);
        }

        Expect.Equal(0, ComponentTable.At(Probe.Component).LiveThreadCount, "live threads of the component, afterwards"u8);
        uint count = Probe.ScratchWord(CounterPage);
        ThreadLifecycle.Join(foreign);
        Probe.ExpectDone(foreign, 5, "a thread of the neighbour goes on"u8);
        Expect.Equal(count, Probe.ScratchWord(CounterPage), "the preempted one has counted no further"u8);
        for (int request = 1; request <= 4; request++)
        {
            Expect.Equal(0, Probe.Request(request).IsDone, "none of them finished its work"u8);
        }
    }

    [GuestTest]
    internal static void TheSupervisorRestartsAComponentAfterEachFaultWithPristineStaticsAndEndsWhenAllHaveFinished()
    {
        // The main threads of both components carry out request 0; the probe's faults in its first lives.
        nuint victimStatic = StaticAddress();
        Span<byte> log = UserMemory.View(Probe.ScratchAddress(LogPage), 64);
        log.Clear();
        SetRequest(victimStatic);
        ref Component probe = ref ComponentTable.At(Probe.Component);
        int restarts = probe.RestartCount;
        int faults = probe.FaultCount;
        int neighbourRestarts = ComponentTable.At(Probe.Neighbour).RestartCount;
        int bystander = Probe.Create(Probe.Neighbour, 1, ProbeOperation.SleepMeasured, 5);
        ThreadLifecycle.Start(bystander);

        int status = RunSupervisor();

        Expect.Equal(0, status, "the exit status when every component finished at last"u8);
        Expect.Equal((int)Faults, probe.RestartCount - restarts, "restarts of the probe"u8);
        Expect.Equal((int)Faults, probe.FaultCount - faults, "faults of the probe"u8);
        Expect.Equal((int)ComponentState.Finished, (int)probe.State, "the probe's state"u8);
        Expect.Equal((int)ComponentState.Finished, (int)ComponentTable.At(Probe.Neighbour).State, "the neighbour's state"u8);
        Expect.Equal(neighbourRestarts, ComponentTable.At(Probe.Neighbour).RestartCount, "restarts of the neighbour"u8);
        Expect.True(!ThreadTable.At(bystander).HasFaulted && Probe.Request(1).IsDone == 1, "a thread of the neighbour is not disturbed"u8);
        ref uint words = ref Probe.ScratchWord(LogPage);
        Expect.Equal(Faults + 1, words, "lives of the probe"u8);
        for (int life = 0; life <= (int)Faults; life++)
        {
            Expect.Equal(Declared, (int)System.Runtime.CompilerServices.Unsafe.Add(ref words, life + 1), "the static at the start of a life"u8);
        }
    }

    [GuestTest]
    internal static void AComponentWithoutARestartPolicyStaysDown()
    {
        int probeRestarts = ComponentTable.At(Probe.Component).RestartCount;
        nuint victimStatic = ImageTable.Component(Probe.Neighbour).StaticsStart + (StaticAddress() - ImageTable.Component(Probe.Component).StaticsStart);
        UserMemory.View(Probe.ScratchAddress(LogPage), 64).Clear();
        SetRequest(victimStatic);

        int status = RunSupervisor();

        Expect.Equal(1, status, "the exit status when a component was stopped"u8);
        Expect.Equal((int)ComponentState.Stopped, (int)ComponentTable.At(Probe.Neighbour).State, "the neighbour's state"u8);
        Expect.Equal(0, ComponentTable.At(Probe.Neighbour).LiveThreadCount, "its threads"u8);
        Expect.Equal((int)ComponentState.Finished, (int)ComponentTable.At(Probe.Component).State, "the probe's state"u8);
        Expect.Equal(probeRestarts, ComponentTable.At(Probe.Component).RestartCount, "restarts of the probe"u8);
        Expect.Equal(1, Probe.ScratchWord(LogPage), "lives of the neighbour"u8);
    }

    private static int RunSupervisor() => Kernel.Supervisor.Run();

    private static void SetRequest(nuint victimStatic)
    {
        ref ProbeRequest request = ref Probe.Request(0);
        request = default;
        request.Operation = ProbeOperation.LiveAndFault;
        request.Operand0 = victimStatic;
        request.Operand1 = Probe.ScratchAddress(LogPage);
        request.Operand2 = Faults;
    }

    private static nuint StaticAddress()
    {
        int slot = Probe.Run(ProbeOperation.StaticAddress);
        Probe.ExpectDone(slot, 0, "an address is told"u8);
        return (nuint)Probe.Request(0).Result;
    }
}

// A thread cannot tell that it was preempted, whatever it holds in its registers and at whichever instruction.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class PreemptionTests
{
    private const int LoopCount = 3;
    private const uint WantedSwitches = 3000;
    private const uint WantedRounds = 1000;

    [GuestTest]
    internal static void EveryRegisterSurvivesPreemptionAtEveryInstructionOfALoop()
    {
        UserCode.Open();
        StartLoops();
        uint begin = Scheduler.SwitchCount;
        while (Scheduler.SwitchCount - begin < WantedSwitches && !AnyFailed())
        {
            // Each wake preempts a loop, at whichever instruction it is.
            ThreadLifecycle.Sleep(1);
        }

        EndLoops();
        UserCode.Close();
    }

    [GuestTest]
    internal static void ANewThreadStartsWithACleanFloatingPointStateWhateverOthersHold()
    {
        UserCode.Open();
        StartLoops();
        for (int round = 0; round < 20; round++)
        {
            ThreadLifecycle.Sleep(2);
            ExpectCleanState();
        }

        EndLoops();
        UserCode.Close();
    }

    /// <summary>Starts threads with different patterns, of the same priority.</summary>
    internal static void StartLoops()
    {
        UserCode.Load(UserCodePiece.PatternLoop);
        for (int index = 0; index < LoopCount; index++)
        {
            UserBlock.FillPatterns(index, (uint)index + 1);
            ThreadLifecycle.Start(UserCode.Create(index, UserBlock.AddressOf(index)));
        }
    }

    /// <summary>Stops them, once each has run for long enough, and checks that none has seen a wrong value.</summary>
    internal static void EndLoops()
    {
        for (int tick = 0; tick < 2000 && !(AllHaveRun() || AnyFailed()); tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        for (int index = 0; index < LoopCount; index++)
        {
            UserBlock.Stop(index) = 1;
        }

        // A loop says that it is done before its last system call: its domain is free only when the thread has ended.
        for (int tick = 0; tick < 2000 && !(AllDone() && ComponentTable.At(Probe.Component).LiveThreadCount == 0); tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        for (int index = 0; index < LoopCount; index++)
        {
            Expect.Equal(1, Probe.Request(index).IsDone, "the loop ended by itself"u8);
            Expect.Equal(0, UserBlock.Failure(index), "number of the check that failed"u8);
            Expect.True(UserBlock.RoundCount(index) > WantedRounds, "the loop has run"u8);
        }
    }

    internal static bool AnyFailed()
    {
        bool failed = false;
        for (int index = 0; index < LoopCount; index++)
        {
            failed |= UserBlock.Failure(index) != 0 || Probe.Request(index).IsDone != 0;
        }

        return failed;
    }

    private static bool AllHaveRun()
    {
        bool all = true;
        for (int index = 0; index < LoopCount; index++)
        {
            all &= UserBlock.RoundCount(index) > WantedRounds;
        }

        return all;
    }

    private static bool AllDone()
    {
        bool all = true;
        for (int index = 0; index < LoopCount; index++)
        {
            all &= Probe.Request(index).IsDone != 0;
        }

        return all;
    }

    // A thread of another domain runs between the loops and shows what it finds. Its own code has left xmm registers alone.
    private static void ExpectCleanState()
    {
        const int Block = 3;
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, 1);
        TestDomain.AddPage(domain, 2, Domains.PartitionRights.ReadExecute);
        UserCode.LoadAt(2, UserCodePiece.DumpState);
        int slot = Probe.CreateIn(
            domain, Probe.Component, Block, ProbeOperation.Execute, Probe.ScratchAddress(2), UserBlock.AddressOf(Block));
        Probe.Finish(slot);
        Probe.ExpectDone(slot, Block, "the thread that shows its state"u8);
        Expect.Equal(0x037F, UserBlock.StateControlWord(Block), "x87 control word"u8);
        Expect.Equal(0, UserBlock.StateTags(Block), "x87 registers in use"u8);
        Expect.Equal(0x1F80, (nuint)UserBlock.StateMediaControlWord(Block), "MXCSR"u8);
        for (int offset = 0; offset < 128; offset++)
        {
            Expect.Equal(0, UserBlock.StateFloatingPointByte(Block, offset), "a byte of an x87 register"u8);
        }

        for (int register = 0; register < UserBlock.VectorCount; register++)
        {
            Expect.True(!HoldsPattern(Block, register), "an xmm register of another thread is visible"u8);
        }

        TestDomain.Destroy(domain);
    }

    private static bool HoldsPattern(int block, int register)
    {
        for (int index = 0; index < LoopCount; index++)
        {
            for (int pattern = 0; pattern < UserBlock.PatternCount; pattern++)
            {
                bool isEqual = true;
                for (int offset = 0; offset < 8; offset++)
                {
                    isEqual &= UserBlock.StateVectorByte(block, (register * 16) + offset) == (byte)(~UserBlock.Register(index, pattern) >> (offset * 8));
                }

                if (isEqual)
                {
                    return true;
                }
            }
        }

        return false;
    }
}

// What is written to the console waits for the port's interrupt, so that a long report costs nobody the time that the line takes.

using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class ConsoleBufferTests
{
    private const ushort InterruptMask = 0x21;
    private const int Page = 8;

    // A busy host gives a guest little time; well below the second for which a thread waits for room.
    private const int PatienceTicks = 500;

    [GuestTest]
    internal static void WhatIsWrittenWaitsForThePortAndLeavesWithItsInterrupt()
    {
        Hold();
        WriteLineFeeds(200);
        Expect.Equal(398, (int)KernelConsole.WaitingByteCount, "all but the first line's end, which the idle transmitter took"u8);
        Release();
        for (int tick = 0; tick < 1000 && KernelConsole.WaitingByteCount != 0; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        Expect.Equal(0, (int)KernelConsole.WaitingByteCount, "afterwards nothing waits"u8);
    }

    [GuestTest]
    internal static void AFullBufferIsSentByPollingAndNothingIsLost()
    {
        Hold();
        WriteLineFeeds(KernelConsole.BufferByteCount);
        Expect.Equal(KernelConsole.BufferByteCount, (int)KernelConsole.WaitingByteCount, "the buffer is full, and the rest is sent"u8);
        Release();
    }

    [GuestTest]
    internal static void AThreadThatFaultsWaitsForRoomForItsReportAndNobodyElseDoes()
    {
        ExpectToWait(Probe.Create(Probe.Component, 0, ProbeOperation.NullReference), "a page fault"u8);
        ExpectToWait(Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.StartThread, 1), "a bad handle"u8);
    }

    [GuestTest]
    internal static void ADebugExceptionWaitsForNothingForItsStackIsNotTheThreads()
    {
        // pushf; or dword [sp], TF; popf; nop; nop
        UserCode.Open();
        UserCode.Load([0x9C, 0x81, 0x0C, 0x24, 0, 1, 0, 0, 0x9D, 0x90, 0x90]);
        int slot = UserCode.Create(0, UserBlock.AddressOf(0));
        Hold();
        WriteLineFeeds(KernelConsole.BufferByteCount / 2);
        ThreadLifecycle.Start(slot);
        for (int tick = 0; tick < PatienceTicks && !ThreadTable.At(slot).HasFaulted; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        Expect.True(ThreadTable.At(slot).HasFaulted, "the thread has ended while there was no room"u8);
        Release();
        KernelThreads.WaitForEnd(slot);
        Probe.ExpectException(slot, ExceptionVector.Debug, 0, "the trap"u8);
        UserCode.Close();
    }

    [GuestTest]
    internal static void AThreadThatWritesWaitsForRoom()
    {
        int domain = TestDomain.Create();
        TestDomain.Add(domain, Probe.ScratchAddress(Page), 2 * PageSize.ByteCount, PartitionRights.ReadWrite);
        UserMemory.View(Probe.ScratchAddress(Page), 2 * PageSize.ByteCount).Fill((byte)'\n');
        Hold();
        int slot = Probe.CreateIn(
            domain, Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, Probe.ScratchAddress(Page), 2 * PageSize.ByteCount);
        ThreadLifecycle.Start(slot);
        for (int tick = 0; tick < PatienceTicks && KernelConsole.WaitingByteCount <= KernelConsole.BufferByteCount / 2; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        Expect.Equal(0, Probe.Request(0).IsDone, "it can't go on"u8);
        Expect.True(KernelConsole.WaitingByteCount > KernelConsole.BufferByteCount / 2, "it has filled the buffer"u8);
        Release();
        KernelThreads.WaitForEnd(slot);
        Probe.ExpectDone(slot, 0, "it goes on when there is room"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void AWriterDoesNotWaitForEverForAConsoleThatTakesNothing()
    {
        Hold();
        WriteLineFeeds(KernelConsole.BufferByteCount);
        ulong before = Clock.Ticks;
        int slot = Probe.Run(ProbeOperation.NullReference);
        Expect.True(ThreadTable.At(slot).HasFaulted, "the thread is ended all the same"u8);
        Expect.True(Clock.Ticks - before >= ImageTable.Description.TickFrequencyHertz, "after a second"u8);
        Release();
    }

    [GuestTest]
    internal static void WithoutTheBufferEverythingIsSentAtOnce()
    {
        Hold();
        WriteLineFeeds(100);
        KernelConsole.StopBuffering();
        Expect.Equal(0, (int)KernelConsole.WaitingByteCount, "what waited was sent"u8);
        WriteLineFeeds(10);
        Expect.Equal(0, (int)KernelConsole.WaitingByteCount, "nothing waits any more"u8);
        KernelConsole.StartBuffering();
        Release();
    }

    private static void ExpectToWait(int slot, System.ReadOnlySpan<byte> what)
    {
        Hold();
        WriteLineFeeds(KernelConsole.BufferByteCount / 2);
        ThreadLifecycle.Start(slot);
        ulong before = Clock.Ticks;
        ThreadLifecycle.Sleep(20);
        Expect.True(Clock.Ticks - before >= 20, "the clock and other threads go on"u8);
        Expect.True(!ThreadTable.At(slot).HasFaulted, what);
        Release();
        KernelThreads.WaitForEnd(slot);
        Expect.True(ThreadTable.At(slot).HasFaulted, what);
    }

    private static void WriteLineFeeds(int count)
    {
        for (int written = 0; written < count; written++)
        {
            KernelConsole.Write("\n"u8);
        }
    }

    // Line 4 of the first interrupt controller, held back with nothing waiting.
    private static void Hold()
    {
        KernelConsole.Flush();
        Processor.WritePort8(InterruptMask, (byte)(Processor.ReadPort8(InterruptMask) | (1 << SerialPort.FirstLine)));
    }

    private static void Release() =>
        Processor.WritePort8(InterruptMask, (byte)(Processor.ReadPort8(InterruptMask) & ~(1 << SerialPort.FirstLine)));
}

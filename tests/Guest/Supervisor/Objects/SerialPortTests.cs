// The serial port of components, looped back: what is sent arrives. The kernel drives it with interrupts and buffers; every copy to or from them is judged by
// the law at the moment of the copy.

using System;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class SerialPortTests
{
    private const nuint Forever = uint.MaxValue;
    private const ushort Port = 0x2F8;
    private const ushort ModemControl = Port + 4;
    private const ushort InterruptMask = 0x21;
    private const byte Loopback = 0x1B;
    private const byte Connected = 0x0B;
    private const int OutPage = 8;
    private const int InPage = 9;
    private const int LastPage = 10;
    private const int BufferByteCount = 512;

    [GuestTest]
    internal static void BytesArriveInOrderHoweverManyAreReadAtOnce()
    {
        LoopedBack line = LoopedBack.Open();
        byte next = 0;
        for (int count = 1; count <= 60; count += 7)
        {
            Fill(OutPage, count, next);
            Expect.Equal(count, (int)line.Write(Probe.ScratchAddress(OutPage), (nuint)(uint)count), "bytes taken"u8);
            int received = 0;
            while (received < count && !Expect.HasFailed)
            {
                int read = (int)line.Read(Probe.ScratchAddress(InPage) + (nuint)(uint)received, 5, 50);
                Expect.True(read is > 0 and <= 5, "at least one byte and no more than there is room for"u8);
                received += read;
            }

            ExpectFilled(InPage, count, next);
            next += (byte)count;
        }
        line.End();
    }

    [GuestTest]
    internal static void AReadWaitsForTheFirstByteAndTimesOutInSilence()
    {
        LoopedBack line = LoopedBack.Open();
        ExpectStatus(SystemCallStatus.TimedOut, line.Read(Probe.ScratchAddress(InPage), 16, 0), "silence, and no time"u8);
        ulong before = Clock.Ticks;
        ExpectStatus(SystemCallStatus.TimedOut, line.Read(Probe.ScratchAddress(InPage), 16, 5), "silence, and five ticks"u8);
        Expect.True(Clock.Ticks - before >= 5, "as many ticks have passed"u8);
        int reader = line.StartReader(1, Probe.ScratchAddress(InPage), 16);
        Fill(OutPage, 3, 0x41);
        line.Write(Probe.ScratchAddress(OutPage), 3);
        KernelThreads.WaitForEnd(reader);
        Expect.True(Probe.Request(1).Result is >= 1 and <= 3, "the reader is woken"u8);
        Expect.Equal(0x41, UserMemory.View(Probe.ScratchAddress(InPage), 1)[0], "by the first byte"u8);
        line.End();
    }

    [GuestTest]
    internal static void ASingleByteIsTheReadersAtOnceHoweverSlowTheLine()
    {
        // At 110 bits a second a FIFO that waits for more bytes lets four characters pass, which is 360 ticks.
        LoopedBack line = LoopedBack.Open();
        LoopedBack.SetDivisor(115_200 / 110);
        int reader = line.StartReader(1, Probe.ScratchAddress(InPage), 16);
        ulong before = Clock.Ticks;

        // Straight to the port: a transmitter that the kernel knows of interrupts when it is empty, and what has arrived is then taken along.
        Processor.WritePort8(Port, 0x21);
        KernelThreads.WaitForEnd(reader);
        Expect.True(Clock.Ticks - before < 200, "no time passes before the byte is told"u8);
        Expect.Equal(1, (int)Probe.Request(1).Result, "one byte"u8);
        LoopedBack.SetDivisor(1);
        line.End();
    }

    [GuestTest]
    internal static void AReadWhoseTimeIsOverTakesWhatTheInterruptHasNotBrought()
    {
        LoopedBack line = LoopedBack.Open();
        LoopedBack.HoldInterrupts(true);
        Fill(OutPage, 2, 0x71);
        line.Write(Probe.ScratchAddress(OutPage), 2);
        Expect.Equal(2, (int)line.Read(Probe.ScratchAddress(InPage), 16, 3), "the bytes are in the port"u8);
        ExpectFilled(InPage, 2, 0x71);
        line.Write(Probe.ScratchAddress(OutPage), 2, 0);
        LoopedBack.HoldInterrupts(false);
        line.End();
    }

    [GuestTest]
    internal static void TheInterruptOfThePortIsServedAndNoOther()
    {
        LoopedBack line = LoopedBack.Open();
        uint unexpected = InterruptHandler.UnexpectedCount;
        Fill(OutPage, 40, 1);
        line.Write(Probe.ScratchAddress(OutPage), 40);
        line.Read(Probe.ScratchAddress(InPage), 40, 20);
        Expect.Equal((int)unexpected, (int)InterruptHandler.UnexpectedCount, "interrupts that nobody served"u8);
        line.End();
    }

    [GuestTest]
    internal static void MoreThanTheBufferHoldsIsALineErrorThatIsToldOnce()
    {
        LoopedBack line = LoopedBack.Open();
        for (int sent = 0; sent < BufferByteCount + 64; sent += 64)
        {
            Fill(OutPage, 64, (byte)sent);
            line.Write(Probe.ScratchAddress(OutPage), 64);
            ThreadLifecycle.Sleep(1);
        }

        ExpectStatus(SystemCallStatus.LineError, line.Read(Probe.ScratchAddress(InPage), 16, 20), "bytes were lost"u8);
        ExpectStatus(SystemCallStatus.TimedOut, line.Read(Probe.ScratchAddress(InPage), 16, 0), "what had arrived is thrown away"u8);
        Fill(OutPage, 4, 0x61);
        line.Write(Probe.ScratchAddress(OutPage), 4);
        Expect.True(line.Read(Probe.ScratchAddress(InPage), 4, 20) > 0, "the line goes on"u8);
        line.End();
    }

    [GuestTest]
    internal static void NoBytesAreReadAndWrittenAnywhere()
    {
        LoopedBack line = LoopedBack.Open();
        ReadOnlySpan<nuint> addresses = [0, ImageTable.Description.KernelTextStart, nuint.MaxValue, Probe.ScratchAddress(LastPage)];
        for (int index = 0; index < addresses.Length; index++)
        {
            Expect.Equal(0, (int)line.Read(addresses[index], 0, 5), "no bytes read"u8);
            Expect.Equal(0, (int)line.Write(addresses[index], 0), "no bytes written"u8);
        }
        line.End();
    }

    [GuestTest]
    internal static void TheLastBytesOfThePartitionAreGoodAndOneFurtherEndsTheCaller()
    {
        LoopedBack line = LoopedBack.Open();
        nuint end = Probe.ScratchAddress(InPage) + PageSize.ByteCount;
        Expect.Equal(4, (int)line.Write(end - 4, 4), "the last bytes sent"u8);
        Expect.True(line.Read(end - 4, 4, 50) > 0, "the last bytes received to"u8);
        ExpectRefused(in line, SystemCall.WriteSerial, end - 4, 5, end, "a buffer that ends one byte beyond"u8);
        ExpectRefused(in line, SystemCall.ReadSerial, end - 4, 5, end, "a buffer that ends one byte beyond"u8);
        ExpectRefused(in line, SystemCall.WriteSerial, end, 1, end, "the byte beyond"u8);
        ExpectRefused(in line, SystemCall.ReadSerial, end - PageSize.ByteCount - PageSize.ByteCount - 1, 2, end - (2 * PageSize.ByteCount) - 1, "one byte before"u8);
        line.End();
    }

    [GuestTest]
    internal static void MemoryThatIsNotTheCallersEndsItBeforeAByteMoves()
    {
        LoopedBack line = LoopedBack.Open();
        nuint top = nuint.MaxValue;
        nuint page = Probe.ScratchAddress(OutPage);
        ExpectRefused(in line, SystemCall.WriteSerial, top - 3, 8, top - 3, "a buffer that wraps around"u8);
        ExpectRefused(in line, SystemCall.ReadSerial, top - 3, 8, top - 3, "a buffer that wraps around"u8);
        ExpectRefused(in line, SystemCall.WriteSerial, page, top, page, "the whole address space"u8);
        ExpectRefused(in line, SystemCall.ReadSerial, page, top - page + 2, page, "a buffer up to address 1"u8);
        ExpectRefused(in line, SystemCall.WriteSerial, 0, 1, 0, "address 0"u8);
        nuint kernelData = ImageTable.Description.KernelDataStart;
        ExpectRefused(in line, SystemCall.WriteSerial, kernelData, 16, kernelData, "kernel data"u8);
        ExpectRefused(in line, SystemCall.ReadSerial, kernelData, 16, kernelData, "kernel data"u8);
        nuint text = ImageTable.Component(Probe.Component).TextStart;
        ExpectRefused(in line, SystemCall.ReadSerial, text, 16, text, "text, which can't be written"u8);
        ExpectStatus(SystemCallStatus.TimedOut, line.Read(page, 16, 3), "nothing was sent"u8);
        line.End();
    }

    [GuestTest]
    internal static void ABufferLostDuringAReadEndsTheReaderAndTheBytesAreTheNextOnes()
    {
        LoopedBack line = LoopedBack.Open();
        int reader = line.StartReader(1, Probe.ScratchAddress(InPage), 16);
        TestDomain.RemovePage(line.Domain, InPage);
        Fill(OutPage, 2, 0x51);
        line.Write(Probe.ScratchAddress(OutPage), 2);
        TestObjects.ExpectBadAddress(reader, Probe.ScratchAddress(InPage), "the reader"u8);
        TestDomain.AddPage(line.Domain, InPage);
        Expect.True(line.Read(Probe.ScratchAddress(InPage), 16, 50) > 0, "the bytes are still there"u8);
        Expect.Equal(0x51, UserMemory.View(Probe.ScratchAddress(InPage), 1)[0], "from the first on"u8);
        line.End();
    }

    [GuestTest]
    internal static void ABufferLostDuringAWriteEndsTheWriterAtTheFirstByteThatWasNotTaken()
    {
        LoopedBack line = LoopedBack.Open();

        // With its interrupt held back the port takes one load of its own and then nothing more: the writer waits with its buffer half sent.
        LoopedBack.HoldInterrupts(true);
        Fill(OutPage, 4096, 0);
        int writer = TestObjects.CreateCallerIn(
            line.Domain, Probe.Component, 1, 6, SystemCall.WriteSerial, LoopedBack.Handle, Probe.ScratchAddress(OutPage), PageSize.ByteCount, Forever);
        TestObjects.StartToBlock(writer);
        TestDomain.RemovePage(line.Domain, OutPage);
        LoopedBack.HoldInterrupts(false);
        KernelThreads.WaitForEnd(writer);
        ref Thread ended = ref ThreadTable.At(writer);
        if (Expect.True(ended.HasFaulted && ended.Fault.Kind == FaultKind.BadAddress, "the writer"u8))
        {
            nuint taken = ended.Fault.ErrorCode - Probe.ScratchAddress(OutPage);
            Expect.True(taken is >= BufferByteCount and <= BufferByteCount + SerialPort.TransmitFifoByteCount, "what was taken before"u8);
        }

        TestDomain.AddPage(line.Domain, OutPage);
        line.End();
    }

    [GuestTest]
    internal static void AWriteThatRunsOutOfTimeSaysHowMuchWasTaken()
    {
        LoopedBack line = LoopedBack.Open();
        LoopedBack.HoldInterrupts(true);
        long taken = line.Write(Probe.ScratchAddress(OutPage), PageSize.ByteCount, 5);
        Expect.True(taken is >= BufferByteCount and < 4096, "as much as there was room for"u8);
        Expect.Equal(0, (int)line.Write(Probe.ScratchAddress(OutPage), 16, 0), "no room, and no time"u8);
        LoopedBack.HoldInterrupts(false);
        line.End();
    }

    [GuestTest]
    internal static void WhatTheEndedComponentHadNotReadIsNotTheNextLifes()
    {
        LoopedBack line = LoopedBack.Open();
        Fill(OutPage, 8, 0x31);
        line.Write(Probe.ScratchAddress(OutPage), 8);
        ThreadLifecycle.Sleep(5);
        bool enabled = Processor.DisableInterrupts();
        Peers.OnComponentEnded(Probe.Component, isRestarted: true);
        Processor.RestoreInterrupts(enabled);
        ExpectStatus(SystemCallStatus.TimedOut, line.Read(Probe.ScratchAddress(InPage), 16, 3), "the buffer is empty"u8);
        line.End();
    }

    private static void ExpectStatus(SystemCallStatus expected, long actual, ReadOnlySpan<byte> what) => Expect.Equal((int)expected, (int)actual, what);

    private static void ExpectRefused(in LoopedBack line, SystemCall call, nuint address, nuint byteCount, nuint denied, ReadOnlySpan<byte> what)
    {
        int slot = TestObjects.CreateCallerIn(line.Domain, Probe.Component, 2, Probe.Priority, call, LoopedBack.Handle, address, byteCount, 20);
        ThreadLifecycle.Start(slot);
        TestObjects.ExpectBadAddress(slot, denied, what);
    }

    private static void Fill(int page, int count, byte first)
    {
        Span<byte> bytes = UserMemory.View(Probe.ScratchAddress(page), (nuint)(uint)count);
        for (int index = 0; index < count; index++)
        {
            bytes[index] = (byte)(first + index);
        }
    }

    private static void ExpectFilled(int page, int count, byte first)
    {
        Span<byte> bytes = UserMemory.View(Probe.ScratchAddress(page), (nuint)(uint)count);
        for (int index = 0; index < count; index++)
        {
            Expect.Equal((byte)(first + index), bytes[index], "a byte that arrived"u8);
        }
    }

    // The port with its output connected to its input, and a domain of the probe with the pages that the tests use.
    private readonly ref struct LoopedBack
    {
        private LoopedBack(int domain) => Domain = domain;

        public int Domain { get; }

        public static nuint Handle => TestObjects.HandleOf(TestObjects.SerialPort);

        public static LoopedBack Open()
        {
            LoopedBack line = new(TestDomain.Create());
            TestDomain.AddPage(line.Domain, OutPage);
            TestDomain.AddPage(line.Domain, InPage);
            Processor.WritePort8(ModemControl, Loopback);
            return line;
        }

        public static void SetDivisor(int divisor)
        {
            const byte DivisorLatch = 0x80;
            byte control = Processor.ReadPort8(Port + 3);
            Processor.WritePort8(Port + 3, (byte)(control | DivisorLatch));
            Processor.WritePort8(Port, (byte)divisor);
            Processor.WritePort8(Port + 1, (byte)(divisor >> 8));
            Processor.WritePort8(Port + 3, control);
        }

        // Line 3 of the first interrupt controller.
        public static void HoldInterrupts(bool held)
        {
            byte mask = Processor.ReadPort8(InterruptMask);
            Processor.WritePort8(InterruptMask, (byte)(held ? mask | 8 : mask & ~8));
        }

        public long Read(nuint address, nuint byteCount, nuint ticks) => Call(SystemCall.ReadSerial, address, byteCount, ticks);

        public long Write(nuint address, nuint byteCount, nuint ticks = 100) => Call(SystemCall.WriteSerial, address, byteCount, ticks);

        public int StartReader(int request, nuint address, nuint byteCount)
        {
            int slot = TestObjects.CreateCallerIn(Domain, Probe.Component, request, 6, SystemCall.ReadSerial, Handle, address, byteCount, Forever);
            TestObjects.StartToBlock(slot);
            return slot;
        }

        public void End()
        {
            HoldInterrupts(false);
            ThreadLifecycle.Sleep(3);
            ComponentTable.EndThreads(Probe.Component);
            TestDomain.Destroy(Domain);
            Processor.WritePort8(ModemControl, Connected);
        }

        private long Call(SystemCall call, nuint address, nuint byteCount, nuint ticks)
        {
            int slot = TestObjects.CreateCallerIn(Domain, Probe.Component, 0, Probe.Priority, call, Handle, address, byteCount, ticks);
            ThreadLifecycle.Start(slot);
            KernelThreads.WaitForEnd(slot);
            return ThreadTable.At(slot).HasFaulted ? long.MinValue : Probe.Request(0).Result;
        }
    }
}

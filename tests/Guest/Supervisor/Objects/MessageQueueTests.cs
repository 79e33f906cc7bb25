// Message queues: whole messages, in order, each to one receiver; and every copy is judged by the law for the thread whose memory it is, at the
// moment of the copy.

using System;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class MessageQueueTests
{
    private const nuint Forever = uint.MaxValue;
    private const int SenderPage = 8;
    private const int ReceiverPage = 9;
    private const nuint ByteCount = TestMessage.ByteCount;

    [GuestTest]
    internal static void AMessageComesBackAsItWasSent()
    {
        for (uint number = 1; number < 20; number++)
        {
            int slot = Probe.Run(ProbeOperation.Echo, number * 77);
            Probe.ExpectDone(slot, 0, "a message sent and received"u8);
            Expect.Equal((int)(number * 77), (int)Probe.Request(0).Result, "the message"u8);
        }
    }

    [GuestTest]
    internal static void MessagesAreReceivedInTheOrderOfSendingAndAFullOrEmptyQueueSaysSo()
    {
        TwoDomains domains = TwoDomains.Create();
        for (uint round = 0; round < 4; round++)
        {
            // Two fit; the ring's beginning moves on by an odd number a round.
            ExpectStatus(SystemCallStatus.Success, domains.Send((10 * round) + 1, 0), "the first message"u8);
            ExpectStatus(SystemCallStatus.Success, domains.Send((10 * round) + 2, 0), "the second message"u8);
            ExpectStatus(SystemCallStatus.TimedOut, domains.Send((10 * round) + 3, 0), "no room, and no time"u8);
            ExpectStatus(SystemCallStatus.TimedOut, domains.Send((10 * round) + 3, 2), "no room, and two ticks"u8);
            ExpectReceived(in domains, (10 * round) + 1);
            ExpectStatus(SystemCallStatus.Success, domains.Send((10 * round) + 4, 0), "room again"u8);
            ExpectReceived(in domains, (10 * round) + 2);
            ExpectReceived(in domains, (10 * round) + 4);
            ExpectStatus(SystemCallStatus.TimedOut, domains.Receive(0), "no message, and no time"u8);
            ExpectStatus(SystemCallStatus.TimedOut, domains.Receive(2), "no message, and two ticks"u8);
        }
        domains.End();
    }

    [GuestTest]
    internal static void AWaitingReceiverGetsTheMessageAtOnce()
    {
        TwoDomains domains = TwoDomains.Create();
        int receiver = domains.StartReceiver(1, 5);
        ExpectStatus(SystemCallStatus.Success, domains.Send(7, 0), "a send to one that waits"u8);
        KernelThreads.WaitForEnd(receiver);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "the receiver's call"u8);
        Expect.Equal(7, (int)Probe.ScratchWord(ReceiverPage), "the message"u8);
        Expect.Equal(0, ObjectTable.At(TestObjects.Orders).Count, "it was never in the queue"u8);
        domains.End();
    }

    [GuestTest]
    internal static void WaitingReceiversAreServedByImportanceThenInTheOrderOfWaiting()
    {
        TwoDomains domains = TwoDomains.Create();
        Span<int> slots = stackalloc int[3];
        slots[0] = domains.StartReceiver(1, 9, offset: 0);
        slots[1] = domains.StartReceiver(2, 6, offset: 64);
        slots[2] = domains.StartReceiver(3, 6, offset: 128);
        for (uint number = 1; number <= 3; number++)
        {
            ExpectStatus(SystemCallStatus.Success, domains.Send(number, 0), "a message"u8);
        }

        for (int index = 0; index < 3; index++)
        {
            KernelThreads.WaitForEnd(slots[index]);
        }

        Expect.Equal(3, (int)Word(ReceiverPage, 0), "the least important gets the last"u8);
        Expect.Equal(1, (int)Word(ReceiverPage, 64), "the more important one that waited longer the first"u8);
        Expect.Equal(2, (int)Word(ReceiverPage, 128), "the other the second"u8);
        domains.End();
    }

    [GuestTest]
    internal static void AWaitingSendersMessageIsTakenInAsSoonAsThereIsRoom()
    {
        TwoDomains domains = TwoDomains.Create();
        domains.Send(1, 0);
        domains.Send(2, 0);
        int sender = domains.StartSender(1, 6, 3);
        ExpectReceived(in domains, 1);
        KernelThreads.WaitForEnd(sender);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "the sender's call"u8);
        ExpectReceived(in domains, 2);
        ExpectReceived(in domains, 3);
        domains.End();
    }

    [GuestTest]
    internal static void ABufferThatTheReceiverLostWhileItWaitedEndsItAndTheMessageIsTheNextOnes()
    {
        TwoDomains domains = TwoDomains.Create();
        int robbed = domains.StartReceiver(1, 5);
        TestDomain.RemovePage(domains.Receiving, ReceiverPage);
        ExpectStatus(SystemCallStatus.Success, domains.Send(5, 0), "the sender isn't to blame"u8);
        TestObjects.ExpectBadAddress(robbed, Probe.ScratchAddress(ReceiverPage), "the receiver"u8);
        TestDomain.AddPage(domains.Receiving, ReceiverPage);
        ExpectReceived(in domains, 5);
        domains.End();
    }

    [GuestTest]
    internal static void ABufferThatTheReceiverGotReadOnlyWhileItWaitedEndsIt()
    {
        TwoDomains domains = TwoDomains.Create();
        int robbed = domains.StartReceiver(1, 5);
        Probe.ScratchWord(ReceiverPage) = 0xA5A5;
        TestDomain.RemovePage(domains.Receiving, ReceiverPage);
        TestDomain.AddPage(domains.Receiving, ReceiverPage, PartitionRights.ReadOnly);
        ExpectStatus(SystemCallStatus.Success, domains.Send(5, 0), "the sender isn't to blame"u8);
        TestObjects.ExpectBadAddress(robbed, Probe.ScratchAddress(ReceiverPage), "the receiver"u8);
        Expect.Equal(0xA5A5, (int)Probe.ScratchWord(ReceiverPage), "nothing was written there"u8);
        domains.End();
    }

    [GuestTest]
    internal static void AReceiverMovedWhileItWaitedIsJudgedByItsNewDomain()
    {
        TwoDomains domains = TwoDomains.Create();
        int moved = domains.StartReceiver(1, 5);
        Protection.MoveThread(moved, domains.Sending);
        ExpectStatus(SystemCallStatus.Success, domains.Send(5, 0), "the sender isn't to blame"u8);
        TestObjects.ExpectBadAddress(moved, Probe.ScratchAddress(ReceiverPage), "the new domain doesn't hold the buffer"u8);
        ExpectReceived(in domains, 5);

        int returned = domains.StartReceiver(1, 5);
        Protection.MoveThread(returned, domains.Sending);
        Protection.MoveThread(returned, domains.Receiving);
        ExpectStatus(SystemCallStatus.Success, domains.Send(6, 0), "a message"u8);
        KernelThreads.WaitForEnd(returned);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "moved away and back is where it was"u8);
        domains.End();
    }

    [GuestTest]
    internal static void AMessageThatTheSenderLostWhileItWaitedEndsItAndIsNotSent()
    {
        TwoDomains domains = TwoDomains.Create();
        domains.Send(1, 0);
        domains.Send(2, 0);
        int robbed = domains.StartSender(1, 6, 3);
        TestDomain.RemovePage(domains.Sending, SenderPage);
        ExpectReceived(in domains, 1);
        TestObjects.ExpectBadAddress(robbed, Probe.ScratchAddress(SenderPage), "the sender"u8);
        ExpectReceived(in domains, 2);
        ExpectStatus(SystemCallStatus.TimedOut, domains.Receive(0), "nothing more was sent"u8);
        TestDomain.AddPage(domains.Sending, SenderPage);
        domains.End();
    }

    [GuestTest]
    internal static void AMessageIsReadAtTheMomentOfTheCopy()
    {
        TwoDomains domains = TwoDomains.Create();
        domains.Send(1, 0);
        domains.Send(2, 0);
        int sender = domains.StartSender(1, 6, 3);
        Probe.ScratchWord(SenderPage) = 33;
        ExpectReceived(in domains, 1);
        KernelThreads.WaitForEnd(sender);
        ExpectReceived(in domains, 2);
        ExpectReceived(in domains, 33);
        domains.End();
    }

    [GuestTest]
    internal static void TheLastBytesOfAPartitionCanBeAMessageAndOneByteFurtherCannot()
    {
        TwoDomains domains = TwoDomains.Create();
        nuint end = Probe.ScratchAddress(SenderPage) + PageSize.ByteCount;
        ExpectStatus(SystemCallStatus.Success, domains.SendFrom(end - ByteCount, 0), "the last bytes sent"u8);
        ExpectSendRefused(in domains, end - ByteCount + 1, end, "one byte beyond"u8);
        ExpectSendRefused(in domains, end - 1, end, "one byte within"u8);
        ExpectSendRefused(in domains, end, end, "all beyond"u8);
        nuint receiveEnd = Probe.ScratchAddress(ReceiverPage) + PageSize.ByteCount;
        ExpectReceiveRefused(in domains, receiveEnd - ByteCount + 1, receiveEnd, "one byte beyond"u8);
        ExpectStatus(SystemCallStatus.Success, domains.ReceiveAt(receiveEnd - ByteCount, 0), "the message is still there, and fits"u8);
        domains.End();
    }

    [GuestTest]
    internal static void MemoryThatIsNotTheCallersEndsIt()
    {
        TwoDomains domains = TwoDomains.Create();
        nuint top = nuint.MaxValue;
        nuint foreign = Probe.ScratchAddress(ReceiverPage);
        nuint guard = AddressLayout.KernelStackStart(0) - PageSize.ByteCount;
        nuint table = ImageTable.Description.PageTablesStart;
        nuint text = ImageTable.Component(Probe.Neighbour).TextStart;
        ExpectSendRefused(in domains, top - 3, top - 3, "a message that wraps around"u8);
        ExpectSendRefused(in domains, 0, 0, "address 0"u8);
        ExpectSendRefused(in domains, foreign, foreign, "the receiver's memory"u8);
        ExpectSendRefused(in domains, guard, guard, "a guard"u8);
        ExpectSendRefused(in domains, table, table, "a page table"u8);
        ExpectSendRefused(in domains, ImageTable.Description.KernelDataStart, ImageTable.Description.KernelDataStart, "kernel data"u8);
        ExpectSendRefused(in domains, foreign + AddressLayout.ViewOffset, foreign + AddressLayout.ViewOffset, "the kernel's view"u8);
        ExpectReceiveRefused(in domains, top - 3, top - 3, "a buffer that wraps around"u8);
        ExpectReceiveRefused(in domains, text, text, "text, which can't be written"u8);
        ExpectReceiveRefused(in domains, Probe.ScratchAddress(SenderPage), Probe.ScratchAddress(SenderPage), "the sender's memory"u8);
        Expect.Equal(0, ObjectTable.At(TestObjects.Orders).Count, "nothing was sent"u8);
        domains.End();
    }

    [GuestTest]
    internal static void ABadAddressEndsTheCallerAlsoWhereItWouldHaveToWait()
    {
        TwoDomains domains = TwoDomains.Create();
        ExpectReceiveRefused(in domains, 0, 0, "an empty queue"u8);
        domains.Send(1, 0);
        domains.Send(2, 0);
        ExpectSendRefused(in domains, 0, 0, "a full queue"u8);
        domains.End();
    }

    [GuestTest]
    internal static void ATimedOutOrEndedWaiterIsServedNoMore()
    {
        TwoDomains domains = TwoDomains.Create();
        int ended = domains.StartReceiver(1, 5);
        ThreadLifecycle.EndOther(ended);
        ExpectStatus(SystemCallStatus.TimedOut, domains.Receive(3), "nobody sends"u8);
        Probe.ScratchWord(ReceiverPage) = 0xA5A5;
        ExpectStatus(SystemCallStatus.Success, domains.Send(9, 0), "a message afterwards"u8);
        Expect.Equal(0xA5A5, (int)Probe.ScratchWord(ReceiverPage), "reaches nobody's buffer"u8);
        ExpectReceived(in domains, 9);
        domains.End();
    }

    private static void ExpectStatus(SystemCallStatus expected, long actual, ReadOnlySpan<byte> what) => Expect.Equal((int)expected, (int)actual, what);

    private static void ExpectReceived(in TwoDomains domains, uint number)
    {
        Probe.ScratchWord(ReceiverPage) = 0;
        ExpectStatus(SystemCallStatus.Success, domains.Receive(0), "a message is there"u8);
        Expect.Equal((int)number, (int)Probe.ScratchWord(ReceiverPage), "the message"u8);
    }

    private static void ExpectSendRefused(in TwoDomains domains, nuint address, nuint denied, ReadOnlySpan<byte> what) =>
        ExpectRefused(domains.Sending, Probe.Component, SystemCall.SendMessage, address, denied, what);

    private static void ExpectReceiveRefused(in TwoDomains domains, nuint address, nuint denied, ReadOnlySpan<byte> what) =>
        ExpectRefused(domains.Receiving, Probe.Neighbour, SystemCall.ReceiveMessage, address, denied, what);

    private static void ExpectRefused(int domain, int component, SystemCall call, nuint address, nuint denied, ReadOnlySpan<byte> what)
    {
        int slot = TestObjects.CreateCallerIn(domain, component, 4, Probe.Priority, call, TestObjects.HandleOf(TestObjects.Orders), address, Forever);
        ThreadLifecycle.Start(slot);
        TestObjects.ExpectBadAddress(slot, denied, what);
    }

    private static uint Word(int page, int offset) =>
        System.Runtime.InteropServices.MemoryMarshal.Read<uint>(UserMemory.View(Probe.ScratchAddress(page) + (nuint)(uint)offset, 4));

    // A domain each for threads of the probe, which send from a page of their own, and of the neighbour, which receive to one of theirs.
    private readonly ref struct TwoDomains
    {
        private TwoDomains(int sending, int receiving)
        {
            Sending = sending;
            Receiving = receiving;
        }

        public int Sending { get; }

        public int Receiving { get; }

        public static TwoDomains Create()
        {
            TwoDomains domains = new(TestDomain.Create(Probe.Component), TestDomain.Create(Probe.Neighbour));
            TestDomain.AddPage(domains.Sending, SenderPage);
            TestDomain.AddPage(domains.Receiving, ReceiverPage);
            return domains;
        }

        public long Send(uint number, nuint ticks)
        {
            Probe.ScratchWord(SenderPage) = number;
            return SendFrom(Probe.ScratchAddress(SenderPage), ticks);
        }

        public long SendFrom(nuint address, nuint ticks) => Call(Sending, Probe.Component, SystemCall.SendMessage, address, ticks);

        public long Receive(nuint ticks) => ReceiveAt(Probe.ScratchAddress(ReceiverPage), ticks);

        public long ReceiveAt(nuint address, nuint ticks) => Call(Receiving, Probe.Neighbour, SystemCall.ReceiveMessage, address, ticks);

        public int StartReceiver(int request, int priority, nuint offset = 0)
        {
            int slot = TestObjects.CreateCallerIn(
                Receiving, Probe.Neighbour, request, priority, SystemCall.ReceiveMessage, TestObjects.HandleOf(TestObjects.Orders),
                Probe.ScratchAddress(ReceiverPage) + offset, Forever);
            TestObjects.StartToBlock(slot);
            return slot;
        }

        public int StartSender(int request, int priority, uint number)
        {
            Probe.ScratchWord(SenderPage) = number;
            int slot = TestObjects.CreateCallerIn(
                Sending, Probe.Component, request, priority, SystemCall.SendMessage, TestObjects.HandleOf(TestObjects.Orders),
                Probe.ScratchAddress(SenderPage), Forever);
            TestObjects.StartToBlock(slot);
            return slot;
        }

        public void End()
        {
            ComponentTable.EndThreads(Probe.Component);
            ComponentTable.EndThreads(Probe.Neighbour);
            TestDomain.Destroy(Sending);
            TestDomain.Destroy(Receiving);
        }

        private static long Call(int domain, int component, SystemCall call, nuint address, nuint ticks)
        {
            int slot = TestObjects.CreateCallerIn(domain, component, 0, Probe.Priority, call, TestObjects.HandleOf(TestObjects.Orders), address, ticks);
            ThreadLifecycle.Start(slot);
            KernelThreads.WaitForEnd(slot);
            return ThreadTable.At(slot).HasFaulted ? long.MinValue : Probe.Request(0).Result;
        }
    }
}

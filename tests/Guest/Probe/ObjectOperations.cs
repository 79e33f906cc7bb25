// The kernel objects that the tests are about. The probe and the neighbour have different rights on most of them.

using System.Threading;
using Ringfence.Abi;
using Ringfence.App;
using Ringfence.Guest.Contracts;

namespace Ringfence.Guest.Probe;

internal static unsafe partial class Program
{
    [Semaphore(InitialCount = 2, Limit = 3)]
    private static partial Semaphore Units { get; }

    [Semaphore(InitialCount = 1, IsLock = true)]
    private static partial Semaphore Lock { get; }

#if NEIGHBOUR
    [Semaphore]
    private static partial SemaphoreTaker Signal { get; }

    [MessageQueue]
    private static partial MessageReceiver<TestMessage> Orders { get; }

    [Semaphore(InitialCount = 1)]
    private static partial Semaphore NeighboursOwn { get; }
#else
    [Semaphore]
    private static partial SemaphoreGiver Signal { get; }

    [MessageQueue(Capacity = 2)]
    private static partial MessageSender<TestMessage> Orders { get; }

    [Semaphore(InitialCount = 1)]
    private static partial Semaphore ProbesOwn { get; }

    [SerialPort(2)]
    private static partial SerialPort Line { get; }
#endif

    [MessageQueue("Echoes")]
    private static partial MessageSender<TestMessage> EchoesIn { get; }

    [MessageQueue("Echoes", Capacity = 3)]
    private static partial MessageReceiver<TestMessage> EchoesOut { get; }

    private static long Echo(uint number)
    {
        TestMessage sent = new() { Number = number, Complement = ~number };
        if (EchoesIn.Send(in sent) != SystemCallStatus.Success || EchoesOut.Receive(out TestMessage received) != SystemCallStatus.Success)
        {
            return -1;
        }

        return received.Complement == ~received.Number ? received.Number : -2;
    }

    private static long LockAndFault()
    {
        long result = (long)Lock.Take();
        Volatile.Write(ref *(byte*)0, 1);
        return result;
    }

    private static long TakeThenWrite(byte* address, byte value)
    {
        long result = (long)Units.Take();
        Volatile.Write(ref *address, value);
        return result;
    }

    private static long CountTakeGiveAndYield(uint* counter, uint limit)
    {
        for (uint count = 1; count <= limit; count++)
        {
            if (Volatile.Read(ref *counter) != count - 1)
            {
                return -1;
            }

            Volatile.Write(ref *counter, count);
            if (Units.Take() != SystemCallStatus.Success || Units.Give() != SystemCallStatus.Success)
            {
                return -2;
            }

            UserThread.Yield();
        }

        return limit;
    }

    private static long RunPeriods(int rounds, uint ticks, int slowRound, uint slowTicks)
    {
        ulong start = Machine.Ticks;
        uint missed = 0;
        Period period = Period.Start(ticks);
        for (int round = 0; round < rounds; round++)
        {
            if (round == slowRound)
            {
                UserThread.Sleep(slowTicks);
            }

            missed += period.WaitForNext();
        }

        return missed + (1000 * (long)(Machine.Ticks - start));
    }
}

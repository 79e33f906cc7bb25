// The user-mode half of the measurements: loops around system calls, with the time-stamp counter read before and after.

using System.Threading;
using Ringfence.Abi;
using Ringfence.App;
using Ringfence.Bench.Contracts;

namespace Ringfence.Bench.Worker;

internal static partial class Program
{
    [WritablePartition]
    private static partial ref WorkOrders Orders { get; }

    [WritablePartition]
    private static partial ref PartitionPages Pages { get; }

    [Semaphore]
    private static partial Semaphore Ping { get; }

    [Semaphore]
    private static partial Semaphore Pong { get; }

    internal static void Main()
    {
        ref WorkOrder order = ref Orders[(int)UserThread.Argument];
        int rounds = order.RepeatCount;
        Semaphore ping = Ping;
        Semaphore pong = Pong;
        Mark(in order, CountingMark.Begin);
        ulong start = Machine.ReadTimeStamp();
        if (order.Kind == WorkKind.Yield)
        {
            for (int round = 0; round < rounds; round++)
            {
                UserThread.Yield();
            }
        }
        else if (order.Kind == WorkKind.NullCall)
        {
            for (int round = 0; round < rounds; round++)
            {
                Kernel.Visit();
            }
        }
        else if (order.Kind == WorkKind.Serve)
        {
            for (int round = 0; round < rounds; round++)
            {
                ping.Give();
                pong.Take();
            }
        }
        else if (order.Kind == WorkKind.Return)
        {
            for (int round = 0; round < rounds; round++)
            {
                ping.Take();
                pong.Give();
            }
        }
        else if (order.Kind == WorkKind.Count)
        {
            for (int round = 0; round < rounds; round++)
            {
                _ = ping.Count;
            }
        }

        else if (order.Kind == WorkKind.Arguments)
        {
            MakeCalls(rounds, order.ArgumentCount);
        }
        else if (order.Kind == WorkKind.Watch)
        {
            while (!Volatile.Read(ref order.IsOver))
            {
                order.EndStamp = Machine.ReadTimeStamp();
            }

            return;
        }
        else if (order.Kind == WorkKind.Wake)
        {
            CountWakes(ref order, in Orders[(int)UserThread.Argument - 1]);
            return;
        }

        ulong end = Machine.ReadTimeStamp();
        Mark(in order, CountingMark.End);
        order.StartStamp = start;
        order.EndStamp = end;
    }

    private static void MakeCalls(int rounds, int argumentCount)
    {
        for (int round = 0; round < rounds; round++)
        {
            // No table of jumps: read-only data would be another partition of every domain that is measured.
            if (argumentCount == 0)
            {
                Kernel.Call(SystemCall.Nothing);
            }
            else if (argumentCount == 1)
            {
                Kernel.Call(SystemCall.Nothing, 0);
            }
            else if (argumentCount == 2)
            {
                Kernel.Call(SystemCall.Nothing, 0, 0);
            }
            else if (argumentCount == 3)
            {
                Kernel.Call(SystemCall.Nothing, 0, 0, 0);
            }
            else if (argumentCount == 4)
            {
                Kernel.Call(SystemCall.Nothing, 0, 0, 0, 0);
            }
            else
            {
                Kernel.Call(SystemCall.Nothing, 0, 0, 0, 0, 0);
            }
        }
    }

    // Whoever watches the time is interrupted by the tick that ends the sleep.
    private static void CountWakes(ref WorkOrder order, ref readonly WorkOrder watched)
    {
        ulong instructions = 0;
        for (int round = 0; round < order.RepeatCount; round++)
        {
            UserThread.Sleep(1);
            instructions += Machine.ReadTimeStamp() - watched.EndStamp;
        }

        order.StartStamp = 0;
        order.EndStamp = instructions;
    }

    // Outside the stretch between the two stamps.
    private static void Mark(ref readonly WorkOrder order, CountingMark mark)
    {
        if (order.IsMeasured)
        {
            Kernel.Call(SystemCall.Nothing, (nint)mark);
        }
    }
}

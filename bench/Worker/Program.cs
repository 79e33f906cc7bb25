// The user-mode half of the measurements: loops around system calls, with the time-stamp counter read before and after.

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

    internal static void Main()
    {
        ref WorkOrder order = ref Orders[(int)UserThread.Argument];
        int rounds = order.RepeatCount;
        Mark(in order, CountingMark.Begin);
        ulong start = Machine.ReadTimeStamp();
        if (order.Kind == WorkKind.Yield)
        {
            for (int round = 0; round < rounds; round++)
            {
                Kernel.Call(SystemCall.Yield);
            }
        }
        else if (order.Kind == WorkKind.NullCall)
        {
            for (int round = 0; round < rounds; round++)
            {
                Kernel.Call(SystemCall.Nothing);
            }
        }

        ulong end = Machine.ReadTimeStamp();
        Mark(in order, CountingMark.End);
        order.StartStamp = start;
        order.EndStamp = end;
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

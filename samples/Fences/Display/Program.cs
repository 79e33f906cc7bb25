// The reader: may look at the shared partition, and not write it.

using System.Threading;
using Fences.Contracts;
using Ringfence.App;

namespace Fences.Display;

internal static partial class Program
{
    private static uint s_shown;

    [ReadOnlyPartition]
    private static partial ref readonly Reading Reading { get; }

    internal static int Main()
    {
        bool isFinal = false;
        while (!isFinal)
        {
            ref readonly Reading shared = ref Reading;
            uint before = Volatile.Read(in shared.Sequence);
            Reading reading = shared;
            if (before % 2 == 0 && before == Volatile.Read(in shared.Sequence) && reading.MeasurementCount > s_shown)
            {
                s_shown = reading.MeasurementCount;
                isFinal = reading.IsFinal;
                Terminal.WriteLine($"Display: measurement {reading.MeasurementCount} is {reading.Millivolts} mV");
            }
            else
            {
                UserThread.Sleep(1);
            }
        }

        return 0;
    }
}

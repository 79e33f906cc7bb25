// The component with the planted bug: it follows a pointer that came out of shared memory. The fence is what stops it.

using Fences.Contracts;
using Ringfence.App;

namespace Fences.Gateway;

internal static partial class Program
{
    private const int MessageCount = 3;

    // Ordinary statics. After a restart they are as they were before the first instruction.
    private static int s_received;

    [ReadOnlyPartition]
    private static partial ref readonly Reading Reading { get; }

    internal static int Main()
    {
        Terminal.WriteLine($"Gateway: starts; restarts so far: {Machine.RestartCount}, messages received so far: {s_received}");
        bool isPristine = s_received == 0;
        for (int message = 0; message < MessageCount; message++)
        {
            UserThread.Sleep(8);
            s_received++;
            if (message == 1 && Machine.RestartCount == 0)
            {
                Calibrate(1300);
            }
        }

        Terminal.WriteLine($"Gateway: {s_received} messages received, and this time none asked for a calibration");
        return isPristine && s_received == MessageCount ? 0 : 1;
    }

    // The planted bug: the address is the meter's, and so is the memory there.
    private static unsafe void Calibrate(int millivolts)
    {
        Terminal.WriteLine($"Gateway: writes {millivolts} through a pointer to the meter's calibration");
        *(int*)Reading.CalibrationAddress = millivolts;
        Terminal.WriteLine("Gateway: the write went through, and there is no fence"u8);
    }
}

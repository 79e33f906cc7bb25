// The writer: measures, keeps its own books in ordinary static fields, and publishes each measurement in the shared partition.

using System.Threading;
using Fences.Contracts;
using Ringfence.App;

namespace Fences.Meter;

internal static partial class Program
{
    private const int MeasurementCount = 8;
    private const int FactoryCalibration = 1200;

    // Ordinary statics. They lie in the meter's private partition: the gateway's wild pointer is aimed at the first of them.
    private static int s_calibration = FactoryCalibration;
    private static int s_sum;

    [WritablePartition]
    private static partial ref Reading Reading { get; }

    internal static unsafe int Main()
    {
        fixed (int* calibration = &s_calibration)
        {
            Reading.CalibrationAddress = (nuint)calibration;
        }

        int expectedSum = 0;
        for (int count = 1; count <= MeasurementCount; count++)
        {
            s_calibration++;
            s_sum += Measure(count);
            expectedSum += FactoryCalibration + count + (7 * count);
            Publish(count);
            UserThread.Sleep(5);
        }

        bool isUntouched = s_calibration == FactoryCalibration + MeasurementCount && s_sum == expectedSum;
        Terminal.WriteLine($"Meter:   {MeasurementCount} measurements, sum {s_sum} mV, calibration {s_calibration}; statics untouched: {isUntouched}");
        return isUntouched ? 0 : 1;
    }

    private static int Measure(int count) => s_calibration + (7 * count);

    private static void Publish(int count)
    {
        ref Reading reading = ref Reading;
        Volatile.Write(ref reading.Sequence, reading.Sequence + 1);
        reading.Millivolts = Measure(count);
        reading.MeasurementCount = (uint)count;
        reading.IsFinal = count == MeasurementCount;
        Volatile.Write(ref reading.Sequence, reading.Sequence + 1);
    }
}

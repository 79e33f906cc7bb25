// The control loop: every 10 ms, before everything else on the machine. It waits for nobody: what it needs from clients and what it tells them
// lies in shared memory with one writer each.

using System.Threading;
using ModbusServer.Contracts;
using Ringfence.App;

namespace ModbusServer.Control;

internal static partial class Program
{
    private const uint RoundsPerSecond = 100;

    private static Oven s_oven;

    [ReadOnlyPartition]
    private static partial ref readonly SetPoints SetPoints { get; }

    [WritablePartition]
    private static partial ref ProcessValues ProcessValues { get; }

    internal static int Main()
    {
        s_oven = new Oven();
        SetPoints setPoints = default;
        uint missedRoundCount = 0;
        Period period = Period.Start(Machine.TickFrequencyHertz / RoundsPerSecond);
        for (uint roundCount = 1; ; roundCount++)
        {
            ReadSetPoints(ref setPoints);
            ushort power = s_oven.Step(setPoints.Temperature, setPoints.Gain);
            Publish(power, roundCount, missedRoundCount);
            missedRoundCount += period.WaitForNext();
        }
    }

    // The writer is less important than this thread: waiting for it to finish would be waiting for ever. The set points of the round before will do.
    private static void ReadSetPoints(ref SetPoints known)
    {
        ref readonly SetPoints shared = ref SetPoints;
        uint before = Volatile.Read(in shared.Sequence);
        SetPoints read = shared;
        if (before % 2 == 0 && before == Volatile.Read(in shared.Sequence))
        {
            known = read;
        }
    }

    private static void Publish(ushort power, uint roundCount, uint missedRoundCount)
    {
        ref ProcessValues shared = ref ProcessValues;
        Volatile.Write(ref shared.Sequence, shared.Sequence + 1);
        shared.Temperature = s_oven.Temperature;
        shared.Power = power;
        shared.RoundCount = roundCount;
        shared.MissedRoundCount = missedRoundCount;
        Volatile.Write(ref shared.Sequence, shared.Sequence + 1);
    }
}

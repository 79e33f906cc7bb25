// A frame ends with silence. Time is told in ticks here.

namespace ModbusServer.Protocol;

/// <summary>The silence between two frames.</summary>
public static class FrameGap
{
    private const ulong MicrosecondsPerSecond = 1_000_000;

    /// <summary>How many ticks to wait for at least so long a silence. The first tick of a wait may come at once, so there is one more than fits in.</summary>
    public static uint InTicks(uint microseconds, uint tickFrequencyHertz) =>
        (uint)((((ulong)microseconds * tickFrequencyHertz) + MicrosecondsPerSecond - 1) / MicrosecondsPerSecond) + 1;
}

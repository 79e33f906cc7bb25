// A loop that runs every so many ticks, however long each round takes.

using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>
/// The beat of a periodic loop: <c>Period period = Period.Start(10); while (true) { Work(); period.WaitForNext(); }</c>. Rounds begin at fixed ticks, so that
/// the time that a round takes doesn't add up, and one that was missed is reported instead of being made up for.
/// </summary>
public struct Period
{
    private readonly uint _ticks;
    private ulong _nextTick;

    private Period(uint ticks, ulong nextTick)
    {
        _ticks = ticks;
        _nextTick = nextTick;
    }

    /// <summary>Starts with a round that begins now.</summary>
    /// <param name="ticks">Ticks from the beginning of a round to that of the next, 1 or more; 0 counts as 1.</param>
    public static Period Start(uint ticks)
    {
        uint length = ticks == 0 ? 1 : ticks;
        return new Period(length, Machine.Ticks + length);
    }

    /// <summary>Waits for the beginning of the next round.</summary>
    /// <returns>How many rounds were missed: their beginning and end passed before this call. 0 in a loop that keeps up.</returns>
    public uint WaitForNext()
    {
        ulong late = (ulong)SystemCalls.SleepUntil((nint)(uint)_nextTick, (nint)(uint)(_nextTick >> 32));
        ulong missed = late / _ticks;
        _nextTick += (missed + 1) * _ticks;
        return (uint)missed;
    }
}

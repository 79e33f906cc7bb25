using ModbusServer.Protocol;
using Xunit;

namespace Ringfence.Modbus.Tests.Protocol;

public sealed class FrameGapTests
{
    [Theory]
    [InlineData(1750, 1000, 3)]
    [InlineData(1000, 1000, 2)]
    [InlineData(1001, 1000, 3)]
    [InlineData(1750, 100, 2)]
    [InlineData(1750, 10_000, 19)]
    [InlineData(1_000_000, 10_000, 10_001)]
    [InlineData(100, 20, 2)]
    public void A_wait_of_so_many_ticks_is_never_shorter_than_the_gap_and_one_tick_less_could_be(int microseconds, int tickFrequencyHertz, int expected)
    {
        uint ticks = FrameGap.InTicks((uint)microseconds, (uint)tickFrequencyHertz);
        Assert.Equal((uint)expected, ticks);

        // The first tick of a wait may come at once.
        Assert.True((ticks - 1) * 1_000_000.0 / tickFrequencyHertz >= microseconds);
        Assert.True((ticks - 2) * 1_000_000.0 / tickFrequencyHertz < microseconds);
    }
}

// Stands for what a real controller would measure and drive.

namespace ModbusServer.Control;

/// <summary>A heated box that loses heat to a room of 20.0 degrees, with a proportional controller.</summary>
internal struct Oven
{
    private const int RoomTemperature = 200;
    private const int FullPower = 1000;
    private const int Scale = 1 << 12;

    // In tenths of a degree times Scale.
    private int _temperature;

    public Oven() => _temperature = RoomTemperature * Scale;

    /// <summary>In tenths of a degree.</summary>
    public readonly ushort Temperature => (ushort)(_temperature / Scale);

    /// <summary>One round of 10 ms.</summary>
    /// <returns>The heating power, in per mille.</returns>
    public ushort Step(ushort wanted, ushort gain)
    {
        long missing = wanted - Temperature;
        long demand = missing * gain;
        int power = demand < 0 ? 0 : demand > FullPower ? FullPower : (int)demand;

        // At full power it gets 200 degrees warmer than the room, with a time constant of about ten seconds.
        int balance = (RoomTemperature + (2 * power)) * Scale;
        _temperature += (balance - _temperature) / 1024;
        return (ushort)power;
    }
}

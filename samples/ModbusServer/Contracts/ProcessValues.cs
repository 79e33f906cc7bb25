namespace ModbusServer.Contracts;

/// <summary>What the control loop measures and how it does. Written by the control component alone, read by the registers component.</summary>
public struct ProcessValues
{
    /// <summary>Odd while the writer writes; counts writes: two a round.</summary>
    public uint Sequence;

    /// <summary>The temperature, in tenths of a degree.</summary>
    public ushort Temperature;

    /// <summary>Heating power, in per mille.</summary>
    public ushort Power;

    /// <summary>Rounds of the loop.</summary>
    public uint RoundCount;

    /// <summary>Rounds that should have been and were not.</summary>
    public uint MissedRoundCount;
}

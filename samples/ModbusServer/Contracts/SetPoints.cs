namespace ModbusServer.Contracts;

/// <summary>What clients ask the control loop for. Written by the registers component alone, read by the control component.</summary>
public struct SetPoints
{
    /// <summary>Holding registers that are set points, from the first on.</summary>
    public const int Count = 2;

    /// <summary>Odd while the writer writes; counts writes: two a change.</summary>
    public uint Sequence;

    /// <summary>Holding register 0: the temperature wanted, in tenths of a degree.</summary>
    public ushort Temperature;

    /// <summary>Holding register 1: heating power in per mille for each tenth of a degree that is missing.</summary>
    public ushort Gain;
}

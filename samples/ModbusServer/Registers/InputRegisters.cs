using System.Runtime.CompilerServices;

namespace ModbusServer.Registers;

/// <summary>What clients read. Numbers of 32 bits take two registers, the more significant one first.</summary>
[InlineArray(Count)]
internal struct InputRegisters
{
    public const int Count = 8;

    /// <summary>The temperature, in tenths of a degree.</summary>
    public const int Temperature = 0;

    /// <summary>Heating power, in per mille.</summary>
    public const int Power = 1;

    /// <summary>Rounds of the control loop; two registers.</summary>
    public const int RoundCount = 2;

    /// <summary>Rounds that the control loop missed; two registers.</summary>
    public const int MissedRoundCount = 4;

    /// <summary>Restarts of the frame component; two registers.</summary>
    public const int FrameRestartCount = 6;

    private ushort _first;

    /// <summary>Sets a number of 32 bits.</summary>
    public void SetDouble(int index, uint value)
    {
        this[index] = (ushort)(value >> 16);
        this[index + 1] = (ushort)value;
    }
}

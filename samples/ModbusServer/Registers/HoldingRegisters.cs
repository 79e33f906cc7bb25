using System.Runtime.CompilerServices;

namespace ModbusServer.Registers;

/// <summary>What clients read and write. The first two are the set points of the control loop; the others are the clients' own.</summary>
[InlineArray(Count)]
internal struct HoldingRegisters
{
    public const int Count = 64;

    /// <summary>The temperature wanted, in tenths of a degree.</summary>
    public const int Temperature = 0;

    /// <summary>Heating power in per mille for each tenth of a degree that is missing.</summary>
    public const int Gain = 1;

    private ushort _first;
}

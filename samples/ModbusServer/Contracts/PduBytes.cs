using System.Runtime.CompilerServices;

namespace ModbusServer.Contracts;

/// <summary>Room for a request or an answer as it is between unit number and check.</summary>
[InlineArray(ByteCount)]
public struct PduBytes
{
    /// <summary>Bytes of the longest one.</summary>
    public const int ByteCount = 253;

    private byte _first;
}

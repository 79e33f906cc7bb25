namespace ModbusServer.Contracts;

/// <summary>What the registers component answers.</summary>
public struct Reply
{
    /// <summary>The request's.</summary>
    public ulong Sequence;

    /// <summary>Bytes of the answer.</summary>
    public ushort ByteCount;

    /// <summary>The answer.</summary>
    public PduBytes Pdu;
}

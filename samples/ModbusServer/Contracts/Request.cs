namespace ModbusServer.Contracts;

/// <summary>What the frame component asks of the registers component.</summary>
public struct Request
{
    /// <summary>Repeated in the reply, so that one which comes late isn't taken for another's. No two requests have the same one, also across restarts.</summary>
    public ulong Sequence;

    /// <summary>How often the frame component was restarted.</summary>
    public uint RestartCount;

    /// <summary>Bytes of the request.</summary>
    public ushort ByteCount;

    /// <summary>Whether it is for all units: then there is no reply.</summary>
    public bool IsBroadcast;

    /// <summary>The request.</summary>
    public PduBytes Pdu;
}

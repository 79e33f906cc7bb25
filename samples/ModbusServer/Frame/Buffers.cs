// All memory that bytes from the wire get into.

using System.Runtime.CompilerServices;
using ModbusServer.Contracts;
using ModbusServer.Protocol;

namespace ModbusServer.Frame;

/// <summary>The buffers of this component. What the planted bug overruns is the last of them, so that it leaves this component's memory before anything else happens.</summary>
internal struct Buffers
{
    public ReceivedBytes Received;
    public FrameBytes Answer;
    public Reply Reply;
    public Request Request;

    /// <summary>Room for a frame, and for the proof that one is too long.</summary>
    [InlineArray(RtuFrame.MaximumByteCount + 64)]
    internal struct ReceivedBytes
    {
        private byte _first;
    }

    /// <summary>Room for a frame.</summary>
    [InlineArray(RtuFrame.MaximumByteCount)]
    internal struct FrameBytes
    {
        private byte _first;
    }
}

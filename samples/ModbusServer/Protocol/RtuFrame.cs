// What is around a request on a serial line: the number of a unit before it, a check behind it.

using System;
using System.Buffers.Binary;

namespace ModbusServer.Protocol;

/// <summary>A frame of Modbus RTU: one byte of unit number, the request or answer (the PDU), two bytes of CRC.</summary>
public static class RtuFrame
{
    /// <summary>Bytes of the longest request or answer.</summary>
    public const int MaximumPduByteCount = 253;

    /// <summary>Bytes of the longest frame.</summary>
    public const int MaximumByteCount = PduOffset + MaximumPduByteCount + CrcByteCount;

    /// <summary>Bytes of the shortest frame: unit, function, check.</summary>
    public const int MinimumByteCount = PduOffset + 1 + CrcByteCount;

    /// <summary>Where the request or answer begins.</summary>
    public const int PduOffset = 1;

    /// <summary>The unit number that means all units; nobody answers.</summary>
    public const byte BroadcastUnit = 0;

    private const int CrcByteCount = 2;

    /// <summary>Takes a frame apart.</summary>
    /// <param name="frame">What came between two silences.</param>
    /// <param name="unit">Whom it is for.</param>
    /// <param name="pdu">The request.</param>
    /// <returns>False if it is too short, too long or its check is wrong: it must be ignored.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> frame, out byte unit, out ReadOnlySpan<byte> pdu)
    {
        if (frame.Length is < MinimumByteCount or > MaximumByteCount || Crc16.Compute(frame) != 0)
        {
            unit = 0;
            pdu = default;
            return false;
        }

        unit = frame[0];
        pdu = frame[PduOffset..^CrcByteCount];
        return true;
    }

    /// <summary>Completes a frame whose request or answer is in place, at <see cref="PduOffset"/>.</summary>
    /// <returns>Bytes of the frame.</returns>
    public static int Close(Span<byte> frame, byte unit, int pduByteCount)
    {
        int end = PduOffset + pduByteCount;
        frame[0] = unit;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[end..], Crc16.Compute(frame[..end]));
        return end + CrcByteCount;
    }
}

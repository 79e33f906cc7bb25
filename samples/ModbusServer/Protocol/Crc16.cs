// The check at the end of a frame: serial line guide V1.02, 2.5.1.2 and appendix B.

using System;

namespace ModbusServer.Protocol;

/// <summary>The CRC of Modbus RTU: polynomial 0x8005 from the least significant bit on, begun with all ones.</summary>
public static class Crc16
{
    private const uint ReflectedPolynomial = 0xA001;

    /// <summary>The check of some bytes. On the wire its low byte comes first, so that the check of a frame with its own check is 0.</summary>
    public static ushort Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFF;
        for (int index = 0; index < bytes.Length; index++)
        {
            crc ^= bytes[index];
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ ReflectedPolynomial : crc >> 1;
            }
        }

        return (ushort)crc;
    }
}

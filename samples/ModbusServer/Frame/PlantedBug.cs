// The bug that this sample is about. It is here on purpose, and nowhere else: RegisterServer checks the same fields without it.

using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ModbusServer.Protocol;

namespace ModbusServer.Frame;

/// <summary>Copies a request by a length that comes from the wire.</summary>
internal static class PlantedBug
{
    private const int CountOffset = 3;
    private const int ByteCountOffset = 5;
    private const int ValuesOffset = 6;

    /// <summary>Copies a request for sending it on.</summary>
    /// <remarks>
    /// Function 16 says how many registers it writes, and in how many bytes. The two are compared, and with what arrived, but in sixteen bits: twice 0x8001 is
    /// 0x0002 there. A frame of 0x8001 registers in two bytes passes, and 65,538 bytes are copied to a place for 253.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static unsafe void Copy(ReadOnlySpan<byte> pdu, Span<byte> destination)
    {
        if (pdu.Length < ValuesOffset || pdu[0] != ModbusFunction.WriteMultipleRegisters)
        {
            pdu.CopyTo(destination);
            return;
        }

        ushort registerCount = BinaryPrimitives.ReadUInt16BigEndian(pdu[CountOffset..]);
        ushort byteCount = (ushort)(2 * registerCount); // the bug: an int would not have been too small
        if (byteCount != pdu[ByteCountOffset] || pdu.Length != ValuesOffset + byteCount)
        {
            // The fields contradict each other, which the registers component has an answer to.
            pdu.CopyTo(destination);
            return;
        }

        fixed (byte* source = pdu)
        fixed (byte* target = destination)
        {
            for (int index = 0; index < ValuesOffset + (2 * registerCount); index++)
            {
                target[index] = source[index];
            }
        }
    }
}

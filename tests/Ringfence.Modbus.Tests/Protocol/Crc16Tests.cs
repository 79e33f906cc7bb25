using System;
using System.Buffers.Binary;
using CsCheck;
using ModbusServer.Protocol;
using Xunit;

namespace Ringfence.Modbus.Tests.Protocol;

public sealed class Crc16Tests
{
    [Theory]
    [InlineData("", 0xFFFF)]
    [InlineData("02 07", 0x1241)] // the example of the serial line guide, appendix B
    [InlineData("31 32 33 34 35 36 37 38 39", 0x4B37)] // the check value by which this CRC is catalogued
    public void The_check_is_the_standards(string bytes, int expected) =>
        Assert.Equal(expected, Crc16.Compute(Convert.FromHexString(bytes.Replace(" ", string.Empty, StringComparison.Ordinal))));

    [Fact]
    public void Bytes_with_their_own_check_behind_them_low_byte_first_have_check_0() => Gen.Byte.Array[0, 254].Sample(static bytes =>
    {
        byte[] frame = new byte[bytes.Length + 2];
        bytes.CopyTo(frame, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(bytes.Length), Crc16.Compute(bytes));
        return Crc16.Compute(frame) == 0;
    });
}

using System;
using System.Linq;
using ModbusServer.Protocol;
using Xunit;

namespace Ringfence.Modbus.Tests.Protocol;

public sealed class RtuFrameTests
{
    [Fact]
    public void A_frame_of_every_length_opens_exactly_if_it_has_4_to_256_bytes()
    {
        for (int pduByteCount = 0; pduByteCount <= 300; pduByteCount++)
        {
            byte[] frame = Frame(pduByteCount);
            bool isOpen = RtuFrame.TryOpen(frame, out byte unit, out ReadOnlySpan<byte> pdu);
            Assert.Equal(frame.Length is >= 4 and <= 256, isOpen);
            Assert.Equal(isOpen ? 0x5A : 0, unit);
            Assert.Equal(isOpen ? frame[1..^2] : [], pdu.ToArray());
        }

        for (int byteCount = 0; byteCount < 4; byteCount++)
        {
            Assert.False(RtuFrame.TryOpen(new byte[byteCount], out _, out _));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(253)]
    public void A_frame_with_any_one_bit_or_any_two_neighbouring_bits_changed_does_not_open(int pduByteCount)
    {
        byte[] frame = Frame(pduByteCount);
        for (int bit = 0; bit < 8 * frame.Length; bit++)
        {
            Flip(frame, bit);
            Assert.False(RtuFrame.TryOpen(frame, out _, out _));
            Flip(frame, (bit + 1) % (8 * frame.Length));
            Assert.False(RtuFrame.TryOpen(frame, out _, out _));
            Flip(frame, bit);
            Flip(frame, (bit + 1) % (8 * frame.Length));
        }

        Assert.True(RtuFrame.TryOpen(frame, out _, out _));
    }

    private static void Flip(byte[] frame, int bit) => frame[bit / 8] ^= (byte)(1 << (bit % 8));

    private static byte[] Frame(int pduByteCount)
    {
        byte[] frame = new byte[pduByteCount + 3];
        foreach (int index in Enumerable.Range(0, pduByteCount))
        {
            frame[RtuFrame.PduOffset + index] = (byte)(3 * index);
        }

        Assert.Equal(frame.Length, RtuFrame.Close(frame, 0x5A, pduByteCount));
        return frame;
    }
}

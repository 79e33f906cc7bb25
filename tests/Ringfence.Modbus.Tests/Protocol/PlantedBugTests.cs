// The bug is one, and where the documentation says.

using System;
using System.Linq;
using ModbusServer.Frame;
using Xunit;

namespace Ringfence.Modbus.Tests.Protocol;

public sealed class PlantedBugTests
{
    [Fact]
    public void Every_request_but_the_documented_ones_is_copied_as_it_is()
    {
        byte[] room = new byte[300];
        int struckCount = 0;
        for (int count = 0; count <= 0xFFFF; count++)
        {
            // The byte counts that could match, in eight, in sixteen bits and at all.
            foreach (int byteCount in new[] { 0, 1, 2, 246, 247, (byte)count, (byte)(2 * count) }.Distinct().Where(static byteCount => byteCount <= 247))
            {
                byte[] request = [16, 0, 0, (byte)(count >> 8), (byte)count, (byte)byteCount, .. Enumerable.Repeat((byte)0x55, byteCount)];
                if (count >= 0x8000 && 2 * (count - 0x8000) == byteCount)
                {
                    struckCount++;
                    continue;
                }

                CheckCopy(request, room);
            }
        }

        Assert.Equal(124, struckCount);
    }

    [Fact]
    public void Requests_whose_byte_count_is_not_that_of_the_bytes_are_copied_as_they_are()
    {
        byte[] room = new byte[300];
        for (int byteCount = 0; byteCount < 256; byteCount++)
        {
            for (int length = 0; length <= 253; length += length < 16 ? 1 : 79)
            {
                byte[] request = [.. new byte[] { 16, 0, 0, 0x80, (byte)(byteCount / 2), (byte)byteCount }.Concat(Enumerable.Repeat((byte)0x55, 253)).Take(length)];
                if (length != 6 + byteCount)
                {
                    CheckCopy(request, room);
                }
            }
        }
    }

    private static void CheckCopy(byte[] request, byte[] room)
    {
        room.AsSpan().Fill(0xEE);
        PlantedBug.Copy(request, room);
        Assert.True(room.AsSpan(0, request.Length).SequenceEqual(request) && !room.AsSpan(request.Length).ContainsAnyExcept((byte)0xEE), Convert.ToHexString(request));
    }
}

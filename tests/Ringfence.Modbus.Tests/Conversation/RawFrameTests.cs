// What the serial line guide demands of a server about frames that no proper client sends.

using System;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

public abstract class RawFrameTests(GuestFormat format)
{
    private static readonly byte[] s_writeRegister9 = [1, 6, 0, 9, 0x12, 0x34];
    private static readonly byte[] s_readRegister9 = [1, 3, 0, 9, 0, 1];

    [Fact]
    public async Task Damaged_frames_frames_for_others_and_broadcasts_get_no_answer_and_broadcasts_are_carried_out()
    {
        (ModbusServerMachine server, RawLine line) = await RawLine.OpenAsync(format);
        await using ModbusServerMachine disposedServer = server;
        using RawLine disposedLine = line;

        // A bit that is wrong, in each byte of the frame.
        byte[] frame = RawLine.WithCheck(s_writeRegister9);
        for (int index = 0; index < frame.Length; index++)
        {
            byte[] damaged = [.. frame];
            damaged[index] ^= 0x10;
            await line.SendAsync(damaged);
            await RawLine.BeSilentAsync();
        }

        // Other units; among them the numbers that are reserved.
        foreach (byte unit in new byte[] { 2, 17, 247, 248, 255 })
        {
            await line.SendAsync(RawLine.WithCheck([unit, .. s_writeRegister9[1..]]));
            await RawLine.BeSilentAsync();
        }

        await line.ExpectAsync(s_readRegister9, 1, 3, 2, 0, 0);

        // To all units: writes of both kinds happen, a read and a bad function do nothing.
        await line.SendAsync(RawLine.WithCheck([0, .. s_writeRegister9[1..]]));
        await RawLine.BeSilentAsync();
        await line.ExpectAsync(s_readRegister9, 1, 3, 2, 0x12, 0x34);
        await line.SendAsync(RawLine.WithCheck(0, 16, 0, 9, 0, 1, 2, 0x56, 0x78));
        await RawLine.BeSilentAsync();
        await line.SendAsync(RawLine.WithCheck(0, 3, 0, 9, 0, 1));
        await RawLine.BeSilentAsync();
        await line.SendAsync(RawLine.WithCheck(0, 99));
        await line.ExpectAsync(s_readRegister9, 1, 3, 2, 0x56, 0x78);
        Assert.Equal(0, server.CountLines("fault "));
    }

    [Fact]
    public async Task Frames_that_are_too_short_or_too_long_are_ignored_and_requests_of_wrong_length_refused()
    {
        (ModbusServerMachine server, RawLine line) = await RawLine.OpenAsync(format);
        await using ModbusServerMachine disposedServer = server;
        using RawLine disposedLine = line;

        // Too short for unit, function and check, although the check is right; then one byte too long, and longer than every buffer.
        foreach (int byteCount in new[] { 0, 1, 255, 318, 2000 })
        {
            await line.SendAsync(RawLine.WithCheck([.. s_writeRegister9.Concat(new byte[2000]).Take(byteCount)]));
            await RawLine.BeSilentAsync();
        }

        await line.ExpectAsync(s_readRegister9, 1, 3, 2, 0, 0);

        // The longest and the shortest frame.
        await line.ExpectAsync([.. s_writeRegister9.Concat(new byte[254]).Take(254)], 1, 0x86, 3);
        await line.ExpectAsync([1, 6], 1, 0x86, 3);

        // Counts at their borders, byte counts that contradict them; and what lies next to the planted bug and is none.
        await line.ExpectAsync([1, 3, 0, 0, 0, 0], 1, 0x83, 3);
        await line.ExpectAsync([1, 3, 0, 0, 0, 126], 1, 0x83, 3);
        await line.ExpectAsync([1, 3, 0, 0, 0, 125], 1, 0x83, 2);
        await line.ExpectAsync([1, 16, 0, 0, 0, 0, 0], 1, 0x90, 3);
        await line.ExpectAsync([1, 16, 0, 0, 0, 123, 246, .. new byte[246]], 1, 0x90, 2);
        await line.ExpectAsync([1, 16, 0, 0, 0, 124, 247, .. new byte[247]], 1, 0x90, 3);
        await line.ExpectAsync([1, 16, 0, 0, 0, 1, 4, 0, 0, 0, 0], 1, 0x90, 3);
        await line.ExpectAsync([1, 16, 0, 0, 0, 2, 4, 0, 0], 1, 0x90, 3);
        await line.ExpectAsync([1, 16, 0, 0, 0x80, 1, 4, 0, 0], 1, 0x90, 3);
        await line.ExpectAsync([1, 16, 0, 0, 0xFF, 0xFF, 2, 0, 0], 1, 0x90, 3);
        await line.ExpectAsync([1, 16, 0, 0, 0, 129, 2, 0, 0], 1, 0x90, 3);
        await line.ExpectAsync([1, 99], 1, 0xE3, 1);
        await line.ExpectAsync(s_readRegister9, 1, 3, 2, 0, 0);
        Assert.Equal(0, server.CountLines("fault "));
    }

    [Fact]
    public async Task A_silence_in_the_middle_of_a_frame_ends_it_and_the_halves_are_ignored()
    {
        (ModbusServerMachine server, RawLine line) = await RawLine.OpenAsync(format);
        await using ModbusServerMachine disposedServer = server;
        using RawLine disposedLine = line;
        byte[] write = RawLine.WithCheck(s_writeRegister9);
        await line.SendAsync(write[..4]);
        await RawLine.BeSilentAsync(TimeSpan.FromSeconds(1));
        await line.SendAsync(write[4..]);
        await line.ExpectAsync(s_readRegister9, 1, 3, 2, 0, 0);

        // And without it, whole.
        await line.ExpectAsync(s_writeRegister9, s_writeRegister9);
        await line.ExpectAsync(s_readRegister9, 1, 3, 2, 0x12, 0x34);
    }

    [Fact]
    public async Task The_process_values_follow_the_set_points_that_a_client_writes()
    {
        (ModbusServerMachine server, RawLine line) = await RawLine.OpenAsync(format);
        await using ModbusServerMachine disposedServer = server;
        using RawLine disposedLine = line;

        // With no gain no heat; with much of it, and a temperature far away, all of it.
        await line.ExpectAsync([1, 16, 0, 0, 0, 2, 4, 0xFF, 0xFF, 0, 0], 1, 16, 0, 0, 0, 2);
        await line.WaitForAsync([1, 4, 0, 1, 0, 1], 1, 4, 2, 0, 0);
        await line.ExpectAsync([1, 6, 0, 1, 0xFF, 0xFF], 1, 6, 0, 1, 0xFF, 0xFF);
        await line.WaitForAsync([1, 4, 0, 1, 0, 1], 1, 4, 2, 0x03, 0xE8);
    }
}

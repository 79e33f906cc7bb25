using System.Collections.Generic;
using System.Linq;
using System.Text;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class GuestConsoleTests
{
    private const string Text = "first\r\n\nüber 0x1000\nlast without an end";
    private static readonly string[] s_lines = ["first", "", "über 0x1000", "last without an end"];

    [Fact]
    public void Lines_are_the_same_in_whatever_pieces_the_bytes_arrive()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Text);
        for (int size = 1; size <= bytes.Length; size++)
        {
            List<string> lines = [];
            var console = new GuestConsole(lines.Add);
            foreach (byte[] piece in bytes.Chunk(size))
            {
                console.Write(piece);
            }

            console.Complete();
            Assert.Equal(s_lines, lines);
            Assert.Equal(bytes.Length, console.ByteCount);
        }
    }

    [Fact]
    public void A_line_is_delivered_as_soon_as_it_is_complete()
    {
        List<string> lines = [];
        var console = new GuestConsole(lines.Add);
        console.Write("one\ntw"u8);
        Assert.Equal(["one"], lines);
        console.Write("o\n"u8);
        Assert.Equal(["one", "two"], lines);
        console.Complete();
        Assert.Equal(2, lines.Count);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_lines_longer_than_a_block_get_through()
    {
        List<string> lines = [];
        var console = new GuestConsole(lines.Add);
        console.Write([0xFF, .. Enumerable.Repeat((byte)'x', 10_000), (byte)'\n']);
        Assert.Equal("\uFFFD" + new string('x', 10_000), Assert.Single(lines));
    }
}

using System;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class ImageMapTests
{
    private static readonly ImageMap s_map = ImageMap.Parse("""
        {
          "symbols": [
            { "name": "Wild__Main", "method": "Wild.Program.Main()", "address": "0x00104a10", "size": 64, "component": "Wild" },
            { "name": "Wild_label", "address": "0x00104a10", "size": 64 },
            { "name": "end_of_text", "address": "0x00104a50", "size": 0 },
            { "name": "boot_entry", "address": 1048576, "size": "0x20" }
          ]
        }
        """);

    [Theory]
    [InlineData(0x0FFFFF, null)]
    [InlineData(0x100000, "boot_entry")]
    [InlineData(0x10001F, "boot_entry")]
    [InlineData(0x100020, null)]
    [InlineData(0x104A0F, null)]
    [InlineData(0x104A10, "Wild.Program.Main()")]
    [InlineData(0x104A4F, "Wild.Program.Main()")]
    [InlineData(0x104A50, "end_of_text")]
    [InlineData(0x104FFF, "end_of_text")]
    public void An_address_belongs_to_the_symbol_that_holds_it(int address, string? expected) =>
        Assert.Equal(expected, s_map.Find((ulong)address)?.Name);

    [Fact]
    public void The_empty_map_knows_nothing() => Assert.Null(ImageMap.Empty.Find(0x100000));

    [Fact]
    public void What_running_an_image_takes_is_in_its_map()
    {
        Assert.Equal((false, false, null), (s_map.UsesSerialPort, s_map.RunsForever, s_map.ConnectCommand));
        ImageMap map = ImageMap.Parse("""
            {"symbols":[],"runsForever":true,"connectCommand":"client {device}","objects":[{"kind":"Semaphore"},{"kind":"SerialPort"}]}
            """);
        Assert.Equal((true, true, "client {device}"), (map.UsesSerialPort, map.RunsForever, map.ConnectCommand));
        map = ImageMap.Parse("""{"symbols":[],"runsForever":false,"connectCommand":"","objects":[{"kind":"Semaphore"}]}""");
        Assert.Equal((false, false, null), (map.UsesSerialPort, map.RunsForever, map.ConnectCommand));
    }

    [Theory]
    [InlineData("fault   at 0x00104a2c", "fault   at 0x00104a2c Wild.Program.Main() +0x1c")]
    [InlineData("at 0x0000000000104a2c", "at 0x0000000000104a2c Wild.Program.Main() +0x1c")]
    [InlineData("  at 0x104A10, thread 3", "  at 0x104A10 Wild.Program.Main() +0x0, thread 3")]
    [InlineData("panic   from 0x00104a50", "panic   from 0x00104a50 Wild.Program.Main() +0x40")]
    public void A_code_address_in_a_report_gets_its_method(string line, string expected) =>
        Assert.Equal(expected, new ConsoleSymbolizer(s_map).Annotate(line));

    [Theory]
    [InlineData("")]
    [InlineData("fault   at 0x00200000000")]
    [InlineData("fault   at 0x00000010")]
    [InlineData("fault   address 0x00104a2c (Wild); nearest partition of its domain: Wild at 0x00104a10, 28 bytes above")]
    [InlineData("what 0x00104a2c")]
    [InlineData("at 0x00104a2cz")]
    [InlineData("at 0x11112222333344445")]
    public void Every_other_line_stays_as_it_is(string line)
    {
        ImageMap sized = ImageMap.Parse("""{"symbols":[{"name":"Wild","address":"0x104a10","size":64}]}""");
        Assert.Equal(line, new ConsoleSymbolizer(sized).Annotate(line));
    }

    [Theory]
    [InlineData("[]", "symbols")]
    [InlineData("{}", "symbols")]
    [InlineData("""{"symbols":[{"address":1}]}""", "no name")]
    [InlineData("""{"symbols":[{"name":"x"}]}""", "'x' has no address")]
    [InlineData("""{"symbols":[{"name":"x","address":true}]}""", "no number")]
    public void What_is_no_map_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => ImageMap.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_map_that_cannot_be_read_is_a_failure_that_names_the_file()
    {
        using ScratchFolder folder = new();
        string path = folder.Write("X.map.json", "{ \"symbols\": [");
        Assert.Contains(path, Assert.Throws<EmulatorException>(() => ImageMap.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains("/absent", Assert.Throws<EmulatorException>(() => ImageMap.Load("/absent")).Message, StringComparison.Ordinal);
    }
}

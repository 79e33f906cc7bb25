using System.IO;
using System.Text.Json;
using Ringfence.Emulation;
using Ringfence.Modbus.Tests.Conversation;
using Xunit;

namespace Ringfence.Modbus.Tests;

public sealed class FootprintTests
{
    private const int LimitBytes = 224 * 1024;

    [Fact]
    public void The_whole_server_takes_at_most_224_KiB_of_memory_on_PAE()
    {
        using JsonDocument map = JsonDocument.Parse(File.ReadAllBytes(ModbusServerMachine.Image(GuestFormat.Pae).Map));
        long start = map.RootElement.GetProperty("start").GetInt64();
        long end = map.RootElement.GetProperty("end").GetInt64();

        // The kernel uses no memory beyond the image.
        Assert.InRange(end - start, 1, LimitBytes);
    }
}

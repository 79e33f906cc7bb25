// The second serial port, and the server behind it, on the machines of QEMU other than the usual one.

using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

public sealed class MachineTests
{
    private static readonly byte[] s_readRegister0 = [ModbusServerMachine.Unit, 3, 0, 0, 0, 1];

    [Theory]
    [InlineData("q35")]
    [InlineData("microvm")]
    public async Task A_client_is_served_before_and_after_an_attack(string typeName)
    {
        MachineType type = MachineType.All.Single(type => type.Name == typeName);
        (ModbusServerMachine server, RawLine line) = await RawLine.OpenAsync(GuestFormat.Pae, type);
        await using ModbusServerMachine disposedServer = server;
        using RawLine disposedLine = line;
        await line.ExpectAsync(s_readRegister0, ModbusServerMachine.Unit, 3, 2, 0, 215);
        await line.SendAsync(RawLine.WithCheck(Attack.WithoutCheck));
        await server.WaitForLivesAsync(2);
        await line.ExpectAsync(s_readRegister0, ModbusServerMachine.Unit, 3, 2, 0, 215);
    }
}

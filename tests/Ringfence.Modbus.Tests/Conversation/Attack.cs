using ModbusServer.Protocol;

namespace Ringfence.Modbus.Tests.Conversation;

/// <summary>The request that the planted bug can't take: 0x8001 registers in two bytes.</summary>
internal static class Attack
{
    /// <summary>Unit number and request.</summary>
    public static byte[] WithoutCheck => [ModbusServerMachine.Unit, ModbusFunction.WriteMultipleRegisters, 0, 0, 0x80, 0x01, 2, 0, 0];
}

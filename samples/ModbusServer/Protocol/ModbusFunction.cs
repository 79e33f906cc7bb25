namespace ModbusServer.Protocol;

/// <summary>The functions of this server: application protocol V1.1b3, 6.</summary>
public static class ModbusFunction
{
    /// <summary>Read 1 to <see cref="MaximumReadCount"/> holding registers.</summary>
    public const byte ReadHoldingRegisters = 3;

    /// <summary>Read 1 to <see cref="MaximumReadCount"/> input registers.</summary>
    public const byte ReadInputRegisters = 4;

    /// <summary>Write one holding register.</summary>
    public const byte WriteSingleRegister = 6;

    /// <summary>Write 1 to <see cref="MaximumWriteCount"/> holding registers.</summary>
    public const byte WriteMultipleRegisters = 16;

    /// <summary>Set in the function number of an answer that says why there is none.</summary>
    public const byte ExceptionBit = 0x80;

    /// <summary>Registers that one request can read.</summary>
    public const int MaximumReadCount = 125;

    /// <summary>Registers that one request can write.</summary>
    public const int MaximumWriteCount = 123;
}

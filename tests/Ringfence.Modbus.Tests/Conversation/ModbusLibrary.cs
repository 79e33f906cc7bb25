// libmodbus, the library that mbpoll is made with and that comes with its package: a client that knows nothing of this repository.

using System;
using System.Runtime.InteropServices;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

/// <summary>A client of one unit on a serial device. A call that fails returns the library's error number; 0 is success.</summary>
internal sealed partial class ModbusLibrary : IDisposable
{
    /// <summary>The library's number for exception 2, an illegal data address: its numbers of exceptions begin at 112345678.</summary>
    public const int IllegalDataAddress = 112345680;

    private const string Library = "libmodbus.so.5";
    private const int BaudRate = 19200;
    private const byte NoParity = (byte)'N';
    private const int DataBitCount = 8;
    private const int StopBitCount = 2;

    private readonly nint _context;

    public ModbusLibrary(string device, int unit)
    {
        _context = Create(device, BaudRate, NoParity, DataBitCount, StopBitCount);
        Assert.NotEqual(0, _context);
        Assert.Equal(0, SetSlave(_context, unit));
        Assert.Equal(0, SetResponseTimeout(_context, (uint)ModbusServerMachine.Patience.TotalSeconds, 0));

        // No time limit between two bytes: a busy host may take longer than the line would.
        Assert.Equal(0, SetByteTimeout(_context, 0, 0));
        Assert.Equal(0, Connect(_context));
    }

    public int ReadHolding(int address, Span<ushort> values) => Outcome(ReadRegisters(_context, address, values.Length, values));

    public int ReadInput(int address, Span<ushort> values) => Outcome(ReadInputRegisters(_context, address, values.Length, values));

    public int WriteSingle(int address, ushort value) => Outcome(WriteRegister(_context, address, value));

    public int WriteMultiple(int address, ReadOnlySpan<ushort> values) => Outcome(WriteRegisters(_context, address, values.Length, values));

    /// <summary>Sends unit number and request as they are, with the check behind them, and waits for no answer.</summary>
    public void SendRaw(ReadOnlySpan<byte> frame) => Assert.Equal(frame.Length + 2, SendRawRequest(_context, frame, frame.Length));

    public void Dispose()
    {
        Close(_context);
        Free(_context);
    }

    private static int Outcome(int result) => result >= 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport(Library, EntryPoint = "modbus_new_rtu", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Create(string device, int baudRate, byte parity, int dataBitCount, int stopBitCount);

    [LibraryImport(Library, EntryPoint = "modbus_set_slave")]
    private static partial int SetSlave(nint context, int unit);

    [LibraryImport(Library, EntryPoint = "modbus_set_response_timeout")]
    private static partial int SetResponseTimeout(nint context, uint seconds, uint microseconds);

    [LibraryImport(Library, EntryPoint = "modbus_set_byte_timeout")]
    private static partial int SetByteTimeout(nint context, uint seconds, uint microseconds);

    [LibraryImport(Library, EntryPoint = "modbus_connect")]
    private static partial int Connect(nint context);

    [LibraryImport(Library, EntryPoint = "modbus_read_registers", SetLastError = true)]
    private static partial int ReadRegisters(nint context, int address, int count, Span<ushort> values);

    [LibraryImport(Library, EntryPoint = "modbus_read_input_registers", SetLastError = true)]
    private static partial int ReadInputRegisters(nint context, int address, int count, Span<ushort> values);

    [LibraryImport(Library, EntryPoint = "modbus_write_register", SetLastError = true)]
    private static partial int WriteRegister(nint context, int address, int value);

    [LibraryImport(Library, EntryPoint = "modbus_write_registers", SetLastError = true)]
    private static partial int WriteRegisters(nint context, int address, int count, ReadOnlySpan<ushort> values);

    [LibraryImport(Library, EntryPoint = "modbus_send_raw_request")]
    private static partial int SendRawRequest(nint context, ReadOnlySpan<byte> frame, int byteCount);

    [LibraryImport(Library, EntryPoint = "modbus_close")]
    private static partial void Close(nint context);

    [LibraryImport(Library, EntryPoint = "modbus_free")]
    private static partial void Free(nint context);
}

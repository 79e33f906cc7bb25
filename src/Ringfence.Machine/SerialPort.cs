// The console: a 16550 UART, polled. Polling is what a panic can rely on.

namespace Ringfence.Machine;

/// <summary>One 16550-compatible serial port.</summary>
public readonly struct SerialPort
{
    private const int LineControl = 3;
    private const int FifoControl = 2;
    private const int InterruptEnable = 1;
    private const int ModemControl = 4;
    private const int LineStatus = 5;
    private const byte TransmitterHoldingRegisterEmpty = 0x20;

    // A port that isn't there reads as all ones, which looks like ready; one that is stuck must not stop the kernel for ever.
    private const int PollLimit = 1_000_000;

    private readonly ushort _port;

    private SerialPort(ushort port) => _port = port;

    /// <summary>COM1 of a PC.</summary>
    public static SerialPort First => new(0x3F8);

    /// <summary>Sets 115,200 baud, eight bits, no parity, FIFOs on, interrupts off.</summary>
    public void Initialize()
    {
        Write(InterruptEnable, 0);
        Write(LineControl, 0x80); // the divisor latch is at offsets 0 and 1 while this bit is set
        Write(0, 1);
        Write(1, 0);
        Write(LineControl, 0x03);
        Write(FifoControl, 0xC7);
        Write(ModemControl, 0x03);
    }

    /// <summary>Sends one byte, waiting until the transmitter takes it.</summary>
    public void Send(byte value)
    {
        for (int attempt = 0; attempt < PollLimit; attempt++)
        {
            if ((Processor.ReadPort8((ushort)(_port + LineStatus)) & TransmitterHoldingRegisterEmpty) != 0)
            {
                break;
            }
        }

        Write(0, value);
    }

    private void Write(int register, byte value) => Processor.WritePort8((ushort)(_port + register), value);
}

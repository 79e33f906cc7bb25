// 16550 UARTs, driven by interrupts; what sends one byte by polling is there for the start of the machine and for its end, when nothing else can be relied on.

using System;

namespace Ringfence.Machine;

/// <summary>One 16550-compatible serial port.</summary>
public readonly struct SerialPort
{
    /// <summary>Bytes that the transmitter takes at once.</summary>
    public const int TransmitFifoByteCount = 16;

    /// <summary>Bits of the line status that mean lost or damaged bytes: overrun, parity, framing, break.</summary>
    public const byte LineErrors = 0x1E;

    private const int InterruptEnable = 1;
    private const int InterruptIdentification = 2;
    private const int FifoControl = 2;
    private const int LineControl = 3;
    private const int ModemControl = 4;
    private const int LineStatus = 5;
    private const int ModemStatus = 6;
    private const int Scratch = 7;
    private const byte DivisorLatch = 0x80;
    private const byte EightBits = 0x03;
    private const byte DataReady = 0x01;
    private const byte TransmitterHoldingRegisterEmpty = 0x20;
    private const int ClockHertz = 115_200;

    // A port that isn't there reads as all ones, which looks like ready; one that is stuck must not stop the kernel for ever.
    private const int PollLimit = 1_000_000;

    private readonly ushort _port;

    private SerialPort(ushort port) => _port = port;

    /// <summary>COM1 of a PC.</summary>
    public static SerialPort First => new(0x3F8);

    /// <summary>COM2 of a PC.</summary>
    public static SerialPort Second => new(0x2F8);

    /// <summary>Interrupt line of COM1.</summary>
    public const int FirstLine = 4;

    /// <summary>Interrupt line of COM2.</summary>
    public const int SecondLine = 3;

    /// <summary>Whether there is such a port: its scratch register keeps what is written to it.</summary>
    public bool IsPresent
    {
        get
        {
            const byte Pattern = 0x5A;
            Write(Scratch, Pattern);
            return Read(Scratch) == Pattern;
        }
    }

    /// <summary>Sets 115,200 baud, eight bits, no parity, FIFOs on, interrupts off.</summary>
    public void Initialize() => Initialize(ClockHertz, 0);

    /// <summary>Sets eight bits, FIFOs on and empty, interrupts off.</summary>
    /// <param name="baudRate">Bits a second, a divisor of 115,200.</param>
    /// <param name="shape">Bits 2 to 5 of the line control register: stop bits and parity.</param>
    public void Initialize(int baudRate, byte shape)
    {
        int divisor = ClockHertz / baudRate;
        Write(InterruptEnable, 0);
        Write(LineControl, DivisorLatch); // the divisor is at offsets 0 and 1 while this bit is set
        Write(0, (byte)divisor);
        Write(1, (byte)(divisor >> 8));
        Write(LineControl, (byte)(EightBits | shape));

        // On, both emptied, interrupt at every received byte: bytes that the FIFO held back until there are more would make a reader see silence where
        // there is none.
        Write(FifoControl, 0x07);
        Write(ModemControl, 0x0B); // DTR, RTS, and OUT2, which on a PC lets interrupts through
    }

    /// <summary>Sends one byte, waiting until the transmitter takes it.</summary>
    public void Send(byte value) => Send(new ReadOnlySpan<byte>(ref value));

    /// <summary>Sends bytes, waiting each time until the transmitter takes as many as it can hold.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            for (int attempt = 0; attempt < PollLimit; attempt++)
            {
                if (IsTransmitterEmpty)
                {
                    break;
                }
            }

            int count = bytes.Length < TransmitFifoByteCount ? bytes.Length : TransmitFifoByteCount;
            Processor.WritePort8(_port, bytes[..count]);
            bytes = bytes[count..];
        }
    }

    /// <summary>Whether the transmitter takes <see cref="TransmitFifoByteCount"/> bytes.</summary>
    public bool IsTransmitterEmpty => (Read(LineStatus) & TransmitterHoldingRegisterEmpty) != 0;

    /// <summary>Gives one byte to a transmitter that takes it.</summary>
    public void Transmit(byte value) => Write(0, value);

    /// <summary>Takes a received byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="errors">What went wrong on the line up to this byte: bits of <see cref="LineErrors"/>.</param>
    /// <returns>False if none is there.</returns>
    public bool TryReceive(out byte value, out byte errors)
    {
        byte status = Read(LineStatus);
        errors = (byte)(status & LineErrors);
        bool isReady = (status & DataReady) != 0;
        value = isReady ? Read(0) : (byte)0;
        return isReady;
    }

    /// <summary>
    /// Lets interrupts through. All are switched off first: the interrupt controller sees edges, so one that is pending already must make a new edge.
    /// </summary>
    /// <param name="received">Whether received bytes and line errors interrupt.</param>
    /// <param name="transmitterEmpty">Whether an empty transmitter does.</param>
    public void EnableInterrupts(bool received, bool transmitterEmpty)
    {
        Write(InterruptEnable, 0);
        Write(InterruptEnable, (byte)((received ? 0x05 : 0) | (transmitterEmpty ? 0x02 : 0)));
    }

    /// <summary>Clears the causes of interrupts that reading data doesn't clear.</summary>
    public void AcknowledgeStatus()
    {
        _ = Read(InterruptIdentification);
        _ = Read(ModemStatus);
    }

    private byte Read(int register) => Processor.ReadPort8((ushort)(_port + register));

    private void Write(int register, byte value) => Processor.WritePort8((ushort)(_port + register), value);
}

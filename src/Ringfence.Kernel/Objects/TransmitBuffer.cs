// Bytes on their way to a serial port: from whoever writes them to the port's interrupt, which asks for more whenever the transmitter is empty.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>A ring buffer in front of a transmitter. All operations run with interrupts off.</summary>
public struct TransmitBuffer
{
    private readonly SerialPort _port;
    private readonly nuint _start;
    private readonly uint _byteCount;
    private ByteRing _ring;

    /// <summary>An empty buffer.</summary>
    /// <param name="port">The port.</param>
    /// <param name="start">Address of the memory that holds the bytes.</param>
    /// <param name="byteCount">Its size, a power of two.</param>
    public TransmitBuffer(SerialPort port, nuint start, uint byteCount)
    {
        _port = port;
        _start = start;
        _byteCount = byteCount;
        _ring = new ByteRing(byteCount);
    }

    /// <summary>Whether the transmitter has bytes and will interrupt when it wants more; only an idle one is given bytes by a writer.</summary>
    public bool IsTransmitting { get; private set; }

    /// <summary>Whether no byte waits.</summary>
    public readonly bool IsEmpty => _ring.IsEmpty;

    /// <summary>Bytes that wait.</summary>
    public readonly uint Count => _ring.Count;

    /// <summary>Bytes that there is room for.</summary>
    public readonly uint RoomByteCount => _byteCount - _ring.Count;

    /// <summary>Free memory behind the last byte, in one piece; <see cref="Append"/> what was written there.</summary>
    public readonly Span<byte> Room => KernelMemory.Bytes(_start + _ring.End, _ring.RoomInOnePiece);

    /// <summary>So many bytes were written to <see cref="Room"/>.</summary>
    public void Append(uint byteCount) => _ring.Append(byteCount);

    /// <summary>Forgets what waits.</summary>
    public void Clear() => _ring.Clear();

    /// <summary>Gives the transmitter as much as it takes, if it is empty; it interrupts when it is again.</summary>
    /// <returns>Whether it was empty and got something.</returns>
    public bool Transmit()
    {
        if (!_port.IsTransmitterEmpty)
        {
            return false;
        }

        IsTransmitting = !_ring.IsEmpty;
        for (int sent = 0; sent < SerialPort.TransmitFifoByteCount && !_ring.IsEmpty; sent++)
        {
            _port.Transmit(TakeOldest());
        }

        return IsTransmitting;
    }

    /// <summary>Sends the oldest byte, waiting until the transmitter takes it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void SendOldest() => _port.Send(TakeOldest());

    /// <summary>The transmitter's interrupt is switched off: the next writer begins anew.</summary>
    public void Stop() => IsTransmitting = false;

    private byte TakeOldest()
    {
        byte value = KernelMemory.Bytes(_start + _ring.Start, 1)[0];
        _ring.Remove(1);
        return value;
    }
}

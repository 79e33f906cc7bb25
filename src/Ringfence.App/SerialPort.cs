// A serial port of the machine, driven by the kernel with interrupts and buffers, used by the components that declare it.

using System;
using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>A serial port that this component may read and write. Declared with <see cref="SerialPortAttribute"/>.</summary>
/// <remarks>The value is a handle that the kernel checks at every use: one that this component may not use so ends the caller.</remarks>
public readonly unsafe struct SerialPort
{
    private readonly int _handle;

    /// <summary>Takes a handle as it is; for generated code.</summary>
    public SerialPort(int handle) => _handle = handle;

    /// <summary>Reads what has arrived, at most as much as there is room for; waits for the first byte, not for the last.</summary>
    /// <param name="buffer">Receives the bytes; 1 byte or more.</param>
    /// <param name="byteCount">How many were read; 0 unless the result is success.</param>
    /// <param name="timeoutTicks">How long to wait; see <see cref="WaitTime"/>. A wait that times out is silence of at least so many ticks.</param>
    /// <returns>Success, TimedOut, or LineError: then everything that had arrived is thrown away.</returns>
    public SystemCallStatus Read(Span<byte> buffer, out int byteCount, uint timeoutTicks = WaitTime.Forever)
    {
        fixed (byte* start = buffer)
        {
            long result = SystemCalls.ReadSerial(_handle, (nint)start, buffer.Length, (nint)timeoutTicks);
            byteCount = result > 0 ? (int)result : 0;
            return result > 0 ? SystemCallStatus.Success : (SystemCallStatus)result;
        }
    }

    /// <summary>Hands bytes to the port; waits while its buffer is full. They leave in order, after this returns.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="timeoutTicks">How long to wait for room for the last of them; see <see cref="WaitTime"/>.</param>
    /// <returns>How many the port took: all of them unless the time was over.</returns>
    public int Write(ReadOnlySpan<byte> bytes, uint timeoutTicks = WaitTime.Forever)
    {
        fixed (byte* start = bytes)
        {
            return (int)SystemCalls.WriteSerial(_handle, (nint)start, bytes.Length, (nint)timeoutTicks);
        }
    }
}

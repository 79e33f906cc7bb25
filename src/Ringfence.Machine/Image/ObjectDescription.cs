namespace Ringfence.Machine;

/// <summary>A kernel object that components declare. Emitted by the image builder; what a field means depends on the kind.</summary>
public readonly struct ObjectDescription
{
    /// <summary>Address of the name, ASCII, not terminated.</summary>
    public readonly nuint Name;

    /// <summary>Length of the name in bytes.</summary>
    public readonly nuint NameLength;

    /// <summary>The kind, a <c>KernelObjectKind</c>.</summary>
    public readonly nuint Kind;

    /// <summary>Components that may give, send or write: one bit each, in the order of the image.</summary>
    public readonly nuint GivingComponents;

    /// <summary>Components that may take, receive or read.</summary>
    public readonly nuint TakingComponents;

    /// <summary>Semaphore: units at the start. Serial port: its number on a PC.</summary>
    public readonly nuint Initial;

    /// <summary>Semaphore: units at most. Queue: messages at most. Serial port: bits a second.</summary>
    public readonly nuint Limit;

    /// <summary>Semaphore: 1 if it is a lock. Queue: bytes of a message. Serial port: line control (parity and stop bits) as the 16550 takes it.</summary>
    public readonly nuint Shape;

    /// <summary>Queue: room for its messages. Serial port: room for received bytes, then as much for bytes to send.</summary>
    public readonly nuint Buffer;

    /// <summary>Bytes of that room.</summary>
    public readonly nuint BufferByteCount;
}

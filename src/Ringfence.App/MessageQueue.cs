// Queues of messages of one type, by the end that a component has.

using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>The end of a message queue that this component sends to. Declared with <see cref="MessageQueueAttribute"/>.</summary>
/// <typeparam name="T">The message: an unmanaged struct without pointer-sized fields.</typeparam>
/// <remarks>The value is a handle that the kernel checks at every use: one that this component may not use so ends the caller.</remarks>
public readonly unsafe struct MessageSender<T>
    where T : unmanaged
{
    private readonly int _handle;

    /// <summary>Takes a handle as it is; for generated code.</summary>
    public MessageSender(int handle) => _handle = handle;

    /// <summary>
    /// Copies a message to the receiver that waits, or else into the queue; waits while it is full. The copy is made at the moment when there is
    /// room, from the memory as it is then.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="timeoutTicks">How long to wait; see <see cref="WaitTime"/>.</param>
    /// <returns>Success, TimedOut, PeerRestarted or PeerEnded.</returns>
    public SystemCallStatus Send(in T message, uint timeoutTicks = WaitTime.Forever)
    {
        fixed (T* start = &message)
        {
            return (SystemCallStatus)SystemCalls.SendMessage(_handle, (nint)start, (nint)timeoutTicks);
        }
    }
}

/// <summary>The end of a message queue that this component receives from. Declared with <see cref="MessageQueueAttribute"/>.</summary>
/// <typeparam name="T">The message: an unmanaged struct without pointer-sized fields.</typeparam>
/// <remarks>The value is a handle that the kernel checks at every use: one that this component may not use so ends the caller.</remarks>
public readonly unsafe struct MessageReceiver<T>
    where T : unmanaged
{
    private readonly int _handle;

    /// <summary>Takes a handle as it is; for generated code.</summary>
    public MessageReceiver(int handle) => _handle = handle;

    /// <summary>Takes the oldest message; waits while there is none, behind more important threads and those that wait longer.</summary>
    /// <param name="message">The message; zero unless the result is success.</param>
    /// <param name="timeoutTicks">How long to wait; see <see cref="WaitTime"/>.</param>
    /// <returns>Success, TimedOut, PeerRestarted or PeerEnded.</returns>
    public SystemCallStatus Receive(out T message, uint timeoutTicks = WaitTime.Forever)
    {
        message = default;
        fixed (T* start = &message)
        {
            return (SystemCallStatus)SystemCalls.ReceiveMessage(_handle, (nint)start, (nint)timeoutTicks);
        }
    }
}

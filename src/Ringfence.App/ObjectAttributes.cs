// How a component names the kernel objects that it uses. The generator writes the body of such a property; the image builder reads the
// attribute and the property's type, makes the object and grants the rights, so the declaration in C# and what the kernel checks can't differ.
//
// Components that give the same name share the object. A setting that one of them states holds for all; two may not state different ones.

using System;

namespace Ringfence.App;

/// <summary>
/// Declares a semaphore: <c>[Semaphore(InitialCount = 1, IsLock = true)] static partial Semaphore BoardLock { get; }</c>. The property's type is the right:
/// <see cref="Semaphore"/>, <see cref="SemaphoreGiver"/> or <see cref="SemaphoreTaker"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SemaphoreAttribute : Attribute
{
    /// <summary>Names the semaphore; without a name it is called like the property.</summary>
    public SemaphoreAttribute(string? name = null) => Name = name;

    /// <summary>The semaphore's name in the image.</summary>
    public string? Name { get; }

    /// <summary>Units at the start, 0 to <see cref="Limit"/>; by default 0.</summary>
    public int InitialCount { get; set; }

    /// <summary>Units at most, 1 to 65,535; by default 1, or <see cref="InitialCount"/> if that is more.</summary>
    public int Limit { get; set; }

    /// <summary>
    /// Whether units belong to the component that took them: only that one can give them back, and the kernel does so when it ends. The next taker is then
    /// told by <see cref="Abi.SystemCallStatus.HolderEnded"/>.
    /// </summary>
    public bool IsLock { get; set; }
}

/// <summary>
/// Declares a message queue: <c>[MessageQueue(Capacity = 4)] static partial MessageSender&lt;Request&gt; Requests { get; }</c>. The property's type is the end
/// that this component has: <see cref="MessageSender{T}"/> or <see cref="MessageReceiver{T}"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MessageQueueAttribute : Attribute
{
    /// <summary>Names the queue; without a name it is called like the property.</summary>
    public MessageQueueAttribute(string? name = null) => Name = name;

    /// <summary>The queue's name in the image.</summary>
    public string? Name { get; }

    /// <summary>Messages it holds, 1 to 255; by default 1.</summary>
    public int Capacity { get; set; }
}

/// <summary>Declares a serial port: <c>[SerialPort(2, BaudRate = 19200)] static partial SerialPort Line { get; }</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SerialPortAttribute : Attribute
{
    /// <summary>Names the port by its number on a PC: 2 is COM2, at port 0x2F8 and interrupt line 3. The first is the machine's console.</summary>
    public SerialPortAttribute(int number) => Number = number;

    /// <summary>Number of the port: 2.</summary>
    public int Number { get; }

    /// <summary>Bits a second, a divisor of 115,200; by default 115,200.</summary>
    public int BaudRate { get; set; }

    /// <summary>The parity bit; by default none.</summary>
    public SerialParity Parity { get; set; }

    /// <summary>Stop bits, 1 or 2; by default 1.</summary>
    public int StopBits { get; set; }
}

/// <summary>What the bit after a byte's eight bits is.</summary>
public enum SerialParity
{
    /// <summary>There is none.</summary>
    None = 0,

    /// <summary>It makes the number of ones odd.</summary>
    Odd = 1,

    /// <summary>It makes the number of ones even.</summary>
    Even = 3,
}

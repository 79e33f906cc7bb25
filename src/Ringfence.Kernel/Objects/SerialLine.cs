// The serial port that components use: COM2, driven by interrupts, with a buffer for each direction between the wire and the threads that wait.

using System;
using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Reading and writing for the current user thread, and serving the port's interrupt. All operations run with interrupts off.</summary>
public static class SerialLine
{
    // More than any sender has ready at once. One interrupt that serves this many and finds more leaves the rest to the next.
    private const int ReceiveLimit = 64;

    private static int s_object = -1;
    private static nuint s_receiveBuffer;
    private static ByteRing s_received;
    private static TransmitBuffer s_toSend;
    private static bool s_hasLineError;

    /// <summary>Sets the port up for the object that the image declares, and lets its interrupt through. A machine without the port gets a line on the console.</summary>
    public static void Open(int index, in ObjectDescription description)
    {
        nuint half = description.BufferByteCount / 2;
        s_receiveBuffer = description.Buffer;
        s_received = new ByteRing((uint)half);
        s_toSend = new TransmitBuffer(SerialPort.Second, description.Buffer + half, (uint)half);
        SerialPort port = SerialPort.Second;
        if (!port.IsPresent)
        {
            KernelConsole.Write("kernel  this machine has no second serial port: nothing will arrive there, and what is sent is lost\n"u8);
            return;
        }

        s_object = index;
        port.Initialize((int)description.Limit, (byte)description.Shape);
        while (port.TryReceive(out _, out _))
        {
            // What arrived before is meant for nobody.
        }

        port.AcknowledgeStatus();
        port.EnableInterrupts(received: true, transmitterEmpty: false);
        InterruptController.Unmask(SerialPort.SecondLine);
    }

    /// <summary>Serves an interrupt; false if it is of another line.</summary>
    public static bool Serve(int line)
    {
        if (line != SerialPort.SecondLine || s_object < 0)
        {
            return false;
        }

        bool hasNews = Receive();
        hasNews |= s_toSend.Transmit();
        SerialPort.Second.AcknowledgeStatus();
        EnableInterrupts();
        if (hasNews)
        {
            WaitList.WakeAll(ref ObjectTable.At(s_object), (int)SystemCallStatus.Success);
        }

        return true;
    }

    /// <summary>Reads what has arrived, waiting for the first byte.</summary>
    /// <returns>Bytes read; a status; or <see cref="Transfers.BadAddress"/>.</returns>
    public static int Read(int index, nuint address, nuint byteCount, nuint timeoutTicks)
    {
        if (!Transfers.MayAccess(Scheduler.Current, address, byteCount, Paging.Access.Write))
        {
            return (int)Transfers.BadAddress;
        }

        ulong wakeTick = WaitList.EndOf(timeoutTicks);
        while (byteCount != 0)
        {
            if (s_hasLineError)
            {
                s_hasLineError = false;
                s_received.Clear();
                return (int)SystemCallStatus.LineError;
            }

            if (!s_received.IsEmpty)
            {
                return CopyReceived(address, byteCount);
            }

            if (timeoutTicks != 0 && Clock.Ticks < wakeTick)
            {
                WaitList.Wait(index, wakeTick);
            }
            else if (!Receive())
            {
                return (int)SystemCallStatus.TimedOut;
            }

            // Once more, also when the time is over: bytes may have come with the tick that ended the wait, or be in the port with their interrupt waiting.
        }

        return 0;
    }

    /// <summary>Hands bytes to the port, waiting for room.</summary>
    /// <returns>Bytes taken, or <see cref="Transfers.BadAddress"/>.</returns>
    public static int Write(int index, nuint address, nuint byteCount, nuint timeoutTicks)
    {
        if (!Transfers.MayAccess(Scheduler.Current, address, byteCount, Paging.Access.Read))
        {
            return (int)Transfers.BadAddress;
        }

        if (s_object < 0)
        {
            return (int)byteCount; // to a port that isn't there
        }

        ulong wakeTick = WaitList.EndOf(timeoutTicks);
        nuint written = 0;
        while (true)
        {
            while (written < byteCount && s_toSend.Room is { IsEmpty: false } room)
            {
                Span<byte> piece = byteCount - written < (nuint)(uint)room.Length ? room[..(int)(byteCount - written)] : room;
                if (!Transfers.TryRead(Scheduler.Current, address + written, piece))
                {
                    return (int)Transfers.BadAddress;
                }

                s_toSend.Append((uint)piece.Length);
                written += (nuint)(uint)piece.Length;
            }

            if (!s_toSend.IsTransmitting && s_toSend.Transmit())
            {
                EnableInterrupts();
                continue; // room for as much again
            }

            bool isOver = written == byteCount || timeoutTicks == 0 || Clock.Ticks >= wakeTick;
            if (isOver || WaitList.Wait(index, wakeTick) == (int)SystemCallStatus.TimedOut)
            {
                return (int)written;
            }
        }
    }

    /// <summary>Throws away what was received and what waits to be sent: both belong to a life that is over.</summary>
    public static void Discard()
    {
        s_received.Clear();
        s_toSend.Clear();
        s_hasLineError = false;
    }

    private static int CopyReceived(nuint address, nuint byteCount)
    {
        nuint copied = 0;
        while (copied < byteCount && s_received.FilledInOnePiece is > 0 and uint filled)
        {
            uint count = byteCount - copied < filled ? (uint)(byteCount - copied) : filled;
            if (!Transfers.TryWrite(Scheduler.Current, address + copied, Bytes(s_receiveBuffer, s_received.Start, count)))
            {
                return (int)Transfers.BadAddress;
            }

            s_received.Remove(count);
            copied += count;
        }

        return (int)copied;
    }

    private static bool Receive()
    {
        int count = 0;
        while (count < ReceiveLimit && SerialPort.Second.TryReceive(out byte value, out byte errors))
        {
            count++;
            s_hasLineError |= errors != 0 || s_received.RoomInOnePiece == 0;
            if (s_received.RoomInOnePiece != 0)
            {
                Bytes(s_receiveBuffer, s_received.End, 1)[0] = value;
                s_received.Append(1);
            }
        }

        return count != 0;
    }

    private static void EnableInterrupts() => SerialPort.Second.EnableInterrupts(received: true, s_toSend.IsTransmitting);

    private static Span<byte> Bytes(nuint buffer, uint offset, uint byteCount) => KernelMemory.Bytes(buffer + offset, byteCount);
}

// The component that the wire talks to: puts bytes together to frames, hands requests on and answers back. It holds nothing that is worth an attack.

using System;
using ModbusServer.Contracts;
using ModbusServer.Protocol;
using Ringfence.Abi;
using Ringfence.App;

namespace ModbusServer.Frame;

internal static partial class Program
{
    // What a registers component that lives needs is far less.
    private const uint ReplyTimeoutTicks = 100;

    private static Buffers s_buffers;
    private static uint s_requestCount;

    [SerialPort(2, BaudRate = BuildConstants.BaudRate, Parity = SerialParity.None, StopBits = 2)]
    private static partial SerialPort Line { get; }

    [MessageQueue]
    private static partial MessageSender<Request> Requests { get; }

    [MessageQueue]
    private static partial MessageReceiver<Reply> Replies { get; }

    internal static int Main()
    {
        uint gapTicks = FrameGap.InTicks(BuildConstants.FrameGapMicroseconds, Machine.TickFrequencyHertz);
        Terminal.WriteLine($"Frame: serves unit {BuildConstants.Unit} at {BuildConstants.BaudRate} baud; {gapTicks} ticks of silence end a frame; restarts: {Machine.RestartCount}");
        while (true)
        {
            int byteCount = ReceiveFrame(gapTicks);
            Serve(s_buffers.Received[..byteCount]);
        }
    }

    // Bytes up to the next silence; 0 if there was a line error among them. A frame that is too long is as long as the buffer.
    private static int ReceiveFrame(uint gapTicks)
    {
        Span<byte> buffer = s_buffers.Received;
        int byteCount = 0;
        bool isDamaged = false;
        while (true)
        {
            // What can't be part of a frame any more is read over and over to the same place, until it ends.
            Span<byte> room = byteCount < buffer.Length ? buffer[byteCount..] : buffer[RtuFrame.MaximumByteCount..];
            bool isSilent = byteCount == 0 && !isDamaged;
            SystemCallStatus status = Line.Read(room, out int readCount, isSilent ? WaitTime.Forever : gapTicks);
            if (status == SystemCallStatus.TimedOut)
            {
                return isDamaged ? 0 : byteCount;
            }

            isDamaged |= status != SystemCallStatus.Success;
            byteCount = Math.Min(byteCount + readCount, buffer.Length);
        }
    }

    private static void Serve(ReadOnlySpan<byte> frame)
    {
        // What is damaged or meant for another unit gets no answer.
        if (!RtuFrame.TryOpen(frame, out byte unit, out ReadOnlySpan<byte> pdu) || (unit != BuildConstants.Unit && unit != RtuFrame.BroadcastUnit))
        {
            return;
        }

        int restartCount = Machine.RestartCount;
        ref Request request = ref s_buffers.Request;
        request.Sequence = ((ulong)(uint)restartCount << 32) | ++s_requestCount;
        request.RestartCount = (uint)restartCount;
        request.IsBroadcast = unit == RtuFrame.BroadcastUnit;
        request.ByteCount = (ushort)pdu.Length;
        PlantedBug.Copy(pdu, request.Pdu);
        bool isSent = Requests.Send(in request, ReplyTimeoutTicks) == SystemCallStatus.Success;
        if (!request.IsBroadcast)
        {
            Answer(pdu[0], isSent && TryReceiveReply(request.Sequence));
        }
    }

    private static bool TryReceiveReply(ulong sequence)
    {
        while (Replies.Receive(out s_buffers.Reply, ReplyTimeoutTicks) == SystemCallStatus.Success)
        {
            if (s_buffers.Reply.Sequence == sequence)
            {
                return true;
            }
        }

        return false;
    }

    private static void Answer(byte function, bool hasReply)
    {
        Span<byte> frame = s_buffers.Answer;
        Span<byte> pdu = frame[RtuFrame.PduOffset..];
        int byteCount;
        if (hasReply)
        {
            ReadOnlySpan<byte> reply = s_buffers.Reply.Pdu;
            byteCount = s_buffers.Reply.ByteCount;
            reply[..byteCount].CopyTo(pdu);
        }
        else
        {
            byteCount = RegisterServer.Refuse(function, ModbusException.ServerDeviceFailure, pdu);
        }

        Line.Write(frame[..RtuFrame.Close(frame, BuildConstants.Unit, byteCount)]);
    }
}

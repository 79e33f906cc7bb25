// Owns the registers: carries requests out, hands set points to the control loop and shows its values to clients.

using System;
using System.Threading;
using ModbusServer.Contracts;
using ModbusServer.Protocol;
using Ringfence.Abi;
using Ringfence.App;

namespace ModbusServer.Registers;

internal static partial class Program
{
    // A writer of higher priority is never seen half way. Odd for this many looks means that it ended there.
    private const int LookLimit = 8;

    // The frame component waits for replies; one that was restarted between throws this one away.
    private const uint ReplyTimeoutTicks = 20;

    private static HoldingRegisters s_holding;
    private static InputRegisters s_input;
    private static Request s_request;
    private static Reply s_reply;

    [MessageQueue(Capacity = 1)]
    private static partial MessageReceiver<Request> Requests { get; }

    [MessageQueue(Capacity = 1)]
    private static partial MessageSender<Reply> Replies { get; }

    [WritablePartition]
    private static partial ref SetPoints SetPoints { get; }

    [ReadOnlyPartition]
    private static partial ref readonly ProcessValues ProcessValues { get; }

    internal static int Main()
    {
        s_holding[HoldingRegisters.Temperature] = 215;
        s_holding[HoldingRegisters.Gain] = 20;
        PublishSetPoints();
        SystemCallStatus status;
        while ((status = Requests.Receive(out s_request)) != SystemCallStatus.PeerEnded)
        {
            // The frame component may have been restarted meanwhile: its next life will have requests.
            if (status == SystemCallStatus.Success)
            {
                Serve();
            }
        }

        // No frame component is left, and none will be started.
        return 1;
    }

    private static void Serve()
    {
        // The sender is another domain: its words are checked like the wire's.
        if (s_request.ByteCount is 0 or > PduBytes.ByteCount)
        {
            return;
        }

        RefreshInput();
        s_reply.Sequence = s_request.Sequence;
        ReadOnlySpan<byte> request = s_request.Pdu;
        s_reply.ByteCount = (ushort)new RegisterServer(s_holding, s_input).Serve(request[..s_request.ByteCount], s_reply.Pdu);
        PublishSetPoints();
        if (!s_request.IsBroadcast)
        {
            Replies.Send(in s_reply, ReplyTimeoutTicks);
        }
    }

    private static void PublishSetPoints()
    {
        ref SetPoints shared = ref SetPoints;
        Volatile.Write(ref shared.Sequence, shared.Sequence + 1);
        shared.Temperature = s_holding[HoldingRegisters.Temperature];
        shared.Gain = s_holding[HoldingRegisters.Gain];
        Volatile.Write(ref shared.Sequence, shared.Sequence + 1);
    }

    private static void RefreshInput()
    {
        s_input.SetDouble(InputRegisters.FrameRestartCount, s_request.RestartCount);
        for (int look = 0; look < LookLimit; look++)
        {
            ref readonly ProcessValues shared = ref ProcessValues;
            uint before = Volatile.Read(in shared.Sequence);
            ProcessValues values = shared;
            if (before % 2 == 0 && before == Volatile.Read(in shared.Sequence))
            {
                s_input[InputRegisters.Temperature] = values.Temperature;
                s_input[InputRegisters.Power] = values.Power;
                s_input.SetDouble(InputRegisters.RoundCount, values.RoundCount);
                s_input.SetDouble(InputRegisters.MissedRoundCount, values.MissedRoundCount);
                return;
            }
        }
    }
}

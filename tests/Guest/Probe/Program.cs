// Runs in user mode and does what the request says, right or wrong.

using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Ringfence.Abi;
using Ringfence.App;
using Ringfence.Guest.Contracts;

namespace Ringfence.Guest.Probe;

internal static unsafe partial class Program
{
    private const int InitialStatic = 0x600D;

    private static int s_initialised = InitialStatic;

    [WritablePartition]
    private static partial ref ProbeRequests Requests { get; }

    // Named so that the image has it and grants it to nobody else; the tests hand its pages out themselves.
    [WritablePartition]
    private static partial ref ScratchPages Scratch { get; }

#if NEIGHBOUR
    // For the tests to hand out, as Scratch; the neighbour's, so that a switch to the probe's own domain is a short one.
    [WritablePartition]
    private static partial ref WidePages Wide { get; }

#endif
    internal static int Main()
    {
        ref ProbeRequest request = ref Requests[(int)UserThread.Argument];
        request.Result = Run(ref request);
        Volatile.Write(ref request.IsDone, 1);
        return 0;
    }

    private static long Run(ref ProbeRequest request)
    {
        nuint operand0 = request.Operand0;
        nuint operand1 = request.Operand1;
        switch (request.Operation)
        {
            case ProbeOperation.Read:
                return Volatile.Read(ref *(byte*)operand0);
            case ProbeOperation.Write:
                Volatile.Write(ref *(byte*)operand0, (byte)operand1);
                return 0;
            case ProbeOperation.Execute:
                return ((delegate*<nuint, nint>)operand0)(operand1);
            case ProbeOperation.SystemCall:
                return Kernel.Call((SystemCall)operand0, (nint)operand1, (nint)request.Operand2, (nint)request.Operand3, (nint)request.Operand4);
            case ProbeOperation.OverflowStack:
                return Recurse(1);
            case ProbeOperation.Index:
                return "four"u8[(int)operand0];
            case ProbeOperation.Divide:
                return (int)operand0 / (int)operand1;
            case ProbeOperation.AddChecked:
                return checked((int)operand0 + (int)operand1);
            case ProbeOperation.NullReference:
                return Unsafe.AsRef<ProbeRequest>((void*)operand0).Result;
            case ProbeOperation.StaticAddress:
                return (nint)Unsafe.AsPointer(ref s_initialised);
            case ProbeOperation.LocalAddress:
                int local = 1;
                return (nint)(&local);
            case ProbeOperation.CountAndYield:
                return CountAndYield((uint*)operand0, (uint)operand1);
            case ProbeOperation.CountForever:
                while (true)
                {
                    Volatile.Write(ref *(uint*)operand0, Volatile.Read(ref *(uint*)operand0) + 1);
                }

            case ProbeOperation.ChangeStatic:
                int before = s_initialised;
                s_initialised = ~before;
                return before;
            case ProbeOperation.RunCase:
                return CoreLib.Cases.CoreLibCases.Run((int)operand0) ? 1 : 0;
            case ProbeOperation.CountNonZero:
                return CountNonZero(operand0, operand1);
            case ProbeOperation.CreateThread:
                return Kernel.Call(SystemCall.CreateThread, (nint)operand0, (nint)operand1, (nint)request.Operand2);
            case ProbeOperation.RunChild:
                return RunChild(operand0, (nint)operand1);
            case ProbeOperation.SleepMeasured:
                return SleepMeasured(operand0);
            case ProbeOperation.SleepThenWrite:
                return SleepThenWrite((byte*)operand0, (byte)operand1, request.Operand2);
            case ProbeOperation.CountAndWander:
                return CountAndWander((uint*)operand0, (uint)operand1, (uint)request.Operand2);
            case ProbeOperation.TallyAddress:
                return TallyAddress();
            case ProbeOperation.LiveAndFault:
                return LiveAndFault(operand0, (uint*)operand1, request.Operand2);
            case ProbeOperation.CallForever:
                while (true)
                {
                    Kernel.Call(SystemCall.Nothing);
                    Volatile.Write(ref *(uint*)operand0, Volatile.Read(ref *(uint*)operand0) + 1);
                }

            case ProbeOperation.SmashStack:
                return SmashStack();
            case ProbeOperation.RunPeriods:
                return RunPeriods((int)operand0, (uint)operand1, (int)request.Operand2, (uint)request.Operand3);
            case ProbeOperation.Echo:
                return Echo((uint)operand0);
            case ProbeOperation.LockAndFault:
                return LockAndFault();
            case ProbeOperation.SleepTwice:
                SleepMeasured(operand0);
                Volatile.Write(ref request.Operand2, request.Operand2 + 1);
                return SleepMeasured(operand0);
            case ProbeOperation.TakeThenWrite:
                return TakeThenWrite((byte*)operand0, (byte)operand1);
            case ProbeOperation.CountTakeGiveAndYield:
                return CountTakeGiveAndYield((uint*)operand0, (uint)operand1);
            default:
                return 0;
        }
    }

    private static long CountAndYield(uint* counter, uint limit)
    {
        for (uint count = 1; count <= limit; count++)
        {
            if (Volatile.Read(ref *counter) != count - 1)
            {
                return -1;
            }

            Volatile.Write(ref *counter, count);
            UserThread.Yield();
        }

        return limit;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth) => depth + Recurse(depth + 1) + (depth * 3);
}

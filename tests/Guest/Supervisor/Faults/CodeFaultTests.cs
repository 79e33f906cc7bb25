// The mistakes of ordinary C#: what the runtime's checks find, and what is left to the processor.

using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class CodeFaultTests
{
    private const uint Minimum = 0x8000_0000;

    [GuestTest]
    internal static void AnIndexOutOfRangeEndsTheThreadByItsName()
    {
        ExpectFailedCheck(Probe.Run(ProbeOperation.Index, 4), CoreLib.FailureReason.IndexOutOfRange);
        ExpectFailedCheck(Probe.Run(ProbeOperation.Index, unchecked((nuint)(nint)(-1))), CoreLib.FailureReason.IndexOutOfRange);
        Probe.ExpectDone(Probe.Run(ProbeOperation.Index, 3), 0, "the last index"u8);
        Expect.Equal('r', (int)Probe.Request(0).Result, "the last element"u8);
    }

    [GuestTest]
    internal static void AnArithmeticOverflowEndsTheThreadByItsName()
    {
        ExpectFailedCheck(Probe.Run(ProbeOperation.AddChecked, int.MaxValue, 1), CoreLib.FailureReason.Overflow);
        Probe.ExpectDone(Probe.Run(ProbeOperation.AddChecked, int.MaxValue - 1, 1), 0, "a sum that fits"u8);
        Expect.Equal(int.MaxValue, (int)Probe.Request(0).Result, "the sum"u8);
    }

    [GuestTest]
    internal static void ADivisionByZeroInCSharpIsADivideError() =>
        Probe.ExpectException(Probe.Run(ProbeOperation.Divide, 1, 0), ExceptionVector.DivideError, 0, "1 / 0"u8);

    [GuestTest]
    internal static void AQuotientThatDoesNotFitIsADivideError() =>
        Probe.ExpectException(Probe.Run(ProbeOperation.Divide, Minimum, uint.MaxValue), ExceptionVector.DivideError, 0, "int.MinValue / -1"u8);

    [GuestTest]
    internal static void ANullReferenceIsAPageFaultInPage0AtTheFieldsOffset()
    {
        // The field lies behind the operation and five words.
        int slot = Probe.Run(ProbeOperation.NullReference, 0);
        Probe.ExpectPageFault(slot, 6 * (nuint)nuint.Size, PageFaultCode.ReadAbsent, "a field of nothing"u8);
    }

    [GuestTest]
    internal static void AStackOverflowIsAPageFaultInTheGuardOfThatThread()
    {
        int slot = Probe.Run(ProbeOperation.OverflowStack);
        ref Thread thread = ref ThreadTable.At(slot);
        nuint stack = AddressLayout.UserStackPages(slot).First.Address.Value;
        if (Expect.True(thread.HasFaulted && thread.Fault.IsPageFault, "the thread was ended by a page fault"u8))
        {
            Expect.Equal(PageFaultCode.WriteAbsent, thread.Fault.ErrorCode, "error code"u8);
            Expect.True(thread.Fault.Address < stack && thread.Fault.Address >= stack - PageSize.ByteCount, "the address lies in the guard page"u8);
            Expect.Equal(slot, AddressLayout.FindGuard(thread.Fault.Address), "whose guard it is"u8);
        }
    }

    [GuestTest]
    internal static void AnOverrunBufferIsFoundByTheStackCookie() =>
        ExpectFailedCheck(Probe.Run(ProbeOperation.SmashStack), CoreLib.FailureReason.StackCookie);

    private static void ExpectFailedCheck(int slot, int reason)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        if (Expect.True(thread.HasFaulted && thread.Fault.Kind == FaultKind.FailedCheck, "a check failed in the thread"u8))
        {
            Expect.Equal((nuint)(uint)reason, thread.Fault.ErrorCode, "which check"u8);
            Expect.Equal(0, Probe.Request(0).IsDone, "the operation was not completed"u8);
        }
    }
}

// Runs every test, one after the other, and says on the console how each went. The host turns the lines into test results:
//   @begin NAME     @pass NAME     @fail NAME     @skip NAME: REASON     @detail TEXT (before @fail)     @end COUNT

using System.Runtime;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class GuestTestRunner
{
    [RuntimeExport("KernelModuleMain")]
    private static int Main()
    {
        int failures = 0;
        PageTableChecklistTests.LookBeforeAnyUserThread();
        for (int index = 0; index < GuestTestRegistry.Count; index++)
        {
            Say("@begin "u8, index);
            Expect.Reset();
            _ = GuestTestRegistry.Run(index);
            Probe.Reset();
            TestObjects.Reset();
            if (!Expect.HasFailed && Expect.SkipReason is { IsEmpty: false } reason)
            {
                KernelConsole.Write("@skip "u8);
                KernelConsole.Write(GuestTestRegistry.Name(index));
                KernelConsole.Write(": "u8);
                KernelConsole.WriteLine(reason);
            }
            else
            {
                failures += Expect.HasFailed ? 1 : 0;
                Say(Expect.HasFailed ? "@fail "u8 : "@pass "u8, index);
            }
        }

        KernelConsole.Write("@end "u8);
        KernelConsole.WriteDecimal(GuestTestRegistry.Count);
        KernelConsole.Write("\n"u8);
        return failures == 0 ? 0 : 1;
    }

    private static void Say(System.ReadOnlySpan<byte> what, int index)
    {
        KernelConsole.Write(what);
        KernelConsole.WriteLine(GuestTestRegistry.Name(index));
    }
}

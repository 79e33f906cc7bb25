// The order of the measurements. Every figure is a count of instructions: the image is booted with the emulator counting them.

using System.Runtime;
using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

internal static class BenchModule
{
    [RuntimeExport("KernelModuleMain")]
    private static int Main()
    {
        SwitchMeasurements.KernelToKernel();
        SwitchMeasurements.UserToKernel();
        SwitchMeasurements.UserToUserSameDomain();
        SwitchMeasurements.UserToUserOtherDomain("switch-user-user-other-domain"u8, 1, 1);
        SwitchMeasurements.UserToUserOtherDomain("switch-user-user-other-domain"u8, 4, 1);
        SwitchMeasurements.UserToUserOtherDomain("switch-user-user-other-domain"u8, 8, 1);
        SwitchMeasurements.UserToUserOtherDomain("switch-user-user-other-domain"u8, 15, 1);
        SwitchMeasurements.RingOfThreeDomains(4);
        SwitchMeasurements.RingOfThreeDomains(8);
        OperationMeasurements.SystemCalls();
        OperationMeasurements.Threads();
        OperationMeasurements.Domains();
        KernelConsole.Write("@end\n"u8);
        return 0;
    }
}

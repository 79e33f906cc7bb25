// The order of the measurements. Every figure is a count of instructions: the image is booted with the emulator counting them.

using System.Runtime;
using Ringfence.Kernel;
#if COUNT
using Ringfence.Machine;
#endif

namespace Ringfence.Bench.Supervisor;

internal static class BenchModule
{
    [RuntimeExport("KernelModuleMain")]
    private static int Main()
    {
        SwitchMeasurements.KernelToKernel();
        SwitchMeasurements.UserToKernel();
        SwitchMeasurements.UserToUserSameDomain();
        for (int pagesEach = 1; pagesEach <= 4; pagesEach += 3)
        {
            SwitchMeasurements.UserToUserOtherDomain(1, pagesEach);
            SwitchMeasurements.UserToUserOtherDomain(4, pagesEach);
            SwitchMeasurements.UserToUserOtherDomain(8, pagesEach);
            SwitchMeasurements.UserToUserOtherDomain(15, pagesEach);
        }

        // Longer ones, as far as the pages go: with two, each domain has one for itself.
        SwitchMeasurements.UserToUserOtherDomain(2, 16);
        SwitchMeasurements.UserToUserOtherDomain(1, 64);
        SwitchMeasurements.UserToUserOtherCode(4);
        SwitchMeasurements.RingOfThreeDomains(4);
        SwitchMeasurements.RingOfThreeDomains(8);
        SemaphoreMeasurements.KernelToKernel();
        SemaphoreMeasurements.UserToUserSameDomain();
        SemaphoreMeasurements.UserToUserOtherDomain(1);
        SemaphoreMeasurements.UserToUserOtherDomain(15);
        SystemCallMeasurements.All();
        ThreadMeasurements.CreateUserThread();
        ThreadMeasurements.UserThreadLife();
        ThreadMeasurements.KernelThreadLife();
        ThreadMeasurements.MoveNewUserThread();
        DomainMeasurements.AddPartition(4);
        DomainMeasurements.AddPartition(15);
        DomainMeasurements.CreateWithOnePartition();
        InterruptMeasurements.ToUserThreadOfAnotherDomain();
        ComponentMeasurements.Restart();
#if COUNT
        // Over the whole run, for whoever counts them in another way.
        KernelConsole.Write("@total "u8);
        KernelConsole.WriteDecimal(EventCounter.SinceBoot.InvalidatedPages);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(EventCounter.SinceBoot.Control3Writes);
        KernelConsole.Write("\n"u8);
#endif
        KernelConsole.Write("@end\n"u8);
        return 0;
    }
}

// User mode reaches nothing of the kernel's.

using Ringfence.Guest.Contracts;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class KernelMemoryTests
{
    [GuestTest]
    internal static void UserReadOfKernelTextFaults() =>
        Probe.ExpectPageFault(ProbeOperation.Read, ImageTable.Description.KernelTextStart, PageFaultCode.ReadDenied, "read of kernel text"u8);

    [GuestTest]
    internal static void UserWriteOfKernelTextFaults() =>
        Probe.ExpectPageFault(ProbeOperation.Write, ImageTable.Description.KernelTextStart, PageFaultCode.WriteDenied, "write of kernel text"u8);

    [GuestTest]
    internal static void UserExecutionOfKernelTextFaults() =>
        Probe.ExpectPageFault(ProbeOperation.Execute, ImageTable.Description.KernelTextStart, PageFaultCode.FetchDenied, "execution of kernel text"u8);

    [GuestTest]
    internal static void ProbeCanReadItsOwnStatics()
    {
        int slot = Probe.Run(ProbeOperation.Read, ImageTable.Component(Probe.Component).StaticsStart);
        Probe.ExpectDone(slot, 0, "read of own statics"u8);
    }
}

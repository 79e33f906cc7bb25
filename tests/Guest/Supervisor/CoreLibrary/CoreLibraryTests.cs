// The core library keeps its laws on metal as on the host: the same cases, in kernel mode and in user mode.

using System;
using Ringfence.CoreLib.Cases;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class CoreLibraryTests
{
    [GuestTest]
    internal static void EveryCaseHoldsInKernelMode()
    {
        for (int index = 0; index < CoreLibCases.Count; index++)
        {
            Expect.True(CoreLibCases.Run(index), CoreLibCases.Name(index));
        }

        Expect.True(!CoreLibCases.Run(CoreLibCases.Count), "a case that doesn't exist holds for nobody"u8);
    }

    [GuestTest]
    internal static void EveryCaseHoldsInUserMode()
    {
        for (int index = 0; index < CoreLibCases.Count; index++)
        {
            ReadOnlySpan<byte> name = CoreLibCases.Name(index);
            int slot = Probe.Run(ProbeOperation.RunCase, (nuint)(uint)index);
            Probe.ExpectDone(slot, 0, name);
            Expect.Equal(1, (int)Probe.Request(0).Result, name);
            ComponentTable.RestoreStatics(Probe.Component);
        }
    }
}

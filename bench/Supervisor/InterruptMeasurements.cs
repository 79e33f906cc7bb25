// From an interrupt to the thread that waited for it.

using Ringfence.Bench.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

internal static class InterruptMeasurements
{
    private const int RoundCount = 20;

    /// <summary>
    /// One user thread looks at the time over and over; a tick interrupts it and wakes a more important one of another domain, which looks at the time first thing. Up to the length of the
    /// first one's loop is counted with it.
    /// </summary>
    public static void ToUserThreadOfAnotherDomain()
    {
        int watchedDomain = Workers.CreateDomain();
        int wokenDomain = Workers.CreateDomain();
        int watching = Workers.Create(watchedDomain, 0, WorkKind.Watch, 0, isMeasured: false);
        int woken = Workers.Create(wokenDomain, 1, WorkKind.Wake, RoundCount, isMeasured: false, Workers.Priority - 1);
        ThreadLifecycle.Start(watching);
        ThreadLifecycle.Start(woken);
        ThreadLifecycle.Join(woken);
        Workers.Order(0).IsOver = true;
        ThreadLifecycle.Join(watching);
        Measurement.Report("interrupt-to-user-thread"u8, Parameters.None, RoundCount, Workers.Order(1).EndStamp);
        Protection.DestroyDomain(watchedDomain);
        Protection.DestroyDomain(wokenDomain);
    }
}

// What the supervisor does when a component is restarted, but for the line that it writes.

using Ringfence.Bench.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

internal static class ComponentMeasurements
{
    private const int RoundCount = 10;

    /// <summary>Its one thread is ended, what it had of kernel objects comes to rest, its statics are as in the image again, and its main thread is started.</summary>
    public static void Restart()
    {
        Workers.Order(0) = new WorkOrder { Kind = WorkKind.None };
        ComponentTable.StartMain(Workers.Component);
        for (int round = 0; round < RoundCount; round++)
        {
            Measurement.Begin();
            ComponentTable.EndThreads(Workers.Component);
            Peers.OnComponentEnded(Workers.Component, isRestarted: true);
            ComponentTable.RestoreStatics(Workers.Component);
            ComponentTable.StartMain(Workers.Component);
            Measurement.End();
        }

        ThreadTable.TryFind(ComponentTable.At(Workers.Component).MainThread, out int main);
        ThreadLifecycle.Join(main);
        Measurement.Report("component-restart"u8, Parameters.None, RoundCount);
    }
}

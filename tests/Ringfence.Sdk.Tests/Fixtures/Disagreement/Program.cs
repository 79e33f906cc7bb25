// Means other objects by the names that SoundWriter uses.

using Ringfence.App;

namespace Disagreeing;

internal static partial class Program
{
    [Semaphore(Limit = 6)]
    private static partial Semaphore Ready { get; }

    [MessageQueue]
    private static partial MessageReceiver<long> Notes { get; }

    [Semaphore]
    private static partial Semaphore Orders { get; }

    internal static int Main() => Ready.Count + Orders.Count + (int)Notes.Receive(out _);
}

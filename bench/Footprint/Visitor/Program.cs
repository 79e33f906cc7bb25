// The user thread of the footprint application: writes the page of the domain it is in, then reads the next domain's and is ended for it.

using Ringfence.App;

namespace Ringfence.Bench.Footprint;

internal static partial class Program
{
    [WritablePartition]
    private static partial ref DomainPages Pages { get; }

    internal static int Main()
    {
        int domain = (int)UserThread.Argument;
        ref DomainPage own = ref Pages[domain];
        own[0] = (byte)(domain + 1);
        ref DomainPage next = ref Pages[(domain + 1) % DomainPages.Count];
        return next[0];
    }
}

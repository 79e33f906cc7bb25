// The user thread of the domains that are measured: yields as often as it is told to, and leaves the time stamps in its domain's page.

using Ringfence.App;

namespace Ringfence.Bench.ManyDomains;

internal static partial class Program
{
    [WritablePartition]
    private static partial ref DomainPages Pages { get; }

    internal static void Main()
    {
        nuint argument = (nuint)UserThread.Argument;
        int rounds = ResidentArgument.Rounds(argument);
        ref DomainPage own = ref Pages[ResidentArgument.Index(argument)];
        ulong start = Machine.ReadTimeStamp();
        for (int round = 0; round < rounds; round++)
        {
            UserThread.Yield();
        }

        own.EndStamp = Machine.ReadTimeStamp();
        own.StartStamp = start;
    }
}

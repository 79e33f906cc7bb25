// Domains that no thread is in: their creation, and partitions added to them. They hold nothing but what is said here.

using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

internal static class DomainMeasurements
{
    private const int RoundCount = 10;

    /// <summary>A domain is created with one partition of one page.</summary>
    public static void CreateWithOnePartition()
    {
        for (int round = 0; round < RoundCount; round++)
        {
            Measurement.Begin();
            int domain = Protection.CreateDomain();
            Workers.Add(domain, Workers.Pages(0, 1));
            Measurement.End();
            Protection.DestroyDomain(domain);
        }

        Measurement.Report("domain-create-one-partition"u8, Parameters.None, RoundCount);
    }

    /// <summary>A partition of one page is added to a domain that holds <paramref name="heldCount"/> of them.</summary>
    public static void AddPartition(int heldCount)
    {
        for (int round = 0; round < RoundCount; round++)
        {
            int domain = Protection.CreateDomain();
            for (int index = 0; index < heldCount; index++)
            {
                Workers.Add(domain, Workers.Pages(2 * index, 1));
            }

            Measurement.Begin();
            Workers.Add(domain, Workers.Pages(2 * heldCount, 1));
            Measurement.End();
            Protection.DestroyDomain(domain);
        }

        Measurement.Report("partition-add-not-live"u8, new Parameters("held"u8, heldCount), RoundCount);
    }
}

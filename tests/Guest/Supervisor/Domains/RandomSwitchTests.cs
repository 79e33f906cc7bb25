// Ten thousand switches in an order that chance decides, each followed by the audit, while partitions come and go and threads move.

using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class RandomSwitchTests
{
    private const int ThreadCount = 8;
    private const int DomainCount = 4;
    private const int SwitchCount = 10_000;

    // Pages 0 to 7 hold the threads' counters and follow them from domain to domain. Page 8 is shared by all with rights that differ. The rest come and go.
    private const int SharedPage = ThreadCount;
    private const int FirstLoosePage = SharedPage + 1;
    private const int LoosePageCount = DomainCapacity.PartitionCount - TestDomain.OwnPartitionCount - ThreadCount - 1;

    private static uint s_random;
    private static Numbers s_domains;
    private static Numbers s_threads;
    private static Numbers s_domainOfThread;
    private static uint s_additions;
    private static uint s_removals;
    private static uint s_moves;

    [GuestTest]
    internal static void Rf10TenThousandRandomSwitchesAmongEightThreadsInFourDomainsObeyTheLaw()
    {
        s_random = 0x2545F491;
        s_additions = 0;
        s_removals = 0;
        s_moves = 0;
        uint audits = AuditCount;
        uint switchesBefore = Scheduler.SwitchCount;
        CreateDomains();
        for (int index = 0; index < ThreadCount; index++)
        {
            Probe.ScratchWord(index) = 0;
            s_domainOfThread[index] = index % DomainCount;
            TestDomain.AddPage(s_domains[index % DomainCount], index);

            // No thread reaches this limit before the others have had their turns.
            s_threads[index] = Probe.CreateIn(
                s_domains[index % DomainCount], Probe.Component, index, ProbeOperation.CountAndWander, Probe.ScratchAddress(index), uint.MaxValue,
                Next() | 1);
            ThreadLifecycle.Start(s_threads[index]);
        }

        int intruder = 0;
        while (Scheduler.SwitchCount - switchesBefore < SwitchCount && intruder == 0)
        {
            ThreadLifecycle.Sleep(1 + (Next() % 3));
            Disturb();
            intruder = FindEnded();
        }

        Expect.Equal(0, intruder, "threads that ended before they were told to"u8);
        ExpectAllCounted();
        for (int index = 0; index < ThreadCount; index++)
        {
            ThreadLifecycle.EndOther(s_threads[index]);
        }

        for (int index = 0; index < DomainCount; index++)
        {
            TestDomain.Destroy(s_domains[index]);
        }

        Expect.True(Scheduler.SwitchCount - switchesBefore >= SwitchCount, "switches made"u8);
        Expect.True(s_additions > 20 && s_removals > 20 && s_moves > 20, "partitions came and went and threads moved meanwhile"u8);
        Expect.True(AuditCount == 0 || AuditCount - audits >= SwitchCount / 4, "the audit looked at them"u8);
    }

#if AUDIT
    private static uint AuditCount => ReturnAudit.Count;
#else
    private static uint AuditCount => 0;
#endif

    private static void CreateDomains()
    {
        for (int index = 0; index < DomainCount; index++)
        {
            s_domains[index] = TestDomain.Create();
            TestDomain.AddPage(s_domains[index], SharedPage, (PartitionRights)(byte)(index % 3));
        }
    }

    // What the supervisor does between two runs: a partition more or less, or a thread in another domain.
    private static void Disturb()
    {
        int domain = s_domains[(int)(Next() % DomainCount)];
        int page = FirstLoosePage + (int)(Next() % LoosePageCount);
        switch (Next() % 3)
        {
            case 0:
                if (Protection.DomainAt(domain).IndexOf(TestDomain.PageOf(page).First) < 0)
                {
                    TestDomain.AddPage(domain, page, (PartitionRights)(byte)(Next() % 3));
                    s_additions++;
                }

                break;
            case 1:
                if (Protection.DomainAt(domain).IndexOf(TestDomain.PageOf(page).First) >= 0)
                {
                    TestDomain.RemovePage(domain, page);
                    s_removals++;
                }

                break;
            default:
                Move((int)(Next() % ThreadCount), (int)(Next() % DomainCount));
                break;
        }
    }

    // The counter goes with the thread: for anyone but the thread both happen at once.
    private static void Move(int index, int target)
    {
        int source = s_domainOfThread[index];
        if (source == target)
        {
            return;
        }

        TestDomain.AddPage(s_domains[target], index);
        Protection.MoveThread(s_threads[index], s_domains[target]);
        TestDomain.RemovePage(s_domains[source], index);
        s_domainOfThread[index] = target;
        s_moves++;
    }

    private static int FindEnded()
    {
        int count = 0;
        for (int index = 0; index < ThreadCount; index++)
        {
            count += ThreadTable.At(s_threads[index]).State == ThreadState.Ended ? 1 : 0;
        }

        return count;
    }

    private static void ExpectAllCounted()
    {
        for (int index = 0; index < ThreadCount; index++)
        {
            Expect.True(Probe.ScratchWord(index) > 50, "every thread counted"u8);
            Expect.Equal(0, Probe.Request(index).IsDone, "every thread found its counter as it had left it"u8);
        }
    }

    // xorshift32 (Marsaglia 2003): the same sequence in every run.
    private static uint Next()
    {
        s_random ^= s_random << 13;
        s_random ^= s_random >> 17;
        s_random ^= s_random << 5;
        return s_random;
    }

    [InlineArray(ThreadCount)]
    private struct Numbers
    {
        private int _number;
    }
}

// Ten thousand operations on domains and threads in an order that chance decides, while a timer of ever changing rate preempts: the audit compares every entry with the law at every return
// to user mode, and what the domains hold is compared with a list that is kept here.

using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class RandomOperationTests
{
    private const int OperationCount = 10_000;
    private const uint Seed = 0x9E3779B9;
    private const int ThreadCount = 6;
    private const int DomainCount = 4;

    // Page i holds thread i's counter and follows it from domain to domain. The rest come and go, up to three at once.
    private const int PageCount = ScratchPages.PageCount;
    private const int MostPages = 3;
    private const uint LeastHertz = 1_000;
    private const uint MostHertz = 10_000;

    private static uint s_random;
    private static Numbers s_domains;
    private static Numbers s_threads;
    private static Numbers s_domainOfThread;
    private static Numbers s_limitOfThread;
    private static Numbers s_counts;
    private static Held s_held;
    private static int s_dropDomain;
    private static int s_returnDomain;

    private enum Operation
    {
        Add,
        Remove,
        Move,
        MoveOnReturn,
        Create,
        Destroy,
        StartThread,
        DropThread,
        EndThread,
        KernelThread,
        Count,
    }

    [GuestTest]
    internal static void TenThousandRandomOperationsUnderATimerThatPreemptsAtRandomObeyTheLaw()
    {
        s_random = Seed;
        KernelConsole.Write("random operations: seed "u8);
        KernelConsole.WriteHexadecimal(Seed);
        KernelConsole.Write("\n"u8);
        uint switches = Scheduler.SwitchCount;
        Begin();
        for (int operation = 0; operation < OperationCount && !Expect.HasFailed; operation++)
        {
            Retire();
            Do();
            if ((Next() & 1) != 0)
            {
                // Until the next tick, whenever that is, the threads have the processor.
                IntervalTimer.Start(LeastHertz + (Next() % (MostHertz - LeastHertz)));
                ThreadLifecycle.Sleep(1);
            }
        }

        Clock.Start();
#if AUDIT
        ReturnAudit.BeforeReturn = null;
#endif
        End();
        for (int kind = 0; kind < (int)Operation.Count; kind++)
        {
            Expect.True(s_counts[kind] > 20, "each kind of operation was carried out many times"u8);
        }

        Expect.True(Scheduler.SwitchCount - switches > OperationCount, "threads were switched meanwhile"u8);
    }

    private static void Begin()
    {
        s_returnDomain = -1;
#if AUDIT
        ReturnAudit.BeforeReturn = &MoveCurrent;
#endif
        for (int index = 0; index < Numbers.Capacity; index++)
        {
            s_domains[index] = -1;
            s_threads[index] = -1;
            s_counts[index] = 0;
        }
    }

    private static void End()
    {
        Retire();
        for (int index = 0; index < ThreadCount; index++)
        {
            if (s_threads[index] >= 0)
            {
                ThreadLifecycle.EndOther(s_threads[index]);
            }
        }

        for (int index = 0; index < DomainCount; index++)
        {
            if (s_domains[index] >= 0)
            {
                TestDomain.Destroy(s_domains[index]);
            }
        }
    }

    private static void Do()
    {
        int domain = (int)(Next() % DomainCount);
        int thread = (int)(Next() % ThreadCount);
        int page = ThreadCount + (int)(Next() % (PageCount - ThreadCount));
        bool exists = s_domains[domain] >= 0;
        bool runs = s_threads[thread] >= 0;
        switch (Next() % 20)
        {
            case < 6 when exists:
                Add(domain, page, 1 + (int)(Next() % MostPages), (PartitionRights)(byte)(Next() % 3));
                break;
            case < 10 when exists && s_held[IndexOf(domain, page)].PageCount != 0:
                Remove(domain, page);
                break;
            case < 13 when exists && runs:
                Move(thread, domain);
                break;
            case 13 or 14 when exists && s_returnDomain < 0:
                s_returnDomain = domain;
                break;
            case 13 or 14 when !exists:
                Create(domain);
                break;
            case 15 when exists && !HasThreads(domain):
                TestDomain.Destroy(s_domains[domain]);
                s_domains[domain] = -1;
                s_counts[(int)Operation.Destroy]++;
                return;
            case 16 or 17 when exists && !runs:
                Start(thread, domain, isDropped: (Next() & 1) != 0);
                break;
            case 18 when runs:
                ThreadLifecycle.EndOther(s_threads[thread]);
                Forget(thread);
                s_counts[(int)Operation.EndThread]++;
                break;
            default:
                _ = KernelThreads.Run(&Trace.AddAndEnd, 0, 3);
                s_counts[(int)Operation.KernelThread]++;
                break;
        }

        if (s_domains[domain] >= 0)
        {
            ExpectAsKept(domain);
        }
    }

    private static void Create(int domain)
    {
        s_domains[domain] = TestDomain.Create();
        for (int page = 0; page < PageCount; page++)
        {
            s_held[IndexOf(domain, page)] = default;
        }

        s_counts[(int)Operation.Create]++;
    }

    // What can be refused is asked for as well: pages that are held already, and more than a domain can hold.
    private static bool Add(int domain, int page, int pageCount, PartitionRights rights)
    {
        pageCount = pageCount > PageCount - page ? PageCount - page : pageCount;
        DomainErrorCode expected = Overlaps(domain, page, pageCount) ? DomainErrorCode.OverlapsPartition
            : CountHeld(domain) + TestDomain.OwnPartitionCount == DomainCapacity.PartitionCount ? DomainErrorCode.NoFreeSlot
            : DomainErrorCode.None;
        DomainError error = TestDomain.Add(s_domains[domain], Probe.ScratchAddress(page), (nuint)(uint)pageCount * PageSize.ByteCount, rights);
        Expect.Equal((int)expected, (int)error.Code, "the answer to a partition"u8);
        if (error.IsNone)
        {
            s_held[IndexOf(domain, page)] = new Partitioned(pageCount, rights);
            s_counts[(int)Operation.Add]++;
        }

        return error.IsNone;
    }

    private static void Remove(int domain, int page)
    {
        PageRange pages = PageRange.CreateTruncated(TestDomain.PageOf(page).First, new PageCount((nuint)(uint)s_held[IndexOf(domain, page)].PageCount));
        Expect.True(Protection.RemovePartition(s_domains[domain], pages).IsNone, "a partition that is held can be removed"u8);
        s_held[IndexOf(domain, page)] = default;
        s_counts[(int)Operation.Remove]++;
    }

    // The counter goes with the thread: for anyone but the thread both happen at once.
    private static void Move(int thread, int domain)
    {
        int source = s_domainOfThread[thread];
        if (source != domain && Add(domain, thread, 1, PartitionRights.ReadWrite))
        {
            Protection.MoveThread(s_threads[thread], s_domains[domain]);
            Remove(source, thread);
            s_domainOfThread[thread] = domain;
            s_counts[(int)Operation.Move]++;
        }
    }

    // The running thread, on its way back to user mode from an interrupt or a system call: it returns without a switch.
    private static void MoveCurrent()
    {
        for (int index = 0; index < ThreadCount && s_returnDomain >= 0; index++)
        {
            if (s_threads[index] == Scheduler.Current)
            {
                if (s_domains[s_returnDomain] >= 0 && s_domainOfThread[index] != s_returnDomain)
                {
                    int moves = s_counts[(int)Operation.Move];
                    Move(index, s_returnDomain);
                    s_counts[(int)Operation.MoveOnReturn] += s_counts[(int)Operation.Move] - moves;
                }

                s_returnDomain = -1;
            }
        }
    }

    private static void Start(int thread, int domain, bool isDropped)
    {
        if (!Add(domain, thread, 1, PartitionRights.ReadWrite))
        {
            return;
        }

        Probe.ScratchWord(thread) = 0;
        uint limit = (Next() & 1) != 0 ? uint.MaxValue : 20 + (Next() % 200);
        if (isDropped)
        {
            ref ProbeRequest request = ref Probe.Request(thread);
            request = default;
            request.Operation = ProbeOperation.CountAndWander;
            request.Operand0 = Probe.ScratchAddress(thread);
            request.Operand1 = limit;
            request.Operand2 = Next() | 1;
            s_dropDomain = s_domains[domain];
            s_threads[thread] = KernelThreads.Start(&MoveAndDrop, thread, Probe.Priority);
            s_counts[(int)Operation.DropThread]++;
        }
        else
        {
            s_threads[thread] = Probe.CreateIn(
                s_domains[domain], Probe.Component, thread, ProbeOperation.CountAndWander, Probe.ScratchAddress(thread), limit, Next() | 1);
            ThreadLifecycle.Start(s_threads[thread]);
            s_counts[(int)Operation.StartThread]++;
        }

        s_limitOfThread[thread] = (int)limit;
        s_domainOfThread[thread] = domain;
        while (isDropped && !ThreadTable.At(s_threads[thread]).IsUser)
        {
            ThreadLifecycle.Sleep(1);
        }
    }

    // A thread that has counted up to its limit ends; nothing else ends one.
    private static void Retire()
    {
        for (int index = 0; index < ThreadCount; index++)
        {
            if (s_threads[index] >= 0 && ThreadTable.At(s_threads[index]).State == ThreadState.Ended)
            {
                Expect.True(!ThreadTable.At(s_threads[index]).HasFaulted, "a thread had no reason to fault"u8);
                Expect.True(Probe.Request(index).Result == (uint)s_limitOfThread[index], "a thread that ended has counted to its limit, and nobody else did"u8);
                Forget(index);
            }
        }
    }

    private static void Forget(int thread)
    {
        s_threads[thread] = -1;
        Remove(s_domainOfThread[thread], thread);
    }

    private static void ExpectAsKept(int index)
    {
        ref readonly Domain domain = ref Protection.DomainAt(s_domains[index]);
        Expect.Equal(TestDomain.OwnPartitionCount + CountHeld(index), domain.PartitionCount, "partitions of a domain"u8);
        for (int page = 0; page < PageCount; page++)
        {
            Partitioned held = s_held[IndexOf(index, page)];
            int found = domain.IndexOf(TestDomain.PageOf(page).First);
            if (held.PageCount != 0 && Expect.True(found >= 0, "a partition that was added"u8))
            {
                Expect.Equal((int)held.Rights, (int)domain[found].Rights, "its rights"u8);
                Expect.Equal((nuint)(uint)held.PageCount, domain[found].Pages.Count.Value, "its pages"u8);
            }
        }
    }

    private static bool Overlaps(int domain, int page, int pageCount)
    {
        bool overlaps = false;
        for (int first = 0; first < page + pageCount; first++)
        {
            overlaps |= first + s_held[IndexOf(domain, first)].PageCount > page && s_held[IndexOf(domain, first)].PageCount != 0;
        }

        return overlaps;
    }

    private static int CountHeld(int domain)
    {
        int count = 0;
        for (int page = 0; page < PageCount; page++)
        {
            count += s_held[IndexOf(domain, page)].PageCount == 0 ? 0 : 1;
        }

        return count;
    }

    private static bool HasThreads(int domain)
    {
        bool any = false;
        for (int index = 0; index < ThreadCount; index++)
        {
            any |= s_threads[index] >= 0 && s_domainOfThread[index] == domain;
        }

        return any;
    }

    private static void MoveAndDrop(nint request)
    {
        Protection.MoveThread(Scheduler.Current, s_dropDomain);
        ThreadLifecycle.DropToUser(Probe.Component, 0, (nuint)request);
    }

    private static int IndexOf(int domain, int page) => (domain * PageCount) + page;

    // xorshift32 (Marsaglia 2003): the same sequence in every run, whenever the timer strikes.
    private static uint Next()
    {
        s_random ^= s_random << 13;
        s_random ^= s_random >> 17;
        s_random ^= s_random << 5;
        return s_random;
    }

    /// <summary>A partition by its first page; no pages where none begins.</summary>
    private readonly struct Partitioned(int pageCount, PartitionRights rights)
    {
        public int PageCount { get; } = pageCount;

        public PartitionRights Rights { get; } = rights;
    }

    [InlineArray(DomainCount * PageCount)]
    private struct Held
    {
        private Partitioned _first;
    }

    [InlineArray(Capacity)]
    private struct Numbers
    {
        public const int Capacity = 16;

        private int _number;
    }
}

// The kernel's domains and threads in the plainest form, and the law over them: it uses no code of the library that it judges.

using System.Collections.Generic;
using System.Linq;
using Ringfence.Domains;
using Ringfence.Paging;

namespace Ringfence.Verification.Equivalence;

/// <summary>What a page of the base mapping is.</summary>
/// <param name="Rights">The base rights.</param>
/// <param name="FrameOffset">The frame, counted from the page's usual one.</param>
/// <param name="IsGrantable">Whether a partition may cover it.</param>
internal readonly record struct BasePage(LeafRights Rights, int FrameOffset, bool IsGrantable);

/// <summary>A partition of the model.</summary>
/// <param name="First">The first page.</param>
/// <param name="Count">Pages.</param>
/// <param name="Rights">The rights.</param>
internal readonly record struct ModelPartition(int First, int Count, PartitionRights Rights)
{
    /// <summary>Whether it holds a page.</summary>
    public bool Contains(int page) => page >= First && page < First + Count;
}

/// <summary>A stack of the model.</summary>
/// <param name="First">The first page.</param>
/// <param name="Count">Pages; 0 for no stack.</param>
/// <param name="Generation">Tells apart stacks that had the same pages.</param>
internal readonly record struct ModelStack(int First, int Count, uint Generation)
{
    /// <summary>Whether it holds a page.</summary>
    public bool Contains(int page) => page >= First && page < First + Count;

    /// <summary>Whether it shares a page with another.</summary>
    public bool Overlaps(ModelStack other) => First < other.First + other.Count && other.First < First + Count;
}

/// <summary>A thread of the model.</summary>
/// <param name="Domain">Its domain.</param>
/// <param name="Stack">Its stack.</param>
internal sealed record ModelThread(int Domain, ModelStack Stack);

/// <summary>Everything that the law depends on.</summary>
internal sealed class LawModel
{
    public const int DomainCount = 4;
    public const int ThreadCount = 6;
    public const int NoDomain = -1;

    /// <summary>Bits of a right in a mask: read, write, execute.</summary>
    public const int Read = 1;
    public const int Write = 2;
    public const int Execute = 4;

    private readonly bool _withholdsExecution;

    /// <summary>The base mapping as it is at first; no domain, no thread.</summary>
    /// <param name="withholdsExecution">Whether the format has an execute-disable bit.</param>
    public LawModel(bool withholdsExecution)
    {
        _withholdsExecution = withholdsExecution;
        foreach ((int first, int count, LeafRights rights, bool isGrantable) in AddressPlan.Regions)
        {
            for (int page = first; page < first + count; page++)
            {
                Base[page] = new BasePage(rights, 0, isGrantable);
            }
        }
    }

    /// <summary>The base mapping; null where nothing is mapped.</summary>
    public BasePage?[] Base { get; } = new BasePage?[AddressPlan.PageTotal];

    /// <summary>The partitions of each domain; null for one that doesn't exist.</summary>
    public List<ModelPartition>?[] Domains { get; } = new List<ModelPartition>?[DomainCount];

    /// <summary>The threads; null for one that doesn't exist.</summary>
    public ModelThread?[] Threads { get; } = new ModelThread?[ThreadCount];

    /// <summary>The domain whose rights user mode has as it is set up now.</summary>
    public int LiveDomain { get; set; } = NoDomain;

    /// <summary>The stack that user mode has as it is set up now.</summary>
    public ModelStack LiveStack { get; set; }

    /// <summary>Whether a switch was begun and another thread may not run yet.</summary>
    public bool IsBetweenThreads { get; set; }

    /// <summary>The thread that would run if user mode were entered now, or null.</summary>
    public ModelThread? LiveThread =>
        IsBetweenThreads || LiveStack.Count == 0 ? null : Threads.FirstOrDefault(thread => thread is not null && thread.Stack == LiveStack && thread.Domain == LiveDomain);

    /// <summary>What user mode may do with a page as it is set up now.</summary>
    public int UserMask(int page) => UserMask(page, LiveDomain) | (LiveStack.Contains(page) && Base[page] is not null ? StackMask : 0);

    /// <summary>What a stack allows.</summary>
    public int StackMask => Complete(Read | Write);

    /// <summary>Whether a page is in the stack of a thread of a domain.</summary>
    public bool IsStackOf(int domain, int page) => Threads.Any(thread => thread is not null && thread.Domain == domain && thread.Stack.Contains(page));

    /// <summary>What every thread of a domain may do with a page.</summary>
    public int UserMask(int page, int domain)
    {
        if (page < 0 || Base[page] is not { } known)
        {
            return 0;
        }

        if (known.Rights.IsUser)
        {
            return MaskOf(known.Rights);
        }

        int mask = 0;
        if (domain != NoDomain && Domains[domain] is { } partitions)
        {
            foreach (ModelPartition partition in partitions)
            {
                mask |= !partition.Contains(page) ? 0
                    : partition.Rights == PartitionRights.ReadWrite ? Complete(Read | Write)
                    : partition.Rights == PartitionRights.ReadExecute ? Read | Execute
                    : Complete(Read);
            }
        }

        return mask;
    }

    /// <summary>What a kernel page allows the supervisor: its base rights.</summary>
    public int SupervisorMask(int page) => Base[page] is { } known ? MaskOf(known.Rights) : 0;

    /// <summary>Whether a page can be granted now.</summary>
    public bool IsGrantable(int page) => Base[page] is { IsGrantable: true, Rights.IsUser: false };

    /// <summary>Whether some domain grants a page.</summary>
    public bool IsCovered(int page) => Domains.Any(domain => domain is not null && domain.Any(partition => partition.Contains(page)));

    private int MaskOf(LeafRights rights) => Complete(Read | (rights.IsWritable ? Write : 0) | (rights.IsExecutable ? Execute : 0));

    private int Complete(int mask) => _withholdsExecution ? mask : mask | Execute;
}

// One strategy on one format, driven by operations that name pages by number. What differs between strategies is behind their contract; only where the
// kernel itself runs is said here.

using System;
using Ringfence.Domains;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Equivalence;

/// <summary>What an operation cost.</summary>
/// <param name="EntriesWritten">Entries of tables that were written, each counted once.</param>
/// <param name="PagesFlushed">Pages flushed one by one.</param>
/// <param name="WholeFlushes">Flushes of all translations.</param>
/// <param name="RootLoads">Other roots loaded.</param>
internal readonly record struct OperationCost(int EntriesWritten, int PagesFlushed = 0, int WholeFlushes = 0, int RootLoads = 0);

/// <summary>A machine with a strategy, as the lockstep sees it.</summary>
internal abstract class LockstepWorld
{
    /// <summary>The strategy.</summary>
    public abstract string Name { get; }

    /// <summary>The first thing that went wrong in an operation, or null.</summary>
    public string? Violation { get; protected set; }

    /// <summary>What the strategy's last operation cost.</summary>
    public OperationCost LastCost { get; protected set; }

    /// <summary>The leaf entry of a page in the set of a domain's user mode, all its bits also where it maps nothing; 0 where there is no table.</summary>
    public abstract ulong UserEntry(int domain, int page);

    /// <summary>Leaves what is kept for one domain where that of another will be made: memory that was used before.</summary>
    public abstract void LeaveTables(int from, int to);

    /// <summary>The processor.</summary>
    public abstract AdversarialMmu Processor { get; }

    /// <summary>The address of a page's first byte.</summary>
    public abstract ulong AddressOf(int page);

    /// <summary>Makes a domain, or changes nothing: false when table pages are short.</summary>
    public abstract bool TryCreateDomain(int domain);

    /// <summary>Destroys a domain without threads.</summary>
    public abstract void DestroyDomain(int domain);

    /// <summary>Adds a partition that nothing stands against, or changes nothing: false when table pages are short, or it lies where the strategy grants nothing.</summary>
    public abstract bool TryAddPartition(int domain, ModelPartition partition);

    /// <summary>Removes a partition.</summary>
    public abstract void RemovePartition(int domain, ModelPartition partition);

    /// <summary>Moves a thread.</summary>
    public abstract void MoveThread(int oldDomain, int newDomain, ModelStack stack);

    /// <summary>Ends a thread.</summary>
    public abstract void EndThread(int domain, ModelStack stack);

    /// <summary>Whether the thread may run as things are.</summary>
    public abstract bool IsCurrent(int domain, ModelStack stack);

    /// <summary>Switches to a thread unless it is current.</summary>
    public abstract void SwitchTo(int domain, ModelStack stack);

    /// <summary>Goes one step of so many entries towards a thread.</summary>
    /// <returns>Whether the switch is complete.</returns>
    public abstract bool StepTo(int domain, ModelStack stack, int entryLimit);

    /// <summary>Adds pages to the base mapping, or changes nothing: false when table pages are short.</summary>
    public abstract bool TryMapBase(int first, int count, LeafRights rights, int frameOffset);

    /// <summary>Takes pages out of the base mapping.</summary>
    public abstract void UnmapBase(int first, int count);

    /// <summary>An access by the thread that runs, or by the kernel.</summary>
    public abstract void Touch(int page, int kind, bool isUser);

    /// <summary>Judges what holds whenever the kernel runs.</summary>
    public abstract void JudgeKernel(LawModel model);

    /// <summary>Returns to user mode, judges every access there, and comes back into the kernel.</summary>
    /// <param name="model">The law.</param>
    /// <param name="matrix">Receives, for each page, what user code can do.</param>
    public abstract void JudgeUser(LawModel model, Span<byte> matrix);

    /// <summary>Notes what went wrong, unless something did before.</summary>
    protected void Fail(string violation) => Violation ??= violation;
}

// The contract behind which there is one set of tables, or many: what a kernel tells, and what it may then rely on.

using System;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// How page tables are made to obey the law. A mutable value of which there is one, kept in one place, called with interrupts off or from one thread.
/// <para>Rules for the caller. A switch to a kernel thread makes no call. User mode is entered only while <see cref="IsCurrent"/> holds for the domain and stack of the thread that is entered, with every obligation returned so far
/// discharged. A partition or stack is validated before it gets here, and its pages stay mapped until the matching call below has revoked them: so no switch can fail. Where stacks are the domain's
/// (isolation by domain), they are told of as partitions are, and the stack of a thread is none.</para>
/// <para>An obligation that <see cref="FlushObligation.LoadsRoot"/> makes another set the one that user mode runs on.</para>
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
/// <typeparam name="TTables">What the strategy keeps for each domain; it lives beside the domain, and its default value stands for a domain that does not exist.</typeparam>
public interface ITableStrategy<TFormat, TMemory, TTables>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
    where TTables : struct
{
    /// <summary>Makes what a new domain without partitions needs. All or nothing.</summary>
    /// <param name="allocator">Gives table pages.</param>
    /// <param name="tables">The domain's; the default value before.</param>
    /// <param name="place">
    /// Memory of the caller's for what the strategy keeps of the domain beside tables, its own from here to the end of the domain: a root that is smaller than a page (see <see cref="AddressSpace{TFormat,TMemory}.CreateCopy"/>), or a list of
    /// leaf tables (see <see cref="LeafLinkMemory.DomainByteCount"/>). Of no meaning to a strategy that needs none.
    /// </param>
    /// <returns><see cref="PagingErrorCode.OutOfTablePages"/> with the pages needed and the pages left, or none.</returns>
    [MustUseReturnValue]
    PagingError OnDomainCreated<TAllocator>(ref TAllocator allocator, ref TTables tables, PhysicalAddress place)
        where TAllocator : struct, ITableAllocator;

    /// <summary>
    /// A domain that has no threads is about to be destroyed: what user mode can reach through it is revoked, and its table pages are given back. Call it before <see cref="Domain.Destroy"/>.
    /// </summary>
    void OnDomainDestroyed<TAllocator, TCache>(in Domain domain, ref TTables tables, ref TAllocator allocator, ref TCache cache)
        where TAllocator : struct, ITableAllocator
        where TCache : struct, ITranslationCache;

    /// <summary>Whether a thread with this domain and stack may run as things are, so that no switch is needed: a few compares.</summary>
    bool IsCurrent(in Domain domain, in TTables tables, in UserStack stack);

    /// <summary>The whole switch to a thread with this domain and stack, however long.</summary>
    FlushObligation SwitchTo(in Domain domain, ref TTables tables, in UserStack stack);

    /// <summary>
    /// Goes on towards a thread with this domain and stack, writing at most <paramref name="entryLimit"/> entries. Repeat with the thread that shall run
    /// until the step is complete; between two steps interrupts may be served, domains changed, and another thread chosen.
    /// </summary>
    /// <param name="domain">The domain of the thread.</param>
    /// <param name="tables">The domain's tables.</param>
    /// <param name="stack">The stack of the thread.</param>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    SwitchStep SwitchTo(in Domain domain, ref TTables tables, in UserStack stack, int entryLimit);

    /// <summary>A step as above that adds to an obligation which the caller keeps, so that a kernel's switch copies none. Discharge it whether or not the switch is complete.</summary>
    /// <returns>Whether the thread may run once the obligation is discharged.</returns>
    bool TrySwitchTo(in Domain domain, ref TTables tables, in UserStack stack, int entryLimit, ref FlushObligation owed);

    /// <summary>A step as above that flushes what it owes by itself, so that a kernel's switch has no obligation to fill and to read.</summary>
    /// <returns>Whether the thread may run.</returns>
    bool TrySwitchTo<TCache>(in Domain domain, ref TTables tables, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache;

    /// <summary>
    /// The switch to a thread for which everything of its domain's own is as it must be: what is left to do is the same for every such thread. A few instructions, and no entry of a leaf table is written.
    /// </summary>
    /// <param name="tables">The tables of the thread's domain.</param>
    /// <param name="thread">The thread, as it was given to <see cref="NoteReady"/>.</param>
    /// <param name="cache">What is flushed.</param>
    /// <returns>Whether the thread may run. If not, nothing was done: switch to it in another way.</returns>
    bool TryReturnTo<TCache>(ref TTables tables, nuint thread, ref TCache cache)
        where TCache : struct, ITranslationCache;

    /// <summary>
    /// A switch to a thread is complete and its obligations are discharged: <see cref="TryReturnTo"/> may know it until something changes. That its stack goes, or another one takes its place in the tables, the strategy notices by itself.
    /// </summary>
    /// <param name="tables">The tables of the thread's domain.</param>
    /// <param name="thread">A number that no other living thread with a stack of its own has, not 0; the same one for all threads that have none (isolation by domain).</param>
    void NoteReady(ref TTables tables, nuint thread);

    /// <summary>This partition was added to the domain. All or nothing: after an error the caller takes it out of the domain again, and tells nobody.</summary>
    /// <param name="allocator">Gives the tables that the domain lacks for it.</param>
    /// <param name="domain">The domain, which holds the partition.</param>
    /// <param name="tables">The domain's tables.</param>
    /// <param name="partition">The partition.</param>
    /// <returns><see cref="PagingErrorCode.OutOfTablePages"/> with the pages needed and the pages left, <see cref="PagingErrorCode.OutsideWindows"/>, or what is owed. A stack never lacks a table.</returns>
    EditResult OnPartitionAdded<TAllocator>(ref TAllocator allocator, in Domain domain, ref TTables tables, in Partition partition)
        where TAllocator : struct, ITableAllocator;

    /// <summary>This partition was removed from the domain.</summary>
    FlushObligation OnPartitionRemoved(in Domain domain, ref TTables tables, in Partition partition);

    /// <summary>
    /// A thread moved from one domain to another: if user mode as it is set up now is that thread's, it becomes the new domain's at once, so that a
    /// thread that moved itself in a system call, or was moved by an interrupt handler, returns with its new rights and no others.
    /// </summary>
    FlushObligation OnThreadMoved(in Domain oldDomain, ref TTables oldTables, in Domain newDomain, ref TTables newTables, in UserStack stack);

    /// <summary>A thread ended, or its stack is about to be used for something else: the stack is revoked wherever it is applied. Call it before the stack is cleared or freed.</summary>
    FlushObligation OnStackFreed(in Domain domain, ref TTables tables, in UserStack stack);

    /// <summary>The set on which threads of a domain run in user mode.</summary>
    AddressSpace<TFormat, TMemory> UserTables(in TTables tables);

    /// <summary>Adds pages to the base mapping, for every thread and in every set: a device, or memory that was freed at boot. All or nothing. They may be granted from then on.</summary>
    /// <param name="allocator">Gives the tables that are missing.</param>
    /// <param name="account">Whose the tables of the base set are; those of a domain's set are the domain's.</param>
    /// <param name="pages">The pages, none of them mapped.</param>
    /// <param name="firstFrame">The frame of the first page.</param>
    /// <param name="rights">The base rights.</param>
    /// <param name="domains">The tables of all domains; default values among them are passed over. A strategy that keeps none takes an empty span.</param>
    /// <returns>
    /// The errors of <see cref="AddressSpace{TFormat,TMemory}.Map"/>, the table pages counted over all sets. What is owed, is owed to the set that the kernel runs on, too: a kernel with tables of its own discharges it on the processor at
    /// once, by itself, and doesn't wait for the way back to user mode.
    /// </returns>
    EditResult MapBase<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights, Span<TTables> domains)
        where TAllocator : struct, ITableAllocator;

    /// <summary>Takes pages out of the base mapping, in every set. All or nothing. No partition and no stack covers them: what covers a page is taken back before.</summary>
    /// <param name="pages">The pages, all of them mapped.</param>
    /// <param name="domains">The tables of all domains; default values among them are passed over. A strategy that keeps none takes an empty span.</param>
    /// <returns>
    /// The errors of <see cref="AddressSpace{TFormat,TMemory}.Unmap"/>. The pages' frames are free once the obligation is discharged, on the processor and at once as that of
    /// <see cref="MapBase"/>.
    /// </returns>
    EditResult UnmapBase(PageRange pages, Span<TTables> domains);
}

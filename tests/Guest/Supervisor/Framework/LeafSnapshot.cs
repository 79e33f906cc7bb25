// All leaf entries of all sets of tables at one moment, to be compared with those of a later moment: which pages did an event change? A kernel thread takes
// no part in what is applied, so a test, in its kernel thread, sees the tables as the last user thread left them.

using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class LeafSnapshot
{
    private const int Capacity = 32768;

    /// <summary>In place of a domain: the set that was built at boot.</summary>
    private const int KernelSet = -1;

    private static Entries s_entries;

    // The image, its stacks, the kernel's view of both, and what the same tables hold beyond.
    private static int PageCount => (int)(AddressLayout.LeafTablesEnd / PageSize.ByteCount);

#if ROOT_PER_DOMAIN
    /// <summary>Whether there is a set of tables for each domain, in which what it has is applied whether it is live or not.</summary>
    public static bool HasSetForEachDomain => true;

    private static int SetEnd => Protection.DomainCapacity;
#else
    /// <summary>Whether there is a set of tables for each domain, in which what it has is applied whether it is live or not.</summary>
    public static bool HasSetForEachDomain => false;

    // The kernel's set is everybody's. Leaf tables that are linked only while their domain is live are seen then and as part of it.
    private static int SetEnd => KernelSet + 1;
#endif

    /// <summary>Whether a domain takes table pages.</summary>
    public static bool HasTablesForEachDomain =>
#if STRATEGY_COMMON
        false;
#else
        true;
#endif

    /// <summary>The entry of a page in the set that was built at boot, without what the processor sets by itself; 0 if it isn't mapped.</summary>
    public static ulong EntryOf(nuint address) => EntryOf(KernelSet, address);

    /// <summary>Whether a page is mapped in any set.</summary>
    public static bool IsMappedAnywhere(nuint address)
    {
        for (int set = KernelSet; set < SetEnd; set++)
        {
            if (Exists(set) && TablesOf(set).Translate(new VirtualAddress(address)).IsMapped)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether user mode has a right on a page in any set.</summary>
    public static bool IsUserAnywhere(nuint address)
    {
        for (int set = KernelSet; set < SetEnd; set++)
        {
            if (Exists(set) && TablesOf(set).Translate(new VirtualAddress(address)) is { IsMapped: true, Rights.IsUser: true })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a page has exactly these rights while threads of a domain run, as far as the domain is live; where execution can't be withheld, read implies it.</summary>
    public static bool HasRights(int domain, nuint address, LeafRights rights) => HasRights(Protection.UserTables(domain), address, rights);

    /// <summary>Whether a page has exactly these rights in the set that was built at boot.</summary>
    public static bool HasKernelRights(nuint address, LeafRights rights) => HasRights(KernelSpace.Tables, address, rights);

    /// <summary>Whether user mode has no right on a page while threads of a domain run, and all sets that don't leave the kernel out let the supervisor read it.</summary>
    public static bool IsRevoked(int domain, nuint address)
    {
        Translation translation = Protection.UserTables(domain).Translate(new VirtualAddress(address));
        return translation.IsMapped ? HasRights(domain, address, LeafRights.SupervisorRead) : IsKernelLeftOut;
    }

    /// <summary>Whether nothing of a domain that was destroyed while it was live is left: no set of its own is loaded, and the one that is loaded lets user mode reach none of its pages.</summary>
    public static bool IsNothingLeft(nuint address) =>
        HasKernelRights(address, LeafRights.SupervisorRead) && Processor.ReadControl3() == (nuint)KernelSpace.Tables.Root.Value;

    /// <summary>Remembers every entry of every set.</summary>
    public static void Take()
    {
        if (!Expect.True(PageCount * (SetEnd - KernelSet) <= Capacity, "the snapshot has room for every page of every set"u8))
        {
            return;
        }

        for (int set = KernelSet; set < SetEnd; set++)
        {
            for (int page = 0; page < PageCount && Exists(set); page++)
            {
                s_entries[IndexOf(set, page)] = Packed(EntryOf(set, AddressOf(page)));
            }
        }
    }

    /// <summary>Entries that differ from the remembered ones, of all sets together. No domain was created or destroyed meanwhile.</summary>
    public static int ChangeCount
    {
        get
        {
            int count = 0;
            for (int set = KernelSet; set < SetEnd; set++)
            {
                for (int page = 0; page < PageCount && Exists(set); page++)
                {
                    count += s_entries[IndexOf(set, page)] != Packed(EntryOf(set, AddressOf(page))) ? 1 : 0;
                }
            }

            return count;
        }
    }

    /// <summary>Whether the entry of a page differs from the remembered one in any set.</summary>
    public static bool IsChanged(nuint address)
    {
        for (int set = KernelSet; set < SetEnd; set++)
        {
            if (Exists(set) && s_entries[IndexOf(set, (int)(address / PageSize.ByteCount))] != Packed(EntryOf(set, address)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Checks that a switch between two threads of different domains has changed what it must and no more. With one set, exactly the pages whose rights differ; with a set for each
    /// domain, in which all but the stack is applied already, exactly the stack of the thread, which never ran before.
    /// </summary>
    /// <returns>The number of pages.</returns>
    public static int ExpectExactlyTheDifference(int fromSlot, int toSlot, System.ReadOnlySpan<byte> what)
    {
        int count = 0;
        for (int page = 0; page < PageCount; page++)
        {
            nuint address = AddressOf(page);
            bool differs = HasSetForEachDomain
                ? AddressLayout.UserStackPages(toSlot).Contains(new VirtualAddress(address).Page)
                : LawfulRights(fromSlot, address) != LawfulRights(toSlot, address);
            count += differs ? 1 : 0;
            if (differs != IsChanged(address))
            {
                Expect.True(false, what);
                Expect.Equal(0, address, "the page is"u8);
            }
        }

        return count;
    }

    /// <summary>The rights that the law demands on a page while a thread runs.</summary>
    public static LeafRights LawfulRights(int slot, nuint address)
    {
        UserStack stack = Protection.StackOf(slot);
        Law.TryGetRights<PagingFormat>(
            in Protection.DomainAt(ThreadTable.At(slot).Domain), in stack, AddressLayout.BaseMapping, new VirtualAddress(address).Page,
            out LeafRights rights, out _);
        return rights;
    }

    // Whether the sets of domains hold nothing of the kernel's but what entry and exit need.
#if KPTI
    private static bool IsKernelLeftOut => true;
#else
    private static bool IsKernelLeftOut => false;
#endif

    private static bool Exists(int set) => set == KernelSet || Protection.DomainAt(set).Exists;

    private static AddressSpace<PagingFormat, IdentityTableMemory> TablesOf(int set) => set == KernelSet ? KernelSpace.Tables : Protection.UserTables(set);

    private static ulong EntryOf(int set, nuint address) =>
        TablesOf(set).Translate(new VirtualAddress(address)).Entry & ~(EntryBits.Accessed | EntryBits.Dirty);

    private static bool HasRights(AddressSpace<PagingFormat, IdentityTableMemory> tables, nuint address, LeafRights rights)
    {
        LeafRights expected = FormatGeometry<PagingFormat>.HasExecuteDisable || rights.IsWritable ? rights
            : rights.IsUser ? LeafRights.UserReadExecute : LeafRights.SupervisorReadExecute;
        Translation translation = tables.Translate(new VirtualAddress(address));
        return translation.IsMapped && translation.Rights == expected;
    }

    // An entry in 32 bits, without loss in a machine of less than 2 GiB: the lower 12, the frame, and execute-disable at the top.
    private static uint Packed(ulong entry) => (uint)(entry & 0x7FFF_FFFF) | ((uint)(entry >> 32) & 0x8000_0000);

    private static int IndexOf(int set, int page) => ((set - KernelSet) * PageCount) + page;

    private static nuint AddressOf(int page) => (nuint)(uint)page * PageSize.ByteCount;

    [InlineArray(Capacity)]
    private struct Entries
    {
        private uint _entry;
    }
}

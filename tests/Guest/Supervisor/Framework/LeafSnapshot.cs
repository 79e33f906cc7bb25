// All leaf entries at one moment, to be compared with those of a later moment: which pages did an event change? A kernel thread takes
// no part in what is applied, so a test, in its kernel thread, sees the tables as the last user thread left them.

using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class LeafSnapshot
{
    private const int Capacity = 4096;

    private static Entries s_entries;

    // The image, its stacks, the kernel's view of both, and what the same tables hold beyond.
    private static int PageCount => (int)(AddressLayout.LeafTablesEnd / PageSize.ByteCount);

    /// <summary>The entry of a page without what the processor sets by itself; 0 if it isn't mapped.</summary>
    public static ulong EntryOf(nuint address) =>
        KernelSpace.Tables.Translate(new VirtualAddress(address)).Entry & ~(EntryBits.Accessed | EntryBits.Dirty);

    /// <summary>Whether the live entry of a page has exactly these rights; where execution can't be withheld, read implies it.</summary>
    public static bool HasRights(nuint address, LeafRights rights)
    {
        LeafRights expected = FormatGeometry<PagingFormat>.HasExecuteDisable || rights.IsWritable ? rights
            : rights.IsUser ? LeafRights.UserReadExecute : LeafRights.SupervisorReadExecute;
        return KernelSpace.Tables.Translate(new VirtualAddress(address)).Rights == expected;
    }

    /// <summary>Remembers every entry.</summary>
    public static void Take()
    {
        if (!Expect.True(PageCount <= Capacity, "the snapshot has room for every page"u8))
        {
            return;
        }

        for (int page = 0; page < PageCount; page++)
        {
            s_entries[page] = EntryOf(AddressOf(page));
        }
    }

    /// <summary>Pages whose entries differ from the remembered ones.</summary>
    public static int ChangeCount
    {
        get
        {
            int count = 0;
            for (int page = 0; page < PageCount; page++)
            {
                count += IsChanged(AddressOf(page)) ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>Whether the entry of a page differs from the remembered one.</summary>
    public static bool IsChanged(nuint address) => s_entries[(int)(address / PageSize.ByteCount)] != EntryOf(address);

    /// <summary>Checks that the pages changed since the snapshot are exactly those whose rights differ between two threads, and returns their number.</summary>
    public static int ExpectExactlyTheDifference(int fromSlot, int toSlot, System.ReadOnlySpan<byte> what)
    {
        int count = 0;
        for (int page = 0; page < PageCount; page++)
        {
            nuint address = AddressOf(page);
            bool differs = LawfulRights(fromSlot, address) != LawfulRights(toSlot, address);
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

    private static nuint AddressOf(int page) => (nuint)(uint)page * PageSize.ByteCount;

    [InlineArray(Capacity)]
    private struct Entries
    {
        private ulong _entry;
    }
}

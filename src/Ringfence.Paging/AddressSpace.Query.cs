// Asking the tables: what an address is, who may touch it, what a window holds, what the tables themselves cost.

namespace Ringfence.Paging;

/// <content>Queries; none of them writes.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>Looks an address up.</summary>
    public Translation Translate(VirtualAddress address)
    {
        if (!CanonicalPages.Contains<TFormat>(address))
        {
            return new Translation(TFormat.LevelCount);
        }

        if (FindLeafTable(address.Page, out LeafTable leafTable) != WalkOutcome.Found)
        {
            return new Translation(leafTable.Level);
        }

        ulong entry = TFormat.ReadEntry(_memory, leafTable.Address, TFormat.Level(0).IndexOf(address.Page));
        return (entry & EntryBits.Present) == 0 ? new Translation(0) : Describe(entry);
    }

    /// <summary>
    /// Whether the processor would allow the access by these tables alone, without any cached translation; and if not, which bit of which level denies it.
    /// Upper levels take part: a right exists only where every level gives it.
    /// </summary>
    public AccessDecision EffectiveRights(VirtualAddress address, Access access, Privilege privilege, ProcessorControls controls)
    {
        if (!CanonicalPages.Contains<TFormat>(address))
        {
            return new AccessDecision(DenyingBit.NonCanonical, TFormat.LevelCount);
        }

        PhysicalAddress table = Root;
        AccessDecision denial = default;
        bool isUserPage = true;
        for (int level = TFormat.LevelCount - 1; level >= 0; level--)
        {
            PagingLevel row = TFormat.Level(level);
            ulong entry = TFormat.ReadEntry(_memory, table, row.IndexOf(address.Page));
            if ((entry & EntryBits.Present) == 0)
            {
                return new AccessDecision(DenyingBit.Present, level);
            }

            // Where an entry's rights bits are reserved (the directory pointers of PAE), the level neither gives nor takes.
            bool hasRights = level == 0 || (row.LinkBits & EntryBits.User) != 0;
            if (hasRights)
            {
                isUserPage &= (entry & EntryBits.User) != 0;
                if (denial.IsAllowed)
                {
                    denial = new AccessDecision(DenyingBitOf(entry, access, privilege, controls), level);
                }
            }

            if ((entry & row.LargeLeafBit) != 0)
            {
                break;
            }

            table = new PhysicalAddress(entry & TFormat.AddressMask);
        }

        if (denial.IsAllowed && privilege == Privilege.Supervisor && isUserPage)
        {
            if (access == Access.Execute)
            {
                return new AccessDecision(
                    controls.SupervisorExecutionPrevention ? DenyingBit.SupervisorExecutionPrevention : DenyingBit.None, 0);
            }

            bool prevented = controls.SupervisorAccessPrevention && !controls.AlignmentCheckFlag;
            return new AccessDecision(prevented ? DenyingBit.SupervisorAccessPrevention : DenyingBit.None, 0);
        }

        return denial;
    }

    /// <summary>
    /// The longest run of equal mapping that starts with the first page of <paramref name="window"/> and stays in it. False when the window is empty.
    /// A large page counts as not mapped.
    /// </summary>
    public bool TryGetRun(PageRange window, out MappingRun run)
    {
        run = default;
        if (window.IsEmpty || !CanonicalPages.Contains<TFormat>(window))
        {
            return false;
        }

        ulong expected = 0;
        ulong firstEntry = 0;
        nuint length = 0;
        while (length < window.Count.Value)
        {
            PageNumber page = window.First + new PageCount(length);
            nuint rest = window.Count.Value - length;
            bool hasTable = FindLeafTable(page, out LeafTable leafTable) == WalkOutcome.Found;
            nuint span = PagesWithinEntry(page, hasTable ? 1 : leafTable.Level, rest);
            if (!hasTable)
            {
                if (length != 0 && (firstEntry & EntryBits.Present) != 0)
                {
                    break;
                }

                length += span;
                continue;
            }

            int index = TFormat.Level(0).IndexOf(page);
            nuint matched = 0;
            for (; matched < span; matched++)
            {
                ulong entry = ReadForComparison(leafTable.Address, index + (int)matched);
                if (length == 0 && matched == 0)
                {
                    firstEntry = entry;
                    expected = entry;
                }

                if (entry != expected)
                {
                    break;
                }

                expected += entry == 0 ? 0 : PageSize.ByteCount;
            }

            length += matched;
            if (matched != span)
            {
                break;
            }
        }

        PageRange range = PageRange.CreateTruncated(window.First, new PageCount(length));
        if ((firstEntry & EntryBits.Present) == 0)
        {
            run = new MappingRun(range, false, default, default, default, 0);
            return true;
        }

        Translation first = Describe(firstEntry);
        run = new MappingRun(range, true, first.Frame, first.Rights, first.BaseRights, firstEntry);
        return true;
    }

    /// <summary>Shows every table of the set, the root first, each before the tables below it.</summary>
    public void VisitTables<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ITableVisitor =>
        VisitTables(ref visitor, Root, TFormat.LevelCount - 1);

    /// <summary>How much memory the tables of the set take.</summary>
    public TableUsage CountTables()
    {
        TableCounter counter = default;
        VisitTables(ref counter);
        bool rootIsPage = TFormat.RootByteCount == (int)PageSize.ByteCount;
        PageCount pages = new(counter.TablesBelowRoot + (rootIsPage ? 1u : 0u));
        return new TableUsage(pages, pages.ByteCount + (rootIsPage ? 0 : (ulong)TFormat.RootByteCount));
    }

    private void VisitTables<TVisitor>(ref TVisitor visitor, PhysicalAddress table, int level)
        where TVisitor : struct, ITableVisitor
    {
        // Recursion is as deep as the format has levels: four at most.
        visitor.Visit(table, level);
        if (level == 0)
        {
            return;
        }

        PagingLevel row = TFormat.Level(level);
        for (int index = 0; index < row.EntryCount; index++)
        {
            ulong entry = TFormat.ReadEntry(_memory, table, index);
            if ((entry & EntryBits.Present) != 0 && (entry & row.LargeLeafBit) == 0)
            {
                VisitTables(ref visitor, new PhysicalAddress(entry & TFormat.AddressMask), level - 1);
            }
        }
    }

    private ulong ReadForComparison(PhysicalAddress table, int index)
    {
        // What the processor sets on its own doesn't make two mappings different; a not-present entry is like any other.
        ulong entry = TFormat.ReadEntry(_memory, table, index);
        return (entry & EntryBits.Present) == 0 ? 0 : entry & ~(EntryBits.Accessed | EntryBits.Dirty);
    }

    private static Translation Describe(ulong entry) => new(
        new PhysicalAddress(entry & TFormat.AddressMask).Frame,
        EntryRights.DecodeLive<TFormat>(entry),
        EntryRights.DecodeBase(entry),
        entry);

    private static DenyingBit DenyingBitOf(ulong entry, Access access, Privilege privilege, ProcessorControls controls)
    {
        if (privilege == Privilege.User && (entry & EntryBits.User) == 0)
        {
            return DenyingBit.User;
        }

        if (access == Access.Write && (entry & EntryBits.Writable) == 0 && (privilege == Privilege.User || controls.WriteProtect))
        {
            return DenyingBit.Writable;
        }

        bool executeDisabled = controls.NoExecuteEnable && (entry & TFormat.ExecuteDisableBit) != 0;
        return access == Access.Execute && executeDisabled ? DenyingBit.ExecuteDisable : DenyingBit.None;
    }

    private struct TableCounter : ITableVisitor
    {
        public uint TablesBelowRoot;

        public void Visit(PhysicalAddress table, int level) => TablesBelowRoot += level == TFormat.LevelCount - 1 ? 0u : 1u;
    }
}

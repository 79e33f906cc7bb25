// Asking the tables about one address: what is there, and who may touch it and why not.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <content>Queries of one address; none of them writes.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>Looks an address up.</summary>
    public Translation Translate(VirtualAddress address)
    {
        if (!FormatGeometry<TFormat>.Contains(address))
        {
            return new Translation(TFormat.LevelCount);
        }

        LeafPlace place = FindPlace(address.Page);
        PageTableEntry<TFormat> entry = ReadEntry(place.Table, place.Level, address.Page);
        if (!entry.TryGetLeaf(out FrameNumber firstFrame, out LeafRights rights, out LeafRights baseRights))
        {
            return new Translation(place.Level);
        }

        PageCount offset = new(address.Page.Value & (TFormat.Level(place.Level).EntrySpan.Value - 1));
        return new Translation(firstFrame + offset, rights, baseRights, entry.Bits, place.Level);
    }

    /// <summary>
    /// Whether the processor would allow the access by these tables alone, without any cached translation; and if not, which bit of which level denies it.
    /// Upper levels take part: a right exists only where every level gives it. What ends a walk, an absent entry or a reserved bit, comes before what the rights deny (Intel SDM vol. 3A 4.6, 4.7).
    /// </summary>
    // Inlined where it is called, which is rarely more than once: most callers ask with constant controls, and then need half of it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AccessDecision EffectiveRights(VirtualAddress address, Access access, Privilege privilege, ProcessorControls controls)
    {
        if (!FormatGeometry<TFormat>.Contains(address))
        {
            return new AccessDecision(DenyingBit.NonCanonical, TFormat.LevelCount);
        }

        PhysicalAddress table = Root;
        AccessDecision denial = default;
        bool isUserPage = true;
        int level = FormatGeometry<TFormat>.RootLevel;
        while (true)
        {
            PageTableEntry<TFormat> entry = ReadEntry(table, level, address.Page);
            if (entry.Kind == EntryKind.Absent)
            {
                return new AccessDecision(DenyingBit.Present, level);
            }

            // An entry that is held in a register was checked when it was loaded, and what memory holds now takes no part (4.4.1). QEMU sets A there, which is reserved.
            if (!IsHeldInRegister(level) && entry.ReservedBitsSet(controls) != 0)
            {
                return new AccessDecision(DenyingBit.Reserved, level);
            }

            // Where an entry's rights bits are reserved (the directory pointers of PAE), the level neither gives nor takes.
            bool isLeaf = entry.Kind == EntryKind.Leaf;
            if (isLeaf || TFormat.Level(level).LinksHaveRights)
            {
                isUserPage &= (entry.Bits & EntryBits.User) != 0;
                if (denial.IsAllowed)
                {
                    denial = new AccessDecision(DenyingBitOf(entry.Bits, access, privilege, controls), level);
                }
            }

            if (isLeaf)
            {
                break;
            }

            table = new PhysicalAddress(entry.Bits & TFormat.TableAddressMask);
            level--;
        }

        return denial.IsAllowed && privilege == Privilege.Supervisor && isUserPage
            ? new AccessDecision(PreventingBitOf(access, controls), level)
            : denial;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

        // With NXE off a set XD is a reserved bit and never gets here.
        return access == Access.Execute && (entry & TFormat.ExecuteDisableBit) != 0 ? DenyingBit.ExecuteDisable : DenyingBit.None;
    }

    /// <summary>What keeps the supervisor from a page of user mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyingBit PreventingBitOf(Access access, ProcessorControls controls)
    {
        if (access == Access.Execute)
        {
            return controls.SupervisorExecutionPrevention ? DenyingBit.SupervisorExecutionPrevention : DenyingBit.None;
        }

        return controls.SupervisorAccessPrevention && !controls.AlignmentCheckFlag ? DenyingBit.SupervisorAccessPrevention : DenyingBit.None;
    }
}

// A processor's translation caches as unhelpful as the manual permits. Its state is not one content of the caches but the set of everything that any permitted
// behaviour may have in them at this instant, so that one run of a program covers every schedule of walks, speculative ones included.
//
// What may be added (the closure, kept true after every step): from CR3, the PDPTE registers and every upper entry held for the current PCID, whatever the entries
// of its table give at this instant. Why this is all:
// - A walk reads from the top down, each level at an instant of its own, and needs an upper entry to know where the lower one is. So it combines an upper entry
//   with a lower one read at the same instant or later. Everything upper that was read stays in the set until a flush, and at every store the changed entry is
//   combined with all that lead to it: an old upper entry with a new lower one is in the set. An old lower entry is in the set with the upper entries above it that
//   were held while it was in memory; it can't get under an upper entry that came later, since a cached lower entry carries the rights of the upper ones it was
//   read through (4.10.2.2, 4.10.3.1) and is used without reading those.
// - A store that waits in a store buffer while a walk goes on is the same as that walk a little earlier; every instruction that flushes drains the buffer first.
// - A large page cached in pieces gives what it gives cached whole: flushes and faults drop all pieces, as they would drop the whole (4.10.4.1). It is held whole.
// - Nothing is held through an entry with P = 0 or a reserved bit set (4.10.2.3, 4.10.3.1).
//
// What is removed is only what must go (4.10.4.1), and what the tables still give is back at once. The section numbers are those of the Intel SDM, vol. 3A.

using System;
using System.Collections.Generic;

namespace Ringfence.Simulator;

/// <summary>The type operand of INVPCID.</summary>
public enum ContextInvalidation
{
    /// <summary>Type 0: one address of one context, global translations excepted.</summary>
    Address = 0,

    /// <summary>Type 1: one context, global translations excepted.</summary>
    Context = 1,

    /// <summary>Type 2: everything.</summary>
    AllWithGlobal = 2,

    /// <summary>Type 3: all contexts, global translations excepted.</summary>
    All = 3,
}

/// <summary>The set of all TLB and paging-structure-cache entries that a processor may hold while software uses its memory and its instructions.</summary>
public sealed partial class AdversarialCache
{
    private const ulong KeepsTranslations = 1ul << 63;
    private const ulong ContextMask = 0xFFF;

    private readonly HeldEntrySet _held;
    private readonly FrameUses[] _frameUses;
    private TableReader _reader;
    private HeldEntry[] _roots = [];

    /// <summary>A processor that holds nothing yet and from now on watches this memory, which must be one stretch. Nothing is translated until <see cref="WriteCr3"/>.</summary>
    public AdversarialCache(PhysicalMemory memory, TableGeometry geometry, ProcessorSettings settings)
        : this(memory, geometry, settings, new HeldEntrySet(), new FrameUses[(memory.ByteCount + 0xFFF) >> 12])
    {
    }

    private AdversarialCache(
        PhysicalMemory memory, TableGeometry geometry, ProcessorSettings settings, HeldEntrySet held, FrameUses[] frameUses)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(memory.IsOneStretch, false, nameof(memory));
        Memory = memory;
        Geometry = geometry;
        Settings = settings;
        _held = held;
        _frameUses = frameUses;
        _reader = new TableReader(memory, geometry, settings);
        memory.Stored += OnStored;
        memory.LockedRead += OnLockedRead;
        memory.AccessedOrDirtySet += FillThrough;
    }

    /// <summary>The memory that it walks.</summary>
    public PhysicalMemory Memory { get; }

    /// <summary>The shape of the tables.</summary>
    public TableGeometry Geometry { get; }

    /// <summary>Control bits, changed by <see cref="WriteControlBits"/>.</summary>
    public ProcessorSettings Settings { get; private set; }

    /// <summary>CR3, bit 63 of the operand left out.</summary>
    public ulong Cr3 { get; private set; }

    /// <summary>The current PCID: 0 without CR4.PCIDE.</summary>
    public int ProcessContext { get; private set; }

    /// <summary>Entries held, translations and upper entries: a measure of work, since the same translation may be held in several ways.</summary>
    public int HeldCount => _held.Count;

    /// <summary>
    /// MOV to CR3. Drops the translations and upper entries of the context it names, global ones excepted; with CR4.PCIDE and bit 63 set, nothing. In PAE mode it
    /// loads the registers.
    /// </summary>
    /// <returns>False for a general-protection fault, which changes nothing: a reserved bit of the operand or of a directory-pointer entry is set.</returns>
    public bool WriteCr3(ulong value)
    {
        bool hasContexts = Settings.ProcessContextIdentifiersEnable;
        bool keepsTranslations = hasContexts && (value & KeepsTranslations) != 0;
        ulong cr3 = keepsTranslations ? value & ~KeepsTranslations : value;
        if (cr3 >> (Geometry.HasCanonicalAddresses ? Settings.PhysicalAddressBits : 32) != 0 || !TryLoadRoots(cr3, out HeldEntry[] roots))
        {
            return false;
        }

        int context = hasContexts ? (int)(cr3 & ContextMask) : 0;
        bool isSameContext = _roots.Length != 0 && context == ProcessContext;
        Enter(cr3, context, roots);
        if (!keepsTranslations)
        {
            Forget(FlushScope.OfContext(context));
        }

        Complete(includingHeld: !isSameContext);
        return true;
    }

    /// <summary>MOV to CR0, CR4 or IA32_EFER: drops what the changed bits make it drop, and in PAE mode loads the registers where the manual says so.</summary>
    /// <returns>False for a general-protection fault, which changes nothing: PCIDE is set while bits 11:0 of CR3 aren't 0, or a directory-pointer entry is invalid.</returns>
    public bool WriteControlBits(ProcessorSettings settings)
    {
        bool startsContexts = settings.ProcessContextIdentifiersEnable && !Settings.ProcessContextIdentifiersEnable;
        bool endsContexts = !settings.ProcessContextIdentifiersEnable && Settings.ProcessContextIdentifiersEnable;
        bool changesGlobal = settings.PageGlobalEnable != Settings.PageGlobalEnable;
        bool startsPrevention = settings.SupervisorExecutionPrevention && !Settings.SupervisorExecutionPrevention;
        bool loadsRegisters = changesGlobal
            || settings.PageSizeExtensions != Settings.PageSizeExtensions
            || settings.SupervisorExecutionPrevention != Settings.SupervisorExecutionPrevention;
        if (startsContexts && (Cr3 & ContextMask) != 0)
        {
            return false;
        }

        HeldEntry[] roots = _roots;
        if (loadsRegisters && roots.Length != 0 && !TryLoadRoots(Cr3, out roots))
        {
            return false;
        }

        Settings = settings;
        _reader = new TableReader(Memory, Geometry, settings);
        if (changesGlobal || endsContexts)
        {
            _held.Clear();
        }
        else if (startsPrevention)
        {
            Forget(FlushScope.OfContext(ProcessContext));
        }

        Enter(Cr3, endsContexts ? 0 : ProcessContext, roots);
        Complete(includingHeld: true);
        return true;
    }

    /// <summary>INVLPG: drops the translations of the address, global or not, whatever the size of the page, and all upper entries of the current context.</summary>
    public void InvalidatePage(ulong linear)
    {
        if (Geometry.TryStrip(linear, out ulong stripped))
        {
            Forget(FlushScope.OfPage(ProcessContext, stripped));
        }
    }

    /// <summary>INVPCID.</summary>
    public void InvalidateContext(ContextInvalidation type, int context, ulong linear)
    {
        switch (type)
        {
            case ContextInvalidation.Address when Geometry.TryStrip(linear, out ulong stripped):
                Forget(FlushScope.OfAddressInContext(context, stripped));
                break;
            case ContextInvalidation.Context:
                Forget(FlushScope.OfContext(context));
                break;
            case ContextInvalidation.AllWithGlobal:
                Forget(FlushScope.Everything);
                break;
            case ContextInvalidation.All:
                Forget(FlushScope.EverythingButGlobal);
                break;
            default:
                throw new ArgumentException("not a canonical address", nameof(linear));
        }
    }

    /// <summary>A page fault: drops the translations of the address and the upper entries that would be used for it.</summary>
    public void TakePageFault(ulong linear)
    {
        if (Geometry.TryStrip(linear, out ulong stripped))
        {
            Forget(FlushScope.OfFault(ProcessContext, stripped));
        }
    }

    /// <summary>
    /// An access by an instruction, as the tables are now: sets A of the entries passed, and D. If it faults whatever is held, it drops what a page fault drops.
    /// </summary>
    /// <returns>Whether the tables allow it.</returns>
    public bool Access(MemoryAccess access)
    {
        if (!Geometry.TryStrip(access.Address, out ulong linear) || !TryFindRoot(linear, out HeldEntry entry))
        {
            return false;
        }

        EntryKind kind = EntryKind.Table;
        while (kind == EntryKind.Table)
        {
            HeldEntry upper = entry;
            ulong address = _reader.EntryAddress(in upper, linear);
            kind = _reader.WalkTo(in upper, linear, upper.Level - 1, out entry);
            bool succeeds = kind == EntryKind.Page && ToTranslation(in entry, linear).Allows(access, Settings);
            if (kind == EntryKind.Table || succeeds)
            {
                bool isWrite = succeeds && access.Kind == AccessKind.Write;
                Memory.SetBitsByProcessor(address, TableReader.AccessedBit | (isWrite ? TableReader.DirtyBit : 0));
            }

            if (succeeds)
            {
                return true;
            }
        }

        if (!MaySucceed(access))
        {
            TakePageFault(access.Address);
        }

        return false;
    }

    private void Enter(ulong cr3, int context, HeldEntry[] roots)
    {
        Cr3 = cr3;
        ProcessContext = context;
        _roots = roots;
        for (int index = 0; index < roots.Length; index++)
        {
            roots[index].Context = (ushort)context;
            MarkTable(roots[index].Target);
        }
    }

    /// <summary>What stands above the highest tables: CR3, or in PAE mode the registers whose P is set. Neither is a cache; no flush touches them.</summary>
    private bool TryLoadRoots(ulong cr3, out HeldEntry[] roots)
    {
        byte level = (byte)(Geometry.Levels.Length + 1);
        const HeldTraits AllRights = HeldTraits.Writable | HeldTraits.User;
        if (Geometry.RegisterCount == 0)
        {
            roots = [new HeldEntry { Level = level, Target = cr3 & Geometry.FrameMask, Traits = AllRights }];
            return true;
        }

        // 4.4.1: bits 2:1 and 8:5 are reserved, and all from the physical-address width up.
        ulong reserved = 0x1E6 | ~((1ul << Settings.PhysicalAddressBits) - 1);
        List<HeldEntry> present = [];
        roots = [];
        for (int index = 0; index < Geometry.RegisterCount; index++)
        {
            ulong register = Memory.Read64((cr3 & 0xFFFF_FFE0) + (ulong)(index * 8));
            if ((register & 1) != 0 && (register & reserved) != 0)
            {
                return false;
            }

            // A register with P = 0 leads nowhere: to a table beyond all memory.
            ulong target = (register & 1) != 0 ? register & Geometry.FrameMask : ulong.MaxValue << 12;
            ulong linear = (ulong)index << (Geometry.LinearBitCount - 2);
            present.Add(new HeldEntry { Linear = linear, Level = level, Target = target, Traits = AllRights });
        }

        roots = [.. present];
        return true;
    }

    private bool TryFindRoot(ulong linear, out HeldEntry root)
    {
        int index = _roots.Length > 1 ? (int)(linear >> (Geometry.LinearBitCount - 2)) : 0;
        root = _roots.Length != 0 ? _roots[index] : default;
        return _roots.Length != 0;
    }
}

// The judgement after every step: the tables say what the model says, tables and accounts are counted exactly, and nothing that the processor may hold breaks the law.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Randomised;

/// <content>Judgement.</content>
internal sealed partial class EditMachine<TFormat>
{
    private const ulong PageSizeBit = 0x80;
    private const ulong SharedBit = 0x200;
    private const ulong AccessedBit = 0x20;
    private const ulong DirtyBit = 0x40;

    private readonly HashSet<ulong> _tablesInUse = [];

    /// <summary>The counts that an edit may not touch when it is refused. Nor may it store anything.</summary>
    private readonly record struct Snapshot(PageCount InUse, PageCount Available, PageCount First, PageCount Second)
    {
        public string? Complain(EditMachine<TFormat> machine) =>
            machine._watch.Written.Count == 0 && this == machine.CountPages() ? null : "an edit that was refused changed something";
    }

    private Snapshot TakeSnapshot()
    {
        _watch.Written.Clear();
        return CountPages();
    }

    private Snapshot CountPages() => new(_pool.InUse, _pool.Available, _firstAccount.InUse, _secondAccount.InUse);

    private string? Judge()
    {
        _tablesInUse.Clear();
        for (int set = 0; set < SetCount; set++)
        {
            Counts counts = default;
            string? complaint = JudgeTable(set, Tables(set).Root.Value, RootLevel, 0, ref counts);
            complaint ??= counts.Leaves != _models[set].Leaves.Count || counts.Tables != _models[set].Tables.Count || counts.Links != _models[set].Links.Count
                ? $"set {set}: {counts} expected {_models[set].Leaves.Count} leaves, {_models[set].Tables.Count} tables, {_models[set].Links.Count} links"
                : Account(set).InUse.Value != (nuint)counts.Tables ? $"set {set} has {counts.Tables} tables, its account says {Account(set).InUse.Value}"
                : null;
            if (complaint is not null)
            {
                return complaint;
            }
        }

        nuint inUse = (nuint)(_models[0].Tables.Count + _models[1].Tables.Count);
        return _pool.InUse.Value != inUse ? $"{inUse} tables, the pool says {_pool.InUse.Value}"
            : _pool.InUse.Value + _pool.Available.Value != _pool.Capacity.Value ? "reserved pages were left over"
            : JudgeProcessor();
    }

    private record struct Counts
    {
        public int Leaves { get; set; }

        public int Tables { get; set; }

        public int Links { get; set; }
    }

    private string? JudgeTable(int set, ulong table, int level, nuint firstPage, ref Counts counts)
    {
        SetModel<TFormat> model = _models[set];
        if (!_tablesInUse.Add(table))
        {
            return $"table 0x{table:x} is used twice";
        }

        for (int index = 0; index < TFormat.Level(level).EntryCount; index++)
        {
            ulong entry = Read(table, index);
            if ((entry & 1) == 0)
            {
                if (entry != 0)
                {
                    return $"set {set}, level {level}, entry {index} isn't present and holds 0x{entry:x}";
                }

                continue;
            }

            nuint page = WithSign(firstPage + ((nuint)index * SetModel<TFormat>.Span(level)), level);
            if (level == 0 || (entry & PageSizeBit) != 0)
            {
                counts.Leaves++;
                if (!model.Leaves.TryGetValue(page, out ModelLeaf? leaf) || leaf.Level != level || !IsAsModelled(entry, leaf))
                {
                    return $"set {set}, page 0x{page:x}: {leaf} expected, 0x{entry:x} found";
                }

                continue;
            }

            TablePlace place = SetModel<TFormat>.PlaceOf(level - 1, page);
            ulong below = entry & TFormat.TableAddressMask;
            bool isShared = (entry & SharedBit) != 0;
            if (isShared ? !model.Links.ContainsKey(place) : !model.Tables.Contains(place))
            {
                return $"set {set}, page 0x{page:x}: an unexpected table of level {level - 1}";
            }

            counts.Tables += isShared ? 0 : 1;
            counts.Links += isShared ? 1 : 0;
            if (!isShared && JudgeTable(set, below, level - 1, page, ref counts) is { } complaint)
            {
                return complaint;
            }
        }

        return null;
    }

    private ulong Read(ulong table, int index) =>
        FormatGeometry<TFormat>.EntryByteCount == 4 ? _cpu.Memory.Read32(table + ((ulong)index * 4)) : _cpu.Memory.Read64(table + ((ulong)index * 8));

    private static nuint WithSign(nuint page, int level)
    {
        nuint half = (nuint)1 << (TFormat.LinearAddressBits - PageSize.Shift - 1);
        return TFormat.IsSignExtended && level == RootLevel && page >= half ? page | ((nuint.MaxValue >> PageSize.Shift) & ~((half << 1) - 1)) : page;
    }

    private static bool IsAsModelled(ulong entry, ModelLeaf leaf)
    {
        // As the manual lays entries out: R/W 1, U/S 2, A 5, D 6, XD 63; base rights where this library documents them, bits 9 to 11.
        bool hasExecuteDisable = FormatGeometry<TFormat>.EntryByteCount == 8;
        ulong expected = 1
            | (leaf.Live.IsWritable ? 2ul : 0)
            | (leaf.Live.IsUser ? 4ul : 0)
            | (leaf.IsAccessed ? AccessedBit : 0)
            | (leaf.IsDirty ? DirtyBit : 0)
            | (leaf.Level > 0 ? PageSizeBit : 0)
            | (leaf.Base.IsWritable ? 0x200ul : 0)
            | (leaf.Base.IsUser ? 0x400ul : 0)
            | (leaf.Base.IsExecutable ? 0x800ul : 0)
            | (hasExecuteDisable && !leaf.Live.IsExecutable ? 1ul << 63 : 0)
            | ((ulong)leaf.Frame << PageSize.Shift);
        return entry == expected;
    }

    private string? JudgeProcessor()
    {
        foreach (PageNumber page in Windows<TFormat>.Judged)
        {
            ModelLeaf? leaf = _models[_loaded].Find(page.Value).Leaf;
            for (AccessKind kind = AccessKind.Read; kind <= AccessKind.Fetch; kind++)
            {
                for (int privilege = 0; privilege < 2; privilege++)
                {
                    MemoryAccess access = new(page.Address.Value, kind, IsUser: privilege == 1);
                    bool isAllowed = leaf is not null && Allows(leaf.Live, access);
                    bool holds = !isAllowed ? !_cpu.MaySucceed(access)
                        : _terms.SpuriousFaultsAreFatal ? _cpu.MustSucceedWithoutRetry(access)
                        : _cpu.MustSucceedWithRetry(access);
                    if (!holds)
                    {
                        return $"{access}: the model says {(isAllowed ? "it may be" : "it may not be")}";
                    }
                }
            }

            if (leaf is not null && _cpu.MayWriteUnrecorded(page.Address.Value))
            {
                return $"page 0x{page.Value:x} may be written without D";
            }
        }

        for (nuint frame = FirstPoolFrame; frame < FirstPoolFrame + _pool.Capacity.Value; frame++)
        {
            if (!_tablesInUse.Contains((ulong)frame << PageSize.Shift) && _cpu.MayWalkThrough((ulong)frame << PageSize.Shift))
            {
                return $"table page 0x{frame:x} is free and may still be walked";
            }
        }

        return null;
    }
}

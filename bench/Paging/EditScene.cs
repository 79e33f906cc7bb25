// The state before an edit that changes every entry of its range, made again and again for each measurement.

using System;

namespace Ringfence.Paging.Benchmarks;

/// <summary>What is measured.</summary>
public enum EditKind
{
    /// <summary>Maps pages, where the tables are there already.</summary>
    Map,

    /// <summary>Gives pages of the supervisor to user mode.</summary>
    Protect,

    /// <summary>Takes them back to their base rights.</summary>
    Reset,
}

/// <summary>An address space with the tables for the pages from 0 on.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
/// <typeparam name="TMemory">How the measured edits reach the tables; preparing them goes another way.</typeparam>
public sealed class EditScene<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private const ulong RootAddress = PageSize.ByteCount;
    private const ulong PoolAddress = 2 * PageSize.ByteCount;

    private readonly AddressSpace<TFormat, TMemory> _space;
    private TablePool<ArrayTableMemory> _pool;
    private TableAccount _account = TableAccount.Unlimited;

    /// <summary>A scene with room for edits of so many pages.</summary>
    public EditScene(PageCount capacity, Func<ArrayTableMemory, TMemory> reach)
    {
        ArgumentNullException.ThrowIfNull(reach);
        nuint leafTables = (capacity.Value / TFormat.Level(1).EntrySpan.Value) + 2;
        PageCount tables = new(leafTables + (leafTables / 256) + FormatGeometry.LevelLimit);
        ArrayTableMemory memory = new(new ulong[(PoolAddress + tables.ByteCount) / sizeof(ulong)]);
        PhysicalAddress root = new(RootAddress);
        Tables = new AddressSpace<TFormat, ArrayTableMemory>(memory, root);
        _space = new AddressSpace<TFormat, TMemory>(reach(memory), root);
        _pool = new TablePool<ArrayTableMemory>(memory, new PhysicalAddress(PoolAddress).Frame, tables);
    }

    /// <summary>The rights that pages are mapped with.</summary>
    public static LeafRights BaseRights => LeafRights.SupervisorReadWrite;

    /// <summary>The rights that they are given.</summary>
    public static LeafRights GivenRights => LeafRights.UserReadWrite;

    /// <summary>The set, by the way that isn't measured.</summary>
    public AddressSpace<TFormat, ArrayTableMemory> Tables { get; }

    /// <summary>Brings the pages into the state in which the edit changes every entry.</summary>
    public void Prepare(EditKind kind, PageRange pages)
    {
        if (!Tables.Translate(pages.First.Address).IsMapped)
        {
            Done(Tables.Map(ref _pool, ref _account, pages, new FrameNumber(pages.First.Value), BaseRights));
        }

        Done(kind switch
        {
            EditKind.Map => Tables.Unmap(pages),
            EditKind.Protect => Tables.ResetRights(pages),
            _ => Tables.SetRights(pages, GivenRights),
        });
    }

    /// <summary>The edit.</summary>
    public EditResult Carry(EditKind kind, PageRange pages) => kind switch
    {
        EditKind.Map => _space.Map(ref _pool, ref _account, pages, new FrameNumber(pages.First.Value), BaseRights),
        EditKind.Protect => _space.SetRights(pages, GivenRights),
        _ => _space.ResetRights(pages),
    };

    private static void Done(EditResult result)
    {
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"edit refused: {result.Error.Code} at page 0x{result.Error.Page.Value:x}");
        }
    }
}

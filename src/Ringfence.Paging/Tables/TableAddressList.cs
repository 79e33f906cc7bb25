// Which tables to link, kept where tables are kept: a switch that changes links stores from here and works nothing out.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Addresses of tables, or of entries, one after the other in memory that is reached as tables are. Each takes <see cref="FormatGeometry{TFormat}.TableAddressByteCount"/> bytes. A value that names the memory; copies name the same.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public readonly struct TableAddressList<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly TMemory _memory;
    private readonly TableAddress _place;

    /// <summary>The list at <paramref name="place"/>, aligned to the size of an item, in the memory in which <paramref name="tables"/> are.</summary>
    public TableAddressList(AddressSpace<TFormat, TMemory> tables, TableAddress place)
    {
        _memory = tables.Memory;
        _place = place;
    }

    /// <summary>Reads item <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TableAddress Read(int index) =>
        new(TFormat.EntryWidth == EntryWidth.Bits64 ? (nuint)_memory.Read64(_place, index) : _memory.Read32(_place, index));

    /// <summary>Writes item <paramref name="index"/>.</summary>
    public void Write(int index, TableAddress address)
    {
        if (TFormat.EntryWidth == EntryWidth.Bits64)
        {
            _memory.Write64(_place, index, address.Value);
        }
        else
        {
            _memory.Write32(_place, index, (uint)address.Value);
        }
    }
}

// The page tables of a guest that stands still, to compare with what they are a moment later.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Strategies;

/// <summary>All entries of all tables, those of roots that take no frame included.</summary>
public sealed class TableSnapshot
{
    private const string TablesRegion = "page-tables";

    // Accessed and dirty: the processor's own.
    private const byte ProcessorBits = 0x60;

    private static readonly string[] s_smallRoots = ["image_base_root", "small_root_table"];

    private readonly byte[] _bytes;
    private readonly int _entryBytes;

    /// <summary>Takes over bytes of tables.</summary>
    /// <param name="bytes">Whole entries.</param>
    /// <param name="entryBytes">Bytes of one, 4 or 8.</param>
    public TableSnapshot(byte[] bytes, int entryBytes)
    {
        _bytes = bytes;
        _entryBytes = entryBytes;
    }

    /// <summary>Reads the tables.</summary>
    public static async Task<TableSnapshot> ReadAsync(GdbClient debugger, ImageLayout layout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(debugger);
        ArgumentNullException.ThrowIfNull(layout);
        List<byte> bytes = [];
        foreach (LayoutRegion region in layout.Regions.Where(static region => region.Name == TablesRegion))
        {
            bytes.AddRange(await debugger.ReadMemoryAsync(region.Start, (int)region.UsedBytes, cancellationToken).ConfigureAwait(false));
        }

        foreach (LayoutSymbol root in layout.Symbols.Where(static symbol => s_smallRoots.Contains(symbol.Name) && symbol.Size != 0))
        {
            bytes.AddRange(await debugger.ReadMemoryAsync(root.Address, (int)root.Size, cancellationToken).ConfigureAwait(false));
        }

        return new([.. bytes], layout.Format == GuestFormat.Ia32.Name ? sizeof(uint) : sizeof(ulong));
    }

    /// <summary>How many entries differ in what software writes.</summary>
    public int CountDifferences(TableSnapshot other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Enumerable.Range(0, _bytes.Length / _entryBytes).Count(index => EntryAt(index) != other.EntryAt(index));
    }

    private ulong EntryAt(int index)
    {
        ReadOnlySpan<byte> entry = _bytes.AsSpan(index * _entryBytes);
        return (_entryBytes == sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(entry) : BinaryPrimitives.ReadUInt64LittleEndian(entry)) & ~(ulong)ProcessorBits;
    }
}

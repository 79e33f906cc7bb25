// How the kernel reaches its own page tables: they lie in the image, where virtual and physical addresses are the same.

using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using Ringfence.Paging;

namespace Ringfence.Machine;

/// <summary>Page tables at their physical address.</summary>
public readonly unsafe struct IdentityTableMemory : ITableMemory
{
    /// <inheritdoc/>
    public uint Read32(TableAddress table, int index)
    {
#if (COUNT || AUDIT) && FORMAT_PAE
        EntryWriteCounter.BeginEntry();
#endif
        return Volatile.Read(ref ((uint*)table.Value)[index]);
    }

    /// <inheritdoc/>
    public void Write32(TableAddress table, int index, uint value)
    {
        // Where entries have 64 bits and are written at once, 32 bits are written only to clear a new table.
#if (COUNT || AUDIT) && !FORMAT_X86_64
        EntryWriteCounter.Count();
#endif
        Volatile.Write(ref ((uint*)table.Value)[index], value);
    }

    /// <inheritdoc/>
    public ulong Read64(TableAddress table, int index) => ((ulong*)table.Value)[index];

    /// <inheritdoc/>
    public void Write64(TableAddress table, int index, ulong value)
    {
#if (COUNT || AUDIT) && FORMAT_X86_64
        EntryWriteCounter.Count();
#endif
        ((ulong*)table.Value)[index] = value;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ExchangeAdd32(TableAddress table, int index, uint addend)
    {
#if COUNT || AUDIT
        EntryWriteCounter.CountAddition(table.Value + ((nuint)(uint)index * sizeof(uint)));
#endif
        return Interlocked.Add(ref ((uint*)table.Value)[index], addend) - addend;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend)
    {
#if COUNT || AUDIT
        EntryWriteCounter.CountAddition(table.Value);
#endif
        return Interlocked.Add(ref ((ulong*)table.Value)[index], addend) - addend;
    }

    /// <inheritdoc/>
    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand)
    {
#if COUNT || AUDIT
        EntryWriteCounter.Count();
#endif
        return Interlocked.CompareExchange(ref ((uint*)table.Value)[index], value, comparand);
    }

    /// <inheritdoc/>
    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand)
    {
#if COUNT || AUDIT
        EntryWriteCounter.Count();
#endif
        return Interlocked.CompareExchange(ref ((ulong*)table.Value)[index], value, comparand);
    }

    /// <inheritdoc/>
    public void Clear(TableAddress page)
    {
#if COUNT || AUDIT
        EntryWriteCounter.CountPage();
#endif
        KernelMemory.Bytes(page.Value, PageSize.ByteCount).Clear();
    }

    /// <inheritdoc/>
    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks)
    {
#if COUNT || AUDIT
        EntryWriteCounter.CountPage();
#endif
        return ImportCopyTable(source.Value, destination.Value, marks);
    }

    // For entries as wide as the image's format has them.
    [RuntimeImport("*", "machine_copy_table")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern uint ImportCopyTable(nuint source, nuint destination, uint marks);
}

/// <summary>The translation caches of the processor that runs this code.</summary>
public readonly struct ProcessorTranslationCache : ITranslationCache
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void FlushPage(PageNumber page) => Processor.InvalidatePage(page.Address.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void FlushAll() =>
#if ROOT_PER_DOMAIN
        Processor.WriteControl3(Processor.ReadControl3());
#else
        Processor.WriteControl3(ImageAddresses.BaseRoot);
#endif

    /// <inheritdoc/>
    public void LoadRoot(TableAddress root) => Processor.WriteControl3(root.Value);

    /// <inheritdoc/>
    public void LoadContext(ContextRoot root) => Processor.WriteControl3((nuint)root.Control3);

    /// <inheritdoc/>
    public void FlushEveryContext() =>
#if FORMAT_X86_64
        ProcessContexts.ForgetAll();
#else
        FlushAll();
#endif
}

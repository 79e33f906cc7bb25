// The set of page tables in which every page has its base rights, built at boot, and the pool that all table pages come from.

using System;
using System.Runtime.InteropServices;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Builds the page tables from the <see cref="AddressLayout"/> and loads them.</summary>
public static class KernelSpace
{
    private static RootStorage s_rootStorage;
    private static TablePool<IdentityTableMemory> s_pool;
    private static TableAccount s_account;

    /// <summary>The set of tables that is loaded at boot. Under a strategy with one set the only one; else the one that others are copied from.</summary>
    public static AddressSpace<PagingFormat, IdentityTableMemory> Tables { get; private set; }

    /// <summary>Where all table pages come from.</summary>
    public static ref TablePool<IdentityTableMemory> Pool => ref s_pool;

    /// <summary>Bytes that this set takes: whole pages, and a root that is smaller.</summary>
    public static ulong TableByteCount => s_account.InUse.ByteCount + SmallRootByteCount;

    /// <summary>Bytes of a root that takes no page; 0 where it takes one.</summary>
    public static ulong SmallRootByteCount => RootIsPage ? 0 : (ulong)FormatGeometry<PagingFormat>.RootByteCount;

    private static bool RootIsPage => FormatGeometry<PagingFormat>.RootByteCount == (int)PageSize.ByteCount;

    /// <summary>Maps every region with its base rights and loads the tables.</summary>
    public static void Build()
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        s_pool = new TablePool<IdentityTableMemory>(
            default,
            new PhysicalAddress(image.PageTablesStart).Frame,
            new PageCount((image.PageTablesEnd - image.PageTablesStart) / PageSize.ByteCount));
        s_account = TableAccount.Unlimited;
        Tables = new AddressSpace<PagingFormat, IdentityTableMemory>(default, CreateRoot());
        ReadOnlySpan<BaseRegion> regions = AddressLayout.Regions;
        for (int index = 0; index < regions.Length; index++)
        {
            BaseRegion region = regions[index];
            EditResult result = Tables.Map(ref s_pool, ref s_account, region.Pages, region.FirstFrame, region.Rights);
            if (!result.Succeeded)
            {
                Panic.Stop("mapping the image failed at address"u8, region.Pages.First.Address.Value, (int)result.Error.Code);
            }

            // The tables are loaded below, when all is mapped.
            result.Flush.WaiveForSetNeverLoaded();
        }

        PagingSwitch.Enter(Tables.Root);
    }

    // A root smaller than a page needs no frame of its own; PAE's takes 32 bytes.
    private static PhysicalAddress CreateRoot()
    {
        if (!RootIsPage)
        {
            nuint alignment = (nuint)FormatGeometry<PagingFormat>.RootByteCount;
            nuint address = (KernelMemory.AddressOf(ref s_rootStorage) + alignment - 1) & ~(alignment - 1);
            return new PhysicalAddress(address);
        }

        if (!s_pool.TryTake(ref s_account, out PhysicalAddress root))
        {
            Panic.Stop("the image has no frame for the root table"u8);
        }

        return root;
    }

    // Room for a root of 32 bytes wherever its alignment falls.
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private readonly struct RootStorage
    {
        private readonly ulong _first;
    }
}

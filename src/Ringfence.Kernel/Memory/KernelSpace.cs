// The set of page tables in which every page has its base rights, which the image file holds filled and the boot entry loads, and the pool that all
// further table pages come from.

using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>The page tables that the image came with.</summary>
public static class KernelSpace
{
    private static TablePool<IdentityTableMemory> s_pool;

    /// <summary>The set of tables that is loaded at boot. Under a strategy with one set the only one; else the one that others are copied from.</summary>
    public static AddressSpace<PagingFormat, IdentityTableMemory> Tables => new(default, new PhysicalAddress(ImageAddresses.BaseRoot));

    /// <summary>Where further table pages come from.</summary>
    public static ref TablePool<IdentityTableMemory> Pool => ref s_pool;

    /// <summary>Bytes that the base set takes: whole pages, and a root that is smaller.</summary>
    public static ulong TableByteCount => ImageTable.Description.PageTablePoolStart - ImageTable.Description.PageTablesStart + SmallRootByteCount;

    /// <summary>Bytes of a root that takes no page; 0 where it takes one.</summary>
    public static ulong SmallRootByteCount =>
        FormatGeometry<PagingFormat>.RootIsPage ? 0 : (ulong)FormatGeometry<PagingFormat>.RootByteCount;

    /// <summary>The same of each domain; 0 where domains have no roots.</summary>
    public static ulong SmallRootByteCountOfDomain =>
#if ROOT_PER_DOMAIN
        SmallRootByteCount;
#else
        0;
#endif

    /// <summary>Takes over the frames that the base set doesn't use.</summary>
    public static void Initialize()
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        s_pool = new TablePool<IdentityTableMemory>(
            default,
            new PhysicalAddress(image.PageTablePoolStart).Frame,
            new PageCount((image.PageTablesEnd - image.PageTablePoolStart) / PageSize.ByteCount));
    }
}

// The page tables of an image, made by the code that the kernel edits them with: the base set, which the file then holds filled, and a set for each
// domain under a strategy that has one, which only the count is kept of.

using Ringfence.Domains;
using Ringfence.Paging;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>How many sets an image has, and where.</summary>
/// <param name="Strategy">The strategy.</param>
/// <param name="Kpti">Whether a domain's set is without the kernel.</param>
/// <param name="DomainSets">Sets beside the base set.</param>
/// <param name="FirstFrame">Address of the first frame for tables.</param>
/// <param name="BaseSmallRoot">Address of the base set's root where it takes no frame.</param>
/// <param name="DomainSmallRoots">Address of the first such root of a domain.</param>
internal readonly record struct TableSets(TableStrategy Strategy, bool Kpti, int DomainSets, ulong FirstFrame, ulong BaseSmallRoot, ulong DomainSmallRoots)
{
    /// <summary>The strategy's name in the map and in reports.</summary>
    public string Name => Strategy.Name() + (Kpti ? "+kpti" : "");
}

/// <summary>Page tables that were built.</summary>
/// <param name="Sets">What they were built for.</param>
/// <param name="Root">Address of the base set's root.</param>
/// <param name="Content">Content of the base set's frames, without the zeroes at their end.</param>
/// <param name="SmallRoot">Content of its root where that takes no frame; else empty.</param>
/// <param name="BaseFrames">Frames of the base set: the first ones.</param>
/// <param name="DomainFrames">Frames of a set of a domain: each as many as the others.</param>
internal sealed record ImageTables(TableSets Sets, ulong Root, byte[] Content, byte[] SmallRoot, int BaseFrames, int DomainFrames)
{
    /// <summary>Frames of all sets.</summary>
    public int Frames => BaseFrames + (Sets.DomainSets * DomainFrames);

    /// <summary>Bytes that the base set takes, its root included.</summary>
    public int KernelBytes => (BaseFrames * Region.PageSize) + SmallRoot.Length;

    /// <summary>Bytes that each domain's set takes, its root included; 0 where a domain has none.</summary>
    public int DomainBytes => Sets.Strategy == TableStrategy.Common ? 0 : (DomainFrames * Region.PageSize) + SmallRoot.Length;

    /// <summary>Bytes of all sets.</summary>
    public int TotalBytes => KernelBytes + (Sets.DomainSets * DomainBytes);

    /// <summary>Builds all sets.</summary>
    public static ImageTables Build(ImageRequest request, AddressPlan plan, TableSets sets) => request.Format switch
    {
        ImageFormat.X8664 => Build<FourLevelFormat>(request, plan, sets),
        ImageFormat.Pae => Build<PaeFormat>(request, plan, sets),
        _ => Build<Ia32Format>(request, plan, sets),
    };

    private static ImageTables Build<TFormat>(ImageRequest request, AddressPlan plan, TableSets sets)
        where TFormat : struct, IPagingFormat
    {
        bool rootIsFrame = FormatGeometry<TFormat>.RootIsPage;
        ImageTableMemory memory = new();
        PhysicalAddress root = new(sets.BaseSmallRoot);
        TableAccount account = TableAccount.Unlimited;

        // As many as are wanted: this counts them.
        TablePool<ImageTableMemory> pool = new(memory, new PhysicalAddress(sets.FirstFrame).Frame, new PageCount(uint.MaxValue));
        if (rootIsFrame && !pool.TryTake(ref account, out root))
        {
            throw Failure(request, "no frame for the root table");
        }

        AddressSpace<TFormat, ImageTableMemory> tables = new(memory, root);
        foreach (BaseRegion region in plan.Regions)
        {
            EditResult result = tables.Map(ref pool, ref account, region.Pages, region.FirstFrame, region.Rights);
            if (!result.Succeeded)
            {
                throw Failure(request, $"mapping 0x{(ulong)region.Pages.First.Address.Value:x} failed: {result.Error.Code} at 0x{(ulong)result.Error.Page.Address.Value:x}");
            }

            result.Flush.WaiveForSetNeverLoaded();
        }

        int baseFrames = (int)account.InUse.Value;
        byte[] content = memory.Read(sets.FirstFrame, baseFrames * Region.PageSize);
        byte[] smallRoot = rootIsFrame ? [] : memory.Read(sets.BaseSmallRoot, FormatGeometry<TFormat>.RootByteCount);
        int domainFrames = (sets.Strategy, sets.Kpti) switch
        {
            (TableStrategy.Common, _) => 0,
            (_, true) => CountOfDomain<TFormat, UserSet<TFormat, ImageTableMemory>>(request, tables, plan.UserStacks, sets, ref pool),
            _ => CountOfDomain<TFormat, FullSet<TFormat, ImageTableMemory>>(request, tables, plan.UserStacks, sets, ref pool),
        };
        return new ImageTables(sets, root.Value, content[..(Array.FindLastIndex(content, static value => value != 0) + 1)], smallRoot, baseFrames, domainFrames);
    }

    private static int CountOfDomain<TFormat, TSet>(
        ImageRequest request, AddressSpace<TFormat, ImageTableMemory> baseTables, PageRange userStacks, TableSets sets, ref TablePool<ImageTableMemory> pool)
        where TFormat : struct, IPagingFormat
        where TSet : struct, IDomainSet<TSet, TFormat, ImageTableMemory>
    {
        PerDomainStrategy<TFormat, ImageTableMemory, TSet> strategy = new(baseTables, default, userStacks);
        int frames = 0;
        for (int index = 0; index < sets.DomainSets; index++)
        {
            PerDomainTables<TFormat, ImageTableMemory, TSet> tables = default;
            PhysicalAddress smallRoot = new(sets.DomainSmallRoots + (ulong)(index * FormatGeometry<TFormat>.RootByteCount));
            PagingError error = strategy.OnDomainCreated(ref pool, ref tables, smallRoot);
            int count = (int)tables.PageCount.Value;
            if (!error.IsNone || (index != 0 && count != frames))
            {
                throw Failure(request, $"the set of domain {index} has {count} frames, the one before {frames}: {error.Code}");
            }

            frames = count;
        }

        return frames;
    }

    private static BuildFailedException Failure(ImageRequest request, string text) =>
        new("RF2031", request.Name, "The page tables of the image can't be built: " + text);
}

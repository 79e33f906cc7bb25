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
/// <param name="DomainPlaces">Address of the first place that a domain needs beside its frames: a root that takes none, or a list of links.</param>
internal readonly record struct TableSets(TableStrategy Strategy, bool Kpti, int DomainSets, ulong FirstFrame, ulong BaseSmallRoot, ulong DomainPlaces)
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
/// <param name="DomainFrames">Frames that a domain takes at most: each as many as the others.</param>
internal sealed record ImageTables(TableSets Sets, ulong Root, byte[] Content, byte[] SmallRoot, int BaseFrames, int DomainFrames)
{
    /// <summary>Frames of all sets.</summary>
    public int Frames => BaseFrames + (Sets.DomainSets * DomainFrames);

    /// <summary>Bytes that the base set takes, its root included.</summary>
    public int KernelBytes => (BaseFrames * Region.PageSize) + SmallRoot.Length;

    /// <summary>Bytes that each domain takes at most, its root included; 0 where a domain has no tables.</summary>
    public int DomainBytes => (DomainFrames * Region.PageSize) + (Sets.Strategy.HasRootPerDomain() ? SmallRoot.Length : 0);

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
            (TableStrategy.PerDomain, false) => CountOfSet<TFormat, FullSet<TFormat, ImageTableMemory>>(request, plan, tables, sets, ref pool),
            (TableStrategy.PerDomain, true) => CountOfSet<TFormat, UserSet<TFormat, ImageTableMemory>>(request, plan, tables, sets, ref pool),
            (TableStrategy.SharedSubtree, false) => CountOfSet<TFormat, SharedSet<TFormat, ImageTableMemory>>(request, plan, tables, sets, ref pool),
            (TableStrategy.SharedSubtree, true) => CountOfSet<TFormat, SparseUserSet<TFormat, ImageTableMemory>>(request, plan, tables, sets, ref pool),
            _ => CountOfLinked<TFormat>(request, plan, tables, sets, ref pool),
        };
        return new ImageTables(sets, root.Value, content[..(Array.FindLastIndex(content, static value => value != 0) + 1)], smallRoot, baseFrames, domainFrames);
    }

    private static int CountOfSet<TFormat, TSet>(
        ImageRequest request, AddressPlan plan, AddressSpace<TFormat, ImageTableMemory> baseTables, TableSets sets, ref TablePool<ImageTableMemory> pool)
        where TFormat : struct, IPagingFormat
        where TSet : struct, IDomainSet<TSet, TFormat, ImageTableMemory> =>
        CountOfDomain<TFormat, PerDomainStrategy<TFormat, ImageTableMemory, TSet>, PerDomainTables<TFormat, ImageTableMemory, TSet>>(
            request, plan, sets, FormatGeometry<TFormat>.RootByteCount, new(baseTables, plan.EntryPages, plan.UserStacks), ref pool);

    private static int CountOfLinked<TFormat>(
        ImageRequest request, AddressPlan plan, AddressSpace<TFormat, ImageTableMemory> tables, TableSets sets, ref TablePool<ImageTableMemory> pool)
        where TFormat : struct, IPagingFormat
    {
        WindowRun<TFormat> windows = new(plan.Grantable);
        int ownBytes = LeafLinkMemory.StrategyByteCount<TFormat>(windows.Count);
        LeafLinkStrategy<TFormat, ImageTableMemory, WindowRun<TFormat>> strategy = new(tables, windows, plan.UserStacks, new PhysicalAddress(sets.DomainPlaces));
        TableAccount account = TableAccount.Unlimited;
        EditResult noted = strategy.Initialize(ref pool, ref account);
        if (!noted.Succeeded || account.InUse != PageCount.Zero)
        {
            throw Failure(request, $"there is no leaf table at 0x{(ulong)noted.Error.Page.Address.Value:x}, where pages can be granted");
        }

        noted.Flush.WaiveForSetNeverLoaded();
        return CountOfDomain<TFormat, LeafLinkStrategy<TFormat, ImageTableMemory, WindowRun<TFormat>>, LeafLinkTables>(
            request,
            plan,
            sets with { DomainPlaces = sets.DomainPlaces + (ulong)ownBytes },
            LeafLinkMemory.DomainByteCount<TFormat>(windows.Count),
            strategy,
            ref pool);
    }

    // What a domain takes at worst: everything that can be granted is, to each. The pool is as large as that for every set.
    private static int CountOfDomain<TFormat, TStrategy, TTables>(ImageRequest request, AddressPlan plan, TableSets sets, int placeBytes, TStrategy strategy, ref TablePool<ImageTableMemory> pool)
        where TFormat : struct, IPagingFormat
        where TStrategy : struct, ITableStrategy<TFormat, ImageTableMemory, TTables>
        where TTables : struct
    {
        Domain domain = default;
        nuint frames = 0;
        for (int index = 0; index < sets.DomainSets; index++)
        {
            PageCount before = pool.InUse;
            TTables tables = default;
            PhysicalAddress place = new(sets.DomainPlaces + (ulong)(index * placeBytes));
            PagingError error = strategy.OnDomainCreated(ref pool, ref tables, place);
            foreach (BaseRegion region in plan.Regions.Where(static region => region.Obstacle == GrantObstacleKind.None))
            {
                if (error.IsNone)
                {
                    _ = Partition.TryCreate<TFormat>(region.Pages, PartitionRights.ReadWrite, out Partition partition);
                    EditResult result = strategy.OnPartitionAdded(ref pool, in domain, ref tables, in partition);
                    result.Flush.WaiveForSetNeverLoaded();
                    error = result.Error;
                }
            }

            nuint count = pool.InUse.Value - before.Value;
            if (!error.IsNone || (index != 0 && count != frames))
            {
                throw Failure(request, $"the set of domain {index} has {count} frames, the one before {frames}: {error.Code}");
            }

            frames = count;
        }

        return (int)frames;
    }

    private static BuildFailedException Failure(ImageRequest request, string text) =>
        new("RF2031", request.Name, "The page tables of the image can't be built: " + text);
}

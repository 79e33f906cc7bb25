// What the kernel knows of its address space without computing it: numbers as constants of the link, the regions as read-only data. They are
// named before anything has an address, and get their values once everything has.

using Ringfence.Domains;
using Ringfence.ImageBuilder.Objects;
using Ringfence.Paging;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>The symbols that src/Ringfence.Machine/Image/ImageAddresses.cs imports, and the table of regions.</summary>
internal sealed class AddressConstants
{
    private const string RegionItemSize = "kernel_region_byte_count";
    private const int RegionTableAlignment = 8;

    private const int LinkListAlignment = 8;

    private static int SmallRootBytes => FormatGeometry<PaeFormat>.RootByteCount;

    private readonly ImageRequest _request;
    private readonly LinkScope _kernel;
    private readonly List<(Symbol Symbol, Func<AddressPlan, ImageTables, ulong> Value)> _numbers = [];
    private readonly byte[] _regionTable;
    private readonly byte[] _smallRoot = [];

    /// <summary>Declares all symbols.</summary>
    /// <param name="request">The image.</param>
    /// <param name="kernel">The kernel, which refers to them.</param>
    /// <param name="tables">Where data goes.</param>
    /// <param name="regionCount">Regions that the address space will have.</param>
    public AddressConstants(ImageRequest request, LinkScope kernel, SyntheticObject tables, int regionCount)
    {
        _request = request;
        _kernel = kernel;
        if (request.Format == ImageFormat.Pae)
        {
            _smallRoot = new byte[SmallRootBytes];
            BaseRoot = tables.AddData("image_base_root", _smallRoot, SmallRootBytes);
        }
        else
        {
            BaseRoot = Declare("image_base_root", static (_, tables) => tables.Root);
        }

        if (request.Format == ImageFormat.Pae && request.Strategy.HasRootPerDomain())
        {
            DomainPlaces = tables.AddZeroes("small_root_table", request.DomainCapacity * SmallRootBytes, SmallRootBytes);
        }

        if (request.Strategy == TableStrategy.LeafLink)
        {
            // As long as a pointer, until it is known how many windows there are.
            DomainPlaces = tables.AddZeroes("link_list_table", request.Format.PointerSize(), LinkListAlignment);
        }

        TablePoolStart = Declare("image_table_pool_start", static (_, tables) => tables.Sets.FirstFrame + ((ulong)tables.BaseFrames * Region.PageSize));
        _ = Declare("image_slots_start", static (plan, _) => plan.SlotsStart);
        SlotBytes = Declare("image_slot_byte_count", static (plan, _) => plan.SlotBytes);
        _ = Declare("image_kernel_stack_start", static (plan, _) => plan.KernelStackStart);
        _ = Declare("image_kernel_stack_end", static (plan, _) => plan.KernelStackEnd);
        _ = Declare("image_user_stack_start", static (plan, _) => plan.UserStackStart);
        _ = Declare("image_user_stack_end", static (plan, _) => plan.UserStackEnd);
        _ = Declare("image_grantable_start", static (plan, _) => plan.Grantable.First.Address.Value);
        _ = Declare("image_grantable_end", static (plan, _) => plan.Grantable.End.Address.Value);
        _ = Declare("image_view_offset", static (plan, _) => plan.ViewOffset);
        _ = Declare("image_view_start", static (plan, _) => plan.ViewStart);
        _ = Declare("image_view_end", static (plan, _) => plan.ViewEnd);

        int itemBytes = ConstantFunction.Value(kernel, RegionItemSize);
        if (itemBytes != AddressPlan.BytesOfBaseRegion(request.Format))
        {
            throw new BuildFailedException(
                "RF2015", LinkScope.KernelOwner, $"The function {RegionItemSize} says {itemBytes} bytes; the builder writes {AddressPlan.BytesOfBaseRegion(request.Format)}");
        }

        _regionTable = new byte[regionCount * itemBytes];
        tables.AddBytes("region_table", _regionTable, RegionTableAlignment);
    }

    /// <summary>The root of the base set.</summary>
    public Symbol BaseRoot { get; }

    /// <summary>The first of what a domain has beside its frames: a root that takes none, or a list of links; null where domains have neither.</summary>
    public Symbol? DomainPlaces { get; }

    /// <summary>The first table frame that the base set doesn't take.</summary>
    public Symbol TablePoolStart { get; }

    /// <summary>Bytes of a thread's slot.</summary>
    public Symbol SlotBytes { get; }

    /// <summary>
    /// Makes the lists of links, in an image that has them, as long as the plan's windows need; false if they were as long already. <see cref="DomainPlaces"/> is the first of them, and the lists of domains come last.
    /// </summary>
    public bool ReserveLinks(AddressPlan plan)
    {
        int bytes = _request switch
        {
            { Strategy: not TableStrategy.LeafLink } => 0,
            { Format: ImageFormat.X8664 } => LinkListsBytes<FourLevelFormat>(plan),
            { Format: ImageFormat.Pae } => LinkListsBytes<PaeFormat>(plan),
            _ => LinkListsBytes<Ia32Format>(plan),
        };
        if (bytes == 0 || DomainPlaces!.Size >= bytes)
        {
            return false;
        }

        SyntheticObject.Resize(DomainPlaces, bytes);
        return true;
    }

    /// <summary>Gives all symbols their values.</summary>
    public void Define(AddressPlan plan, ImageTables tables)
    {
        foreach ((Symbol symbol, Func<AddressPlan, ImageTables, ulong> value) in _numbers)
        {
            symbol.AbsoluteAddress = value(plan, tables);
        }

        tables.SmallRoot.CopyTo(_smallRoot, 0);
        byte[] regions = plan.TableBytes(_request.Format);
        if (regions.Length != _regionTable.Length)
        {
            throw new BuildFailedException(
                "RF2031", _request.Name, $"The regions of the address space take {regions.Length} bytes; their table has {_regionTable.Length}");
        }

        regions.CopyTo(_regionTable, 0);
    }

    private int LinkListsBytes<TFormat>(AddressPlan plan)
        where TFormat : struct, IPagingFormat
    {
        int windowCount = new WindowRun<TFormat>(plan.Grantable).Count;
        return LeafLinkMemory.StrategyByteCount<TFormat>(windowCount) + (_request.DomainCapacity * LeafLinkMemory.DomainByteCount<TFormat>(windowCount));
    }

    private Symbol Declare(string name, Func<AddressPlan, ImageTables, ulong> value)
    {
        Symbol symbol = new(name, isGlobal: true) { AbsoluteAddress = 0 };
        _kernel.Define(name, symbol);
        _numbers.Add((symbol, value));
        return symbol;
    }
}

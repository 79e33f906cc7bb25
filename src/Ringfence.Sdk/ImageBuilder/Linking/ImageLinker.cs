// Puts everything where it belongs: decides the regions, gives every fragment its address, applies the references.
//
// The builder links by itself because what it needs of a linker is little and unusual: closed worlds that share no names,
// statics whose initial content lies elsewhere, an owner for every page, two object formats, and blame for what is missing.

using System.Text;
using Ringfence.ImageBuilder.Compilation;
using Ringfence.ImageBuilder.Gates;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Links one image.</summary>
internal sealed class ImageLinker
{
    private const ulong ImageBase = 0x10_0000;
    /// <summary>The symbols of the boot stack.</summary>
    public const string BootStack = "image_boot_stack";

    /// <inheritdoc cref="BootStack"/>
    public const string BootStackEnd = "image_boot_stack_end";

    // Half of it is what the idle thread uses at most: a tick with its FXSAVE image, the switch to a user thread of another domain. The rest is for an
    // exception there and the panic that follows. The guest's BootStackTests measure it.
    private const int BootStackBytes = 3072;

    // On x86-64 a word is twice as long. Where domains share tables these are made with more on the stack than others are, the components' at boot on this one.
    private const int BootStackBytesOfLongMode = 3584;
    private const int BootStackBytesForSharing = 4096;
    private const int DescriptionVersion = 3;
    private const int TableAlignment = 8;

    /// <summary>The name under which a kernel module exports what runs in place of the supervisor.</summary>
    public const string ModuleEntry = "KernelModuleMain";

    // What the number of a call that the image doesn't have leads to.
    private const string AbsentHandler = "system_call_absent";

    private readonly ImageRequest _request;
    private readonly LinkScope _kernel;
    private readonly List<LinkedComponent> _components;
    private readonly List<SharedPartition> _partitions;
    private readonly IReadOnlyList<ImageObject> _objects;
    private readonly SystemCallUse _calls;
    private readonly Region _kernelText = new("kernel.text", LinkScope.KernelOwner, RegionRights.ReadExecute);

    // What every set of tables holds under KPTI, in sections of these names; in other images nothing is in them. Side by side, so that they are one range, and the text below the
    // data, so that an entry stack that overflows runs into what can't be written.
    private const string EntrySectionPrefix = ".entry.";
    private readonly Region _entryText = new("kernel.entry-text", LinkScope.KernelOwner, RegionRights.ReadExecute) { IsEntry = true };
    private readonly Region _entryData = new("kernel.entry-data", LinkScope.KernelOwner, RegionRights.ReadWrite) { IsEntry = true };

    private readonly Region _kernelReadOnly = new("kernel.readonly", LinkScope.KernelOwner, RegionRights.Read);
    private readonly Region _kernelData = new("kernel.data", LinkScope.KernelOwner, RegionRights.ReadWrite);
    private readonly Region _pageTables = new("page-tables", LinkScope.KernelOwner, RegionRights.ReadWrite) { Mapping = RegionMapping.PageTables };
    private readonly Region _stackFrames = new("stacks", LinkScope.KernelOwner, RegionRights.ReadWrite) { IsMemoryOnly = true, Mapping = RegionMapping.StackFrames };
    private readonly SyntheticObject _tables;
    private readonly List<(LinkedComponent Component, byte[] Content)> _pristine = [];

    private ImageLinker(
        ImageRequest request,
        LinkScope kernel,
        IReadOnlyList<LinkedComponent> components,
        IReadOnlyList<SharedPartition> partitions,
        IReadOnlyList<ImageObject> objects,
        SystemCallUse calls)
    {
        _request = request;
        _kernel = kernel;
        _components = [.. components];
        _partitions = [.. partitions];
        _objects = objects;
        _calls = calls;
        _tables = new SyntheticObject("image tables", request.Format);
    }

    /// <summary>Links, or throws with every diagnostic of every gate.</summary>
    public static LinkedImage Link(
        ImageRequest request,
        LinkScope kernel,
        IReadOnlyList<LinkedComponent> components,
        IReadOnlyList<SharedPartition> partitions,
        IReadOnlyList<ImageObject> objects,
        SystemCallUse calls) =>
        new ImageLinker(request, kernel, components, partitions, objects, calls).Run();

    private LinkedImage Run()
    {
        foreach (LinkedComponent component in _components)
        {
            AddFunctions(component);
            component.MarkLive();
            component.Text.Add(Live(component.Scope, SectionKind.Text));
            component.ReadOnly.Add(Live(component.Scope, SectionKind.ReadOnly));
            component.Statics.Add(Live(component.Scope, SectionKind.Data, SectionKind.ZeroFilled));
        }

        AddressConstants constants = DefineKernelSymbols();
        _kernel.MarkLive();
        List<Diagnostic> found = [.. LinkGates.Check(_kernel), .. _components.SelectMany(static component => LinkGates.Check(component.Scope))];
        if (found.Count != 0)
        {
            throw new BuildFailedException(found);
        }

        // The boot code comes first: a multiboot loader looks for its header in the first 8 KiB of the file.
        _kernelText.Add(Live(_kernel, SectionKind.Text)
            .Where(static fragment => !IsEntry(fragment))
            .OrderBy(static fragment => fragment.Section.StartsWith(".boot", StringComparison.Ordinal) ? 0 : 1));
        _entryText.Add(Live(_kernel, SectionKind.Text).Where(IsEntry));
        _entryData.Add(Live(_kernel, SectionKind.ZeroFilled).Where(IsEntry));
        _kernelReadOnly.Add(Live(_kernel, SectionKind.BootNote, SectionKind.ReadOnly));
        // The boot stack comes first: below it lies what can't be written, so that an overflow is a fault.
        _kernelData.Add(Live(_kernel, SectionKind.Data, SectionKind.ZeroFilled)
            .Where(static fragment => !IsEntry(fragment))
            .OrderBy(static fragment => fragment.Symbols.Any(static symbol => symbol.Name == BootStack) ? 0 : 1));
        List<Region> regions = Regions();
        List<ImageTables> others = [.. OtherStrategies().Select(other => PlaceRegions(regions, constants, other.Strategy, other.Kpti).Tables)];
        (AddressPlan plan, ImageTables tables) = PlaceRegions(regions, constants, _request.Strategy, _request.Kpti);
        constants.Define(plan, tables);
        foreach ((LinkedComponent component, byte[] copy) in _pristine)
        {
            component.Statics.Content = Contents(component.Statics, component.Scope);
            component.Statics.Content.CopyTo(copy, 0);
            component.Text.Content = Contents(component.Text, component.Scope);
            component.ReadOnly.Content = Contents(component.ReadOnly, component.Scope);
        }

        foreach (Region region in new[] { _kernelText, _entryText, _entryData, _kernelReadOnly, _kernelData })
        {
            region.Content = Contents(region, _kernel);
        }

        _pageTables.Content = tables.Content;
        return new LinkedImage
        {
            Request = _request,
            Kernel = _kernel,
            Components = _components,
            SharedPartitions = _partitions,
            Objects = _objects,
            Calls = _calls,
            Regions = regions,
            PageTables = _pageTables,
            StackFrames = _stackFrames,
            Tables = tables,
            OtherTables = others,
            Entry = _kernel.Find("boot_entry")!.Address,
        };
    }

    private static bool IsEntry(Fragment fragment) => fragment.Section.StartsWith(EntrySectionPrefix, StringComparison.Ordinal);

    private static List<Fragment> Live(LinkScope scope, params ReadOnlySpan<SectionKind> kinds)
    {
        List<Fragment> fragments = [];
        foreach (SectionKind kind in kinds)
        {
            fragments.AddRange(scope.LiveFragments.Where(fragment => fragment.Kind == kind));
        }

        return fragments;
    }

    // By these a component's generated code finds what it declares.
    private void AddFunctions(LinkedComponent component)
    {
        SyntheticObject functions = new("shared things", _request.Format);
        foreach (PartitionGrant grant in component.Grants)
        {
            functions.AddAddressFunction("partition_" + grant.Partition, _partitions[IndexOf(grant)].Region.Start);
        }

        foreach (string name in component.Objects.Select(static use => use.Name).Distinct())
        {
            functions.AddNumberFunction("object_" + name, _objects.Single(made => made.Name == name).Handle);
        }

        component.Scope.Add(functions.File);
    }

    private AddressConstants DefineKernelSymbols()
    {
        // With content, though zeroes, so that it can come first: the guard below it costs nothing (see Run).
        int bootStackBytes = _request.BootStackBytes ?? _request switch
        {
            { Format: ImageFormat.X8664, Strategy: TableStrategy.SharedSubtree or TableStrategy.LeafLink } => BootStackBytesForSharing,
            { Format: ImageFormat.X8664 } => BootStackBytesOfLongMode,
            _ => BootStackBytes,
        };
        Symbol bootStack = _tables.AddData(BootStack, new byte[bootStackBytes], 16);
        Symbol bootStackEnd = new(BootStackEnd, isGlobal: true) { Fragment = bootStack.Fragment, Offset = bootStackBytes };
        _kernel.Define(bootStackEnd.Name, bootStackEnd);
        (_request.ExceptionStacks ?? ExceptionStacks.Usual(_request.Format)).Define(_kernel, _tables);
        // What the loader says is copied to where the first thread will have its kernel stack: it takes no memory of its own.
        _kernel.Define("image_first_stack_frame", _stackFrames.Start);
        AddressConstants constants = new(_request, _kernel, _tables, RegionCount);
        AddKernelTable("thread_table", "kernel_thread_byte_count", ThreadSlotCount);
        AddKernelTable("domain_table", "kernel_domain_byte_count", _request.DomainCapacity);
        if (_request.Strategy.HasDomainTables())
        {
            AddKernelTable("domain_tables_table", "kernel_domain_tables_byte_count", _request.DomainCapacity);
        }

        AddKernelTable("component_table", "kernel_component_byte_count", _components.Count);
        AddKernelTable("object_table", "kernel_object_byte_count", ObjectCapacity);
        _tables.AddTable("system_call_handlers", [.. _calls.Names.Select(HandlerOf)]);
        AddDescription(constants);
        _kernel.Add(_tables.File);
        if (_kernel.Find("boot_entry") is null)
        {
            throw new BuildFailedException("RF2005", LinkScope.KernelOwner, "boot_entry is not defined: boot.asm is missing");
        }

        return constants;
    }

    // A table of the kernel that is as long as this image needs it; src/Ringfence.Machine/Image/KernelTables.cs names it.
    private void AddKernelTable(string name, string itemSize, int count) =>
        _tables.AddZeroes(name, count * ConstantFunction.Value(_kernel, itemSize), TableAlignment);

    private TableWord HandlerOf(string call) => new Symbol(_calls.IsMade(call) ? KernelContent.HandlerPrefix + call : AbsentHandler, isGlobal: true);

    // The idle thread stands behind those that the image has room for.
    private int ThreadSlotCount => _request.ThreadCapacity + 1;

    // The declared ones, and those that components may create.
    private int ObjectCapacity => _objects.Count + _request.CreatedObjectCapacity;

    private int RegionCount => AddressPlan.CountRegions(Regions(), _request.ThreadCapacity);

    private IEnumerable<Region> GrantableRegions =>
    [
        .. _components.SelectMany(static component => new[] { component.Text, component.ReadOnly, component.Statics }),
        .. _partitions.Select(static partition => partition.Region),
    ];

    // The layout is src/Ringfence.Machine/Image/ImageDescription.cs and ComponentDescription.cs.
    private void AddDescription(AddressConstants constants)
    {
        List<TableWord> components = [];
        foreach (LinkedComponent component in _components)
        {
            ComponentRequest request = component.Request;
            byte[] content = new byte[component.Statics.FileBytes];
            Symbol pristine = _tables.AddBytes($"pristine_{request.Name}", content, 16);
            _pristine.Add((component, content));
            Symbol grants = _tables.AddTable(
                $"grants_{request.Name}",
                [.. component.Grants.SelectMany(grant => new TableWord[] { IndexOf(grant), grant.Writable ? 1 : 0 })]);
            components.AddRange(
            [
                AddName("component", request.Name), request.Name.Length,
                component.Text.Start, component.Text.End,
                component.ReadOnly.Start, component.ReadOnly.End,
                component.Statics.Start, component.Statics.End,
                pristine, content.Length,
                component.Entry,
                request.Priority, (int)request.Restart, request.RestartLimit,
                grants, component.Grants.Count,
            ]);
        }

        List<TableWord> partitions = [];
        foreach (SharedPartition partition in _partitions)
        {
            partitions.AddRange([AddName("partition", partition.Name), partition.Name.Length, partition.Region.Start, partition.Region.End]);
        }

        Symbol objects = _tables.AddTable("object_descriptions", [.. _objects.SelectMany(Words)]);
        _tables.AddTable(
            "image_description",
            [
                DescriptionVersion,
                _kernelText.Start, _stackFrames.End,
                _kernelText.Start, _kernelText.End,
                _kernelReadOnly.Start, _kernelReadOnly.End,
                _kernelData.Start, _kernelData.End,
                _pageTables.Start, constants.TablePoolStart, _pageTables.End,
                _stackFrames.Start, _stackFrames.End,
                _tables.AddTable("component_descriptions", components), _components.Count,
                _tables.AddTable("shared_partition_descriptions", partitions), _partitions.Count,
                objects, _objects.Count, ObjectCapacity,
                _request.ThreadCapacity, ThreadSlotCount, _request.DomainCapacity, RegionCount,
                _request.KernelStackPages, _request.UserStackPages, constants.SlotBytes, _request.TickHertz,
                _kernel.Find(ModuleEntry) is { } module ? module : (TableWord)0,
                .. _request.Kpti ? new TableWord[] { _entryText.Start, _entryText.End, _entryData.Start, _entryData.End } : [],
            ]);
    }

    private IEnumerable<TableWord> Words(ImageObject made)
    {
        uint gives = made.Mask(_components, static use => use.Gives);
        uint takes = made.Mask(_components, static use => use.Takes);
        TableWord buffer = made.BufferBytes == 0 ? 0 : _tables.AddZeroes("object_buffer_" + made.Name, made.BufferBytes, 16);
        return
        [
            AddName("object", made.Name), made.Name.Length, made.KindNumber, (int)gives, (int)takes, made.Initial, made.Limit, made.Shape, buffer, made.BufferBytes,
        ];
    }

    private int IndexOf(PartitionGrant grant) => _partitions.FindIndex(partition => partition.Name == grant.Partition);

    private Symbol AddName(string kind, string name) => _tables.AddBytes($"{kind}_name_{name}", Encoding.ASCII.GetBytes(name), 1);

    // Sets beside the kernel's own.
    private int DomainSetCount(TableStrategy strategy) => strategy.HasDomainTables() ? _request.TableSetCapacity ?? _request.DomainCapacity : 0;

    // What is the kernel's alone comes first.
    private List<Region> Regions() =>
        [_kernelText, .. _request.Kpti ? new[] { _entryText, _entryData } : [], _kernelReadOnly, _kernelData, .. GrantableRegions, _pageTables, _stackFrames];

    // What the report shows beside the image's own.
    private IEnumerable<(TableStrategy Strategy, bool Kpti)> OtherStrategies() =>
        TableStrategies.Variants.Where(other => other != (_request.Strategy, _request.Kpti));

    private (AddressPlan Plan, ImageTables Tables) PlaceRegions(
        List<Region> regions, AddressConstants constants, TableStrategy strategy, bool kpti)
    {
        int userStackCount = AddressPlan.UserStackCount(_request.ThreadCapacity);
        _stackFrames.Reserve(((_request.ThreadCapacity * _request.KernelStackPages) + (userStackCount * _request.UserStackPages)) * Region.PageSize);

        // The tables must map the tables: more of them may need one more.
        for (int frames = 0; ;)
        {
            _pageTables.Reserve(frames * Region.PageSize);
            ulong end = regions.Aggregate(ImageBase, static (address, region) => region.Place(address));
            AddressPlan plan = AddressPlan.Of(regions, _request);
            if (constants.ReserveLinks(plan))
            {
                continue;
            }

            // Where this image has no such roots, because it has another strategy, they are counted at addresses that are nobody's.
            TableSets sets = new(
                strategy, kpti, DomainSetCount(strategy), _pageTables.StartAddress, constants.BaseRoot.Address, constants.DomainPlaces?.Address ?? end);
            ImageTables tables = ImageTables.Build(_request, plan, sets);
            if (tables.Frames == frames)
            {
                return (plan, tables);
            }

            frames = Math.Max(frames, tables.Frames);
        }
    }

    private static byte[] Contents(Region region, LinkScope scope)
    {
        byte[] bytes = new byte[region.FileBytes];
        foreach (Fragment fragment in region.Fragments.Where(static fragment => fragment.Kind != SectionKind.ZeroFilled))
        {
            Span<byte> place = bytes.AsSpan((int)(fragment.Address - region.StartAddress), fragment.Size);
            fragment.Content.Span.CopyTo(place);
            RelocationApplier.Apply(fragment, place, scope.Resolve, scope.Owner);
        }

        return bytes;
    }
}

// An image is a row of page-aligned regions; every byte of memory it asks for lies in one, and each has one owner.

using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>What may be done with a region by the one who owns it.</summary>
internal enum RegionRights
{
    Read,
    ReadExecute,
    ReadWrite,
}

/// <summary>How the base mapping maps a region.</summary>
internal enum RegionMapping
{
    /// <summary>Where it lies, with its rights, for the supervisor alone.</summary>
    Kernel,

    /// <summary>Where it lies, read-only to the supervisor, and a second time in the kernel's view.</summary>
    Grantable,

    /// <summary>As <see cref="Kernel"/>; a refused grant names it.</summary>
    PageTables,

    /// <summary>In the slots of threads, not where it lies.</summary>
    StackFrames,
}

/// <summary>A page-aligned, half-open range of the image.</summary>
internal sealed class Region(string name, string owner, RegionRights rights)
{
    public const int PageSize = 4096;

    /// <summary>Name, unique in the image.</summary>
    public string Name { get; } = name;

    /// <summary>"kernel", a component, or "shared".</summary>
    public string Owner { get; } = owner;

    public RegionRights Rights { get; } = rights;

    /// <summary>How it is mapped: what is the kernel's can't be granted, everything else can.</summary>
    public RegionMapping Mapping { get; init; } = owner == LinkScope.KernelOwner ? RegionMapping.Kernel : RegionMapping.Grantable;

    /// <summary>What is placed in it, in order.</summary>
    public List<Fragment> Fragments { get; } = [];

    /// <summary>First byte and first byte after it, as symbols, so that tables can refer to them before they are known.</summary>
    public Symbol Start { get; } = new($"region.{name}.start", isGlobal: false) { AbsoluteAddress = 0 };

    /// <inheritdoc cref="Start"/>
    public Symbol End { get; } = new($"region.{name}.end", isGlobal: false) { AbsoluteAddress = 0 };

    /// <summary>Bytes in use; the rest of the last page is padding.</summary>
    public int UsedBytes { get; private set; }

    /// <summary>Bytes from the start that the image file holds; what follows is zero.</summary>
    public int FileBytes { get; private set; }

    /// <summary>Whether every set of tables holds it under KPTI. Such regions lie side by side.</summary>
    public bool IsEntry { get; init; }

    /// <summary>Whether the file holds none of it: the kernel fills it (statics), or it starts as zeroes.</summary>
    public bool IsMemoryOnly { get; init; }

    public ulong StartAddress => Start.Address;

    public ulong EndAddress => End.Address;

    /// <summary>Its content from the start; set once relocations are applied.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Adds fragments: those with content first, so that the zero-filled ones cost no bytes in the file.</summary>
    public void Add(IEnumerable<Fragment> fragments)
    {
        Fragments.AddRange(fragments);
        List<Fragment> ordered = [.. Fragments.OrderBy(static fragment => fragment.Kind == SectionKind.ZeroFilled)];
        Fragments.Clear();
        Fragments.AddRange(ordered);
        ulong end = Walk(static (_, _) => { });
        UsedBytes = (int)end;
    }

    /// <summary>Reserves bytes without a fragment.</summary>
    public void Reserve(int bytes) => UsedBytes = bytes;

    /// <summary>Gives the region and all in it their addresses; returns the first address after it.</summary>
    public ulong Place(ulong address)
    {
        Start.AbsoluteAddress = address;
        ulong end = Walk((fragment, offset) => fragment.Address = address + offset);
        UsedBytes = Fragments.Count == 0 ? UsedBytes : (int)end;
        End.AbsoluteAddress = address + RoundUp((ulong)UsedBytes);
        return EndAddress;
    }

    /// <summary>Rounds up to whole pages.</summary>
    public static ulong RoundUp(ulong bytes) => (bytes + PageSize - 1) & ~(ulong)(PageSize - 1);

    private ulong Walk(Action<Fragment, ulong> visit)
    {
        ulong offset = 0;
        int fileBytes = 0;
        foreach (Fragment fragment in Fragments)
        {
            ulong alignment = (ulong)fragment.Alignment;
            offset += (((ulong)fragment.AlignmentOffset - offset) % alignment + alignment) % alignment;
            visit(fragment, offset);
            offset += (ulong)fragment.Size;
            fileBytes = fragment.Kind == SectionKind.ZeroFilled ? fileBytes : (int)offset;
        }

        FileBytes = fileBytes;
        return offset;
    }
}

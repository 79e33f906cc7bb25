// The result of a link: what lies where, and all that the map tells of it.

using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>A component linked.</summary>
internal sealed class LinkedComponent(
    ComponentRequest request, LinkScope scope, IReadOnlyList<PartitionGrant> grants, IReadOnlyList<ObjectUse> objects)
{
    public ComponentRequest Request { get; } = request;

    public LinkScope Scope { get; } = scope;

    public IReadOnlyList<PartitionGrant> Grants { get; } = grants;

    public IReadOnlyList<ObjectUse> Objects { get; } = objects;

    public Region Text { get; } = new($"{request.Name}.text", request.Name, RegionRights.ReadExecute);

    public Region ReadOnly { get; } = new($"{request.Name}.readonly", request.Name, RegionRights.Read);

    public Region Statics { get; } = new($"{request.Name}.statics", request.Name, RegionRights.ReadWrite) { IsMemoryOnly = true };

    /// <summary>The first instruction of its threads: one that sets up the cookie of stack frames, or one that doesn't, where no frame has a cookie. Statics that hold nothing but a cookie would take a page.</summary>
    public Symbol Entry { get; } = EntryOf(request, scope);

    /// <summary>Marks what its threads can reach.</summary>
    public void MarkLive() => Scope.MarkLive(Entry);

    private static Symbol EntryOf(ComponentRequest request, LinkScope scope)
    {
        string name = scope.ChecksStackCookies ? "ComponentStart" : "ComponentStartWithoutCookie";
        return scope.Find(name) ?? throw new BuildFailedException("RF2005", request.Name, $"{name} is not defined: component.asm is missing");
    }
}

/// <summary>A shared partition and its place.</summary>
internal sealed record SharedPartition(string Name, string TypeName, int SizeInBytes, Region Region);

/// <summary>An image with every address known.</summary>
internal sealed class LinkedImage
{
    public const string SharedOwner = "shared";

    public required ImageRequest Request { get; init; }

    public required LinkScope Kernel { get; init; }

    public required IReadOnlyList<LinkedComponent> Components { get; init; }

    public required IReadOnlyList<SharedPartition> SharedPartitions { get; init; }

    public required IReadOnlyList<ImageObject> Objects { get; init; }

    /// <summary>The system calls that it has.</summary>
    public required SystemCallUse Calls { get; init; }

    /// <summary>All regions, by address, without gaps.</summary>
    public required IReadOnlyList<Region> Regions { get; init; }

    public required Region PageTables { get; init; }

    public required Region StackFrames { get; init; }

    /// <summary>The page tables.</summary>
    public required ImageTables Tables { get; init; }

    /// <summary>What they would be under each other strategy.</summary>
    public required IReadOnlyList<ImageTables> OtherTables { get; init; }

    /// <summary>The kernel's text, entry text included, and read-only data.</summary>
    public IEnumerable<Region> KernelCode => Regions.Where(static region => region.Owner == LinkScope.KernelOwner && region.Mapping == RegionMapping.Kernel && region.Rights != RegionRights.ReadWrite);

    /// <summary>First instruction of the image.</summary>
    public required ulong Entry { get; init; }

    public ulong Start => Regions[0].StartAddress;

    public ulong End => Regions[^1].EndAddress;

    public IEnumerable<LinkScope> Scopes => [Kernel, .. Components.Select(static component => component.Scope)];
}

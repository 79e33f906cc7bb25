// What the kernel's tables can hold is said in the kernel, as constants; an image that exceeds one is refused here instead of at boot.

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>The sizes of the kernel's tables.</summary>
/// <param name="Components">Components in an image.</param>
/// <param name="Domains">Domains; one is the kernel's own.</param>
/// <param name="Partitions">Partitions of a domain.</param>
/// <param name="Regions">Regions of the address space.</param>
/// <param name="Objects">Kernel objects.</param>
internal sealed record KernelLimits(int Components, int Domains, int Partitions, int Regions, int Objects)
{
    // What every domain of a component holds besides its shared partitions: text, read-only data, statics.
    private const int OwnPartitions = 3;

    // Kernel text, read-only data and data, and the page tables.
    private const int KernelRegions = 4;

    /// <summary>Reads the constants from the kernel's assemblies.</summary>
    public static KernelLimits Read(IReadOnlyList<string> kernelAssemblies) => new(
        KernelConstants.Read(kernelAssemblies, "ComponentTable", "Capacity"),
        KernelConstants.Read(kernelAssemblies, "Protection", "DomainCapacity"),
        KernelConstants.Read(kernelAssemblies, "DomainCapacity", "PartitionCount"),
        KernelConstants.Read(kernelAssemblies, "AddressLayout", "RegionCapacity"),
        KernelConstants.Read(kernelAssemblies, "ObjectTable", "MaximumCapacity"));

    /// <summary>Everything in which an image is too large, or too small for itself.</summary>
    /// <param name="project">The image's project file.</param>
    /// <param name="threadCapacity">Threads that the image has room for.</param>
    /// <param name="grants">Each component's name and number of shared partitions.</param>
    /// <param name="sharedPartitions">Number of shared partitions.</param>
    /// <param name="objects">Number of kernel objects, those that components may create included.</param>
    public IEnumerable<Diagnostic> Check(string project, int threadCapacity, IReadOnlyList<(string Component, int Grants)> grants, int sharedPartitions, int objects)
    {
        int components = grants.Count;
        if (components > Components || components + 1 > Domains)
        {
            yield return Refuse($"The image has {components} components; the kernel has room for {Math.Min(Components, Domains - 1)}");
        }

        // One for each main thread, one for the supervisor that starts and restarts them.
        if (threadCapacity < components + 1)
        {
            yield return Refuse($"RingfenceThreadCapacity is {threadCapacity}; {components} components need at least {components + 1}");
        }

        foreach ((string component, int count) in grants.Where(component => OwnPartitions + component.Grants > Partitions))
        {
            yield return Refuse($"{component} has {count} shared partitions; a domain has room for {Partitions - OwnPartitions} beside text, read-only data and statics");
        }

        if (objects > Objects)
        {
            yield return Refuse($"The image has {objects} kernel objects, those that components may create included; the kernel has room for {Objects}");
        }

        // What can be granted, user stacks included, is mapped a second time for the kernel; a thread has a kernel stack besides.
        int regions = KernelRegions + (2 * ((OwnPartitions * components) + sharedPartitions)) + (3 * threadCapacity);
        if (regions > Regions)
        {
            yield return Refuse(
                $"{components} components, {sharedPartitions} shared partitions and {threadCapacity} threads make up to {regions} regions; the kernel has room for {Regions}");
        }

        Diagnostic Refuse(string text) => new("RF2021", project, text);
    }
}

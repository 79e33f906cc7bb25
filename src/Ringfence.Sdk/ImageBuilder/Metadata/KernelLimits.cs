// What the kernel can serve is said in the kernel, as constants; an image that exceeds one, or gives itself too little, is refused here instead of at boot.

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>The kernel's limits.</summary>
/// <param name="Components">Components in an image.</param>
/// <param name="Partitions">Partitions of a domain.</param>
/// <param name="Objects">Kernel objects.</param>
internal sealed record KernelLimits(int Components, int Partitions, int Objects)
{
    // What every domain of a component holds besides its shared partitions: text, read-only data, statics.
    private const int OwnPartitions = 3;

    /// <summary>Reads the constants from the kernel's assemblies.</summary>
    public static KernelLimits Read(IReadOnlyList<string> kernelAssemblies) => new(
        KernelConstants.Read(kernelAssemblies, "ComponentTable", "Capacity"),
        KernelConstants.Read(kernelAssemblies, "DomainCapacity", "PartitionCount"),
        1 << KernelConstants.Read(kernelAssemblies, "KernelHandle", "SlotBitCount"));

    /// <summary>Everything in which an image is too large, or too small for itself.</summary>
    /// <param name="project">The image's project file.</param>
    /// <param name="threadCapacity">Threads that the image has room for.</param>
    /// <param name="domainCapacity">Domains that it has room for.</param>
    /// <param name="tableSetCapacity">Domains whose tables it has frames for; null where that is not limited.</param>
    /// <param name="grants">Each component's name and number of shared partitions.</param>
    /// <param name="objects">Number of kernel objects, those that components may create included.</param>
    public IEnumerable<Diagnostic> Check(
        string project, int threadCapacity, int domainCapacity, int? tableSetCapacity, IReadOnlyList<(string Component, int Grants)> grants, int objects)
    {
        int components = grants.Count;
        if (components > Components)
        {
            yield return Refuse($"The image has {components} components; the kernel has room for {Components}");
        }

        // One for each main thread, one for the supervisor that starts and restarts them.
        if (threadCapacity < components + 1)
        {
            yield return Blame("RingfenceThreadCapacity", $"RingfenceThreadCapacity is {threadCapacity}; {components} components need at least {components + 1}");
        }

        // One for each component, and the one without partitions in which kernel threads start.
        if (domainCapacity < components + 1)
        {
            yield return Blame("RingfenceDomainCapacity", $"RingfenceDomainCapacity is {domainCapacity}; {components} components need at least {components + 1}");
        }

        // The same ones.
        if (tableSetCapacity < components + 1)
        {
            yield return Blame(
                "RingfenceTableSetCapacity", $"RingfenceTableSetCapacity is {tableSetCapacity}; the sets of tables of {components} components and of the kernel's domain need at least {components + 1}");
        }

        foreach ((string component, int count) in grants.Where(component => OwnPartitions + component.Grants > Partitions))
        {
            yield return Blame("RingfencePartitionCapacity", $"RingfencePartitionCapacity is {Partitions}; text, read-only data, statics and {count} shared partitions of {component} need {OwnPartitions + count}");
        }

        if (objects > Objects)
        {
            yield return Refuse($"The image has {objects} kernel objects, those that components may create included; the kernel has room for {Objects}");
        }

        Diagnostic Refuse(string text) => new("RF2021", project, text);

        Diagnostic Blame(string property, string text) => new ProjectFile(project).Blame(property, "RF2021", text);
    }
}

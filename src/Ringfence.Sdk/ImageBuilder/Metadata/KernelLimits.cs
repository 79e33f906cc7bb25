// What the kernel can serve is said in the kernel, as constants; an image that exceeds one, or gives itself too little, is refused here instead of at boot.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>The kernel's limits.</summary>
/// <param name="Components">Components in an image.</param>
/// <param name="Partitions">Partitions of a domain.</param>
internal sealed record KernelLimits(int Components, int Partitions)
{
    // What every domain of a component holds besides its shared partitions: text, read-only data, statics.
    private const int OwnPartitions = 3;

    /// <summary>Reads the constants from the kernel's assemblies.</summary>
    public static KernelLimits Read(IReadOnlyList<string> kernelAssemblies) => new(
        Constant(kernelAssemblies, "ComponentTable", "Capacity"),
        Constant(kernelAssemblies, "DomainCapacity", "PartitionCount"));

    /// <summary>Everything in which an image is too large, or too small for itself.</summary>
    /// <param name="project">The image's project file.</param>
    /// <param name="threadCapacity">Threads that the image has room for.</param>
    /// <param name="domainCapacity">Domains that it has room for.</param>
    /// <param name="grants">Each component's name and number of shared partitions.</param>
    public IEnumerable<Diagnostic> Check(string project, int threadCapacity, int domainCapacity, IReadOnlyList<(string Component, int Grants)> grants)
    {
        int components = grants.Count;
        if (components > Components)
        {
            yield return Refuse($"The image has {components} components; the kernel has room for {Components}");
        }

        // One for each main thread, one for the supervisor that starts and restarts them.
        if (threadCapacity < components + 1)
        {
            yield return Refuse($"RingfenceThreadCapacity is {threadCapacity}; {components} components need at least {components + 1}");
        }

        // One for each component, and the one without partitions in which kernel threads start.
        if (domainCapacity < components + 1)
        {
            yield return Refuse($"RingfenceDomainCapacity is {domainCapacity}; {components} components need at least {components + 1}");
        }

        foreach ((string component, int count) in grants.Where(component => OwnPartitions + component.Grants > Partitions))
        {
            yield return Refuse($"{component} has {count} shared partitions; a domain has room for {Partitions - OwnPartitions} beside text, read-only data and statics");
        }

        Diagnostic Refuse(string text) => new("RF2021", project, text);
    }

    private static int Constant(IEnumerable<string> assemblies, string typeName, string fieldName)
    {
        foreach (string assembly in assemblies)
        {
            using FileStream stream = File.OpenRead(assembly);
            using PEReader image = new(stream);
            MetadataReader metadata = image.GetMetadataReader();
            IEnumerable<FieldDefinition> fields = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
                .Where(type => metadata.StringComparer.Equals(type.Name, typeName))
                .SelectMany(static type => type.GetFields())
                .Select(metadata.GetFieldDefinition)
                .Where(field => metadata.StringComparer.Equals(field.Name, fieldName) && !field.GetDefaultValue().IsNil);
            foreach (FieldDefinition field in fields)
            {
                return metadata.GetBlobReader(metadata.GetConstant(field.GetDefaultValue()).Value).ReadInt32();
            }
        }

        throw new BuildFailedException("RF2014", Linking.LinkScope.KernelOwner, $"The kernel does not define the constant {typeName}.{fieldName}");
    }
}

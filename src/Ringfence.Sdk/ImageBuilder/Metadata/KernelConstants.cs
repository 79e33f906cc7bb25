// Constants that the kernel and the image builder share are said in the kernel's assemblies and read from there.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Reads constants and members of enums.</summary>
internal static class KernelConstants
{
    /// <summary>The value of a constant, or of an enum's member, of the kernel's assemblies.</summary>
    public static int Read(IEnumerable<string> kernelAssemblies, string typeName, string fieldName)
    {
        foreach (string assembly in kernelAssemblies)
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

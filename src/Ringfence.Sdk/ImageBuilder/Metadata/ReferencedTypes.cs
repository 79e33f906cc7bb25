// Which types of others an assembly names: what it names none of, its code can't use.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Reads references to types.</summary>
internal static class ReferencedTypes
{
    /// <summary>Whether an assembly refers to one of these types of a namespace.</summary>
    public static bool HasAny(string assembly, string space, params ReadOnlySpan<string> names)
    {
        using FileStream stream = File.OpenRead(assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        foreach (TypeReference type in metadata.TypeReferences.Select(metadata.GetTypeReference))
        {
            if (metadata.StringComparer.Equals(type.Namespace, space) && names.Contains(metadata.GetString(type.Name)))
            {
                return true;
            }
        }

        return false;
    }
}

// Assembly code gets the number of the system calls, and the builder their names, from the same enum as C#: they are read from the compiled assembly.

using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Reads the enum <c>Ringfence.Abi.SystemCall</c> and writes <c>systemcalls.inc</c>.</summary>
internal static class SystemCallNumbers
{
    /// <summary>The include file's text: <c>SYSTEM_CALL_COUNT</c>.</summary>
    public static string IncludeFile(IReadOnlyList<string> names) =>
        string.Create(CultureInfo.InvariantCulture, $"; Generated from the enum Ringfence.Abi.SystemCall.\n%define SYSTEM_CALL_COUNT {names.Count}\n");

    /// <summary>The system calls, each at the index that is its number.</summary>
    public static IReadOnlyList<string> Names(string abiAssembly)
    {
        using FileStream stream = File.OpenRead(abiAssembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        foreach (TypeDefinition type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            if (metadata.StringComparer.Equals(type.Name, "SystemCall") && metadata.StringComparer.Equals(type.Namespace, "Ringfence.Abi"))
            {
                return Names(metadata, type);
            }
        }

        throw new BuildFailedException("RF2014", abiAssembly, "The enum Ringfence.Abi.SystemCall is not in it");
    }

    private static List<string> Names(MetadataReader metadata, TypeDefinition type)
    {
        SortedDictionary<int, string> names = [];
        foreach (FieldDefinition field in type.GetFields().Select(metadata.GetFieldDefinition).Where(static field => !field.GetDefaultValue().IsNil))
        {
            names.Add(metadata.GetBlobReader(metadata.GetConstant(field.GetDefaultValue()).Value).ReadInt32(), metadata.GetString(field.Name));
        }

        return names.Keys.Where(static (number, index) => number != index).Any()
            ? throw new BuildFailedException("RF2014", "Ringfence.Abi", "The numbers of the enum Ringfence.Abi.SystemCall leave one out")
            : [.. names.Values];
    }
}

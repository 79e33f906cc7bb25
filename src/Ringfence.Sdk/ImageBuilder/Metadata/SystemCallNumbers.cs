// Assembly code gets the numbers of the system calls from the same enum as C#: they are read from the compiled assembly.

using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Writes <c>systemcalls.inc</c> from the enum <c>Ringfence.Abi.SystemCall</c>.</summary>
internal static class SystemCallNumbers
{
    /// <summary>The include file's text: one <c>SYSTEM_CALL_NAME</c> a member, and <c>SYSTEM_CALL_COUNT</c>.</summary>
    public static string IncludeFile(string abiAssembly)
    {
        using FileStream stream = File.OpenRead(abiAssembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        foreach (TypeDefinition type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            if (metadata.StringComparer.Equals(type.Name, "SystemCall") && metadata.StringComparer.Equals(type.Namespace, "Ringfence.Abi"))
            {
                return Text(metadata, type);
            }
        }

        throw new BuildFailedException("RF2014", abiAssembly, "The enum Ringfence.Abi.SystemCall is not in it");
    }

    private static string Text(MetadataReader metadata, TypeDefinition type)
    {
        StringBuilder text = new("; Generated from the enum Ringfence.Abi.SystemCall.\n");
        int last = -1;
        foreach (FieldDefinition field in type.GetFields().Select(metadata.GetFieldDefinition).Where(static field => !field.GetDefaultValue().IsNil))
        {
            int number = metadata.GetBlobReader(metadata.GetConstant(field.GetDefaultValue()).Value).ReadInt32();
            text.Append(CultureInfo.InvariantCulture, $"%define SYSTEM_CALL_{UpperSnake(metadata.GetString(field.Name))} {number}\n");
            last = Math.Max(last, number);
        }

        return text.Append(CultureInfo.InvariantCulture, $"%define SYSTEM_CALL_COUNT {last + 1}\n").ToString();
    }

    private static string UpperSnake(string name) =>
        string.Concat(name.Select((c, index) => char.IsUpper(c) && index > 0 ? "_" + c : char.ToUpperInvariant(c).ToString()));
}

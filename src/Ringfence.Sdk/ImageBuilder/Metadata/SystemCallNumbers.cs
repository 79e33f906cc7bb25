// Assembly code gets the numbers of the system calls, and the names of the kernel's handlers, from the same enum as C#: they are read from the compiled assembly.

using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Writes <c>systemcalls.inc</c> from the enum <c>Ringfence.Abi.SystemCall</c>.</summary>
internal static class SystemCallNumbers
{
    /// <summary>
    /// The include file's text: one <c>SYSTEM_CALL_NAME</c> a member, <c>SYSTEM_CALL_COUNT</c>, and two macros for the table of handlers, which the kernel exports as <c>KernelCallName</c>: one
    /// that declares them, one that lists them in the order of the numbers.
    /// </summary>
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
        SortedDictionary<int, string> names = [];
        foreach (FieldDefinition field in type.GetFields().Select(metadata.GetFieldDefinition).Where(static field => !field.GetDefaultValue().IsNil))
        {
            int number = metadata.GetBlobReader(metadata.GetConstant(field.GetDefaultValue()).Value).ReadInt32();
            string name = metadata.GetString(field.Name);
            text.Append(CultureInfo.InvariantCulture, $"%define SYSTEM_CALL_{UpperSnake(name)} {number}\n");
            names.Add(number, name);
        }

        if (names.Keys.Where(static (number, index) => number != index).Any())
        {
            throw new BuildFailedException("RF2014", "Ringfence.Abi", "The numbers of the enum Ringfence.Abi.SystemCall leave one out");
        }

        text.Append(CultureInfo.InvariantCulture, $"%define SYSTEM_CALL_COUNT {names.Count}\n");
        AppendMacro(text, "SYSTEM_CALL_EXTERNS 0", "extern ", names.Values);
        AppendMacro(text, "SYSTEM_CALL_HANDLERS 1", "%1 ", names.Values);
        return text.ToString();
    }

    private static void AppendMacro(StringBuilder text, string head, string directive, IEnumerable<string> names)
    {
        text.Append(CultureInfo.InvariantCulture, $"%macro {head}\n");
        foreach (string name in names)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {directive}KernelCall{name}\n");
        }

        text.Append("%endmacro\n");
    }

    private static string UpperSnake(string name) =>
        string.Concat(name.Select((c, index) => char.IsUpper(c) && index > 0 ? "_" + c : char.ToUpperInvariant(c).ToString()));
}

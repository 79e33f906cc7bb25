// Methods that assembly code and the builder know by the name under which they are exported.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>A method marked <c>RuntimeExport</c>.</summary>
/// <param name="Symbol">The name under which it is exported.</param>
/// <param name="Assembly">Its assembly's name, without the extension.</param>
/// <param name="Type">Its type, with the namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="ParameterCount">How many parameters it has.</param>
internal sealed record ExportedMethod(string Symbol, string Assembly, string Type, string Name, int ParameterCount);

/// <summary>Reads the exports of assemblies.</summary>
internal static class ExportedMethods
{
    private const string Attribute = "RuntimeExportAttribute";

    /// <summary>All exports of the assemblies.</summary>
    public static IReadOnlyList<ExportedMethod> Read(IEnumerable<string> assemblies) => [.. assemblies.SelectMany(Read)];

    private static List<ExportedMethod> Read(string assembly)
    {
        using FileStream stream = File.OpenRead(assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        List<ExportedMethod> exports = [];
        foreach (CustomAttribute attribute in metadata.CustomAttributes.Select(metadata.GetCustomAttribute))
        {
            if (attribute.Parent.Kind != HandleKind.MethodDefinition || NameOf(metadata, attribute) != Attribute)
            {
                continue;
            }

            // Its value: a prolog of two bytes, then the constructor's argument.
            BlobReader value = metadata.GetBlobReader(attribute.Value);
            value.Offset = sizeof(ushort);
            MethodDefinition method = metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Parent);
            TypeDefinition type = metadata.GetTypeDefinition(method.GetDeclaringType());
            exports.Add(new ExportedMethod(
                value.ReadSerializedString() ?? "",
                Path.GetFileNameWithoutExtension(assembly),
                metadata.GetString(type.Namespace) + "." + metadata.GetString(type.Name),
                metadata.GetString(method.Name),
                ParameterCount(metadata, method)));
        }

        return exports;
    }

    private static int ParameterCount(MetadataReader metadata, MethodDefinition method)
    {
        BlobReader signature = metadata.GetBlobReader(method.Signature);
        _ = signature.ReadSignatureHeader();
        return signature.ReadCompressedInteger();
    }

    private static string NameOf(MetadataReader metadata, CustomAttribute attribute)
    {
        EntityHandle type = attribute.Constructor.Kind == HandleKind.MethodDefinition
            ? metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType()
            : metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        return type.Kind switch
        {
            HandleKind.TypeDefinition => metadata.GetString(metadata.GetTypeDefinition((TypeDefinitionHandle)type).Name),
            HandleKind.TypeReference => metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name),
            _ => "",
        };
    }
}

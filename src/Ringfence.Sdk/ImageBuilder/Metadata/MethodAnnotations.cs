// What attributes say of methods that the analysis of stacks can't see by itself. Attributes are known by name alone, so that an assembly may bring its own copy.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>The attributes of the methods of some assemblies.</summary>
internal sealed class MethodAnnotations
{
    private const string Export = "RuntimeExportAttribute";
    private const string MaximumRecursion = "MaximumRecursionAttribute";
    private const string EndsMachine = "EndsMachineAttribute";
    private const string CallsThroughPointer = "CallsThroughPointerAttribute";

    private readonly Dictionary<string, MethodEntry> _exports = new(StringComparer.Ordinal);
    private readonly Dictionary<MethodEntry, int> _recursionLimits = [];
    private readonly HashSet<MethodEntry> _machineEnds = [];
    private readonly HashSet<MethodEntry> _pointerCallers = [];

    public MethodAnnotations(MethodIndex methods)
    {
        foreach (string assembly in methods.Assemblies)
        {
            Read(assembly, methods);
        }
    }

    /// <summary>The method that is exported under a symbol's name, or null.</summary>
    public MethodEntry? FindExport(string symbol) => _exports.GetValueOrDefault(symbol);

    /// <summary>How many calls of the method may be open at once, if it says so.</summary>
    public int? RecursionLimit(MethodEntry method) => _recursionLimits.TryGetValue(method, out int limit) ? limit : null;

    /// <summary>Whether the method never returns and ends the machine.</summary>
    public bool EndsTheMachine(MethodEntry method) => _machineEnds.Contains(method);

    /// <summary>Whether the method's calls through pointers reach those functions of its world whose address is taken, and nothing else.</summary>
    public bool SaysWhatPointersReach(MethodEntry method) => _pointerCallers.Contains(method);

    private void Read(string assembly, MethodIndex methods)
    {
        using FileStream stream = File.OpenRead(assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        foreach (CustomAttribute attribute in metadata.CustomAttributes.Select(metadata.GetCustomAttribute))
        {
            if (attribute.Parent.Kind != HandleKind.MethodDefinition
                || methods.Find(assembly, (MethodDefinitionHandle)attribute.Parent) is not { } method)
            {
                continue;
            }

            // Its value: a prolog of two bytes, then the constructor's arguments.
            BlobReader value = metadata.GetBlobReader(attribute.Value);
            value.Offset = sizeof(ushort);
            switch (NameOf(metadata, attribute))
            {
                case Export when value.ReadSerializedString() is { } symbol:
                    _exports.TryAdd(symbol, method);
                    break;
                case MaximumRecursion:
                    _recursionLimits[method] = value.ReadInt32();
                    break;
                case EndsMachine:
                    _machineEnds.Add(method);
                    break;
                case CallsThroughPointer:
                    _pointerCallers.Add(method);
                    break;
            }
        }
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

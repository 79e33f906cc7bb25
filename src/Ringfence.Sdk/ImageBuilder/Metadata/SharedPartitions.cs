// Shared partitions are declared where they are used: a static property marked [WritablePartition] or [ReadOnlyPartition] in a
// component. Names, rights and types come from the components' metadata; the sizes from the types themselves.

using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>A component's right to a partition.</summary>
internal sealed record PartitionGrant(string Partition, bool Writable, string TypeName, int SizeInBytes, string Property);

/// <summary>Reads the partitions a component declares.</summary>
internal static class SharedPartitions
{
    private const string Namespace = "Ringfence.App";

    /// <summary>One grant a partition; write wins if several properties name the same.</summary>
    public static IReadOnlyList<PartitionGrant> Of(ComponentRequest component, IReadOnlyList<string> closure)
    {
        // Most components declare none, and finding that out needs no type loading.
        if (!MentionsPartitions(component.Assembly))
        {
            return [];
        }

        Loader loader = new(closure);
        try
        {
            List<PartitionGrant> grants = [];
            foreach (Type type in loader.LoadFromAssemblyPath(component.Assembly).GetTypes())
            {
                foreach (PropertyInfo property in type.GetProperties(
                    BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    if (GrantOf(property) is { } grant)
                    {
                        grants.Add(grant);
                    }
                }
            }

            return
            [
                .. grants.GroupBy(static grant => grant.Partition)
                    .OrderBy(static group => group.Key, StringComparer.Ordinal)
                    .Select(group => Merge(component, [.. group])),
            ];
        }
        finally
        {
            loader.Unload();
        }
    }

    private static PartitionGrant Merge(ComponentRequest component, PartitionGrant[] grants)
    {
        if (grants.FirstOrDefault(grant => grant.TypeName != grants[0].TypeName) is { } other)
        {
            throw new BuildFailedException(
                "RF2020",
                component.Name,
                $"Partition {other.Partition} holds {grants[0].TypeName} in {grants[0].Property} and {other.TypeName} in {other.Property}");
        }

        return grants[0] with { Writable = grants.Any(static grant => grant.Writable) };
    }

    private static PartitionGrant? GrantOf(PropertyInfo property)
    {
        foreach (CustomAttributeData attribute in property.GetCustomAttributesData())
        {
            Type kind = attribute.AttributeType;
            bool writable = kind.Name == "WritablePartitionAttribute";
            if (kind.Namespace != Namespace || (!writable && kind.Name != "ReadOnlyPartitionAttribute"))
            {
                continue;
            }

            string name = attribute.NamedArguments.FirstOrDefault(static argument => argument.MemberName == "Name").TypedValue.Value as string
                ?? attribute.ConstructorArguments.Select(static argument => argument.Value).OfType<string>().FirstOrDefault()
                ?? property.Name;
            Type held = property.PropertyType.IsByRef ? property.PropertyType.GetElementType()! : property.PropertyType;
            return new PartitionGrant(name, writable, held.FullName!, SizeOf(held), $"{property.DeclaringType!.FullName}.{property.Name}");
        }

        return null;
    }

    // On this 64-bit host pointers are as wide as anywhere: the size is the target's or more.
    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static bool MentionsPartitions(string assembly)
    {
        using FileStream stream = File.OpenRead(assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        return metadata.TypeReferences.Select(metadata.GetTypeReference).Any(type =>
            metadata.StringComparer.Equals(type.Namespace, Namespace)
            && metadata.GetString(type.Name) is "WritablePartitionAttribute" or "ReadOnlyPartitionAttribute");
    }

    private sealed class Loader(IReadOnlyList<string> closure) : AssemblyLoadContext(isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            closure.FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == assemblyName.Name) is { } path ? LoadFromAssemblyPath(path) : null;
    }
}

// Shared partitions are declared where they are used: a static property marked [WritablePartition] or [ReadOnlyPartition] in a
// component. Names, rights and types come from the components' metadata; the sizes from the types themselves.

using System.Reflection;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>A component's right to a partition.</summary>
internal sealed record PartitionGrant(string Partition, bool Writable, string TypeName, int SizeInBytes, string Property);

/// <summary>Reads the partitions a component declares.</summary>
internal static class SharedPartitions
{
    private const string WritableAttribute = "WritablePartitionAttribute";
    private const string ReadOnlyAttribute = "ReadOnlyPartitionAttribute";

    /// <summary>One grant a partition; write wins if several properties name the same.</summary>
    public static IReadOnlyList<PartitionGrant> Of(ComponentRequest component, IReadOnlyList<string> closure) =>
    [
        .. DeclaredProperties.Read(component, closure, [WritableAttribute, ReadOnlyAttribute], GrantOf)
            .GroupBy(static grant => grant.Partition)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(group => Merge(component, [.. group])),
    ];

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

    private static PartitionGrant GrantOf(PropertyInfo property, CustomAttributeData attribute)
    {
        Type held = property.PropertyType.IsByRef ? property.PropertyType.GetElementType()! : property.PropertyType;
        return new PartitionGrant(
            DeclaredProperties.NameOf(property, attribute),
            attribute.AttributeType.Name == WritableAttribute,
            held.FullName!,
            TypeSize.Of(held),
            DeclaredProperties.FullNameOf(property));
    }
}

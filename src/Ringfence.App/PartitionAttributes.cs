// How a component names the memory that it shares with others. The generator writes the body of such a property; the image builder
// reads the attribute and makes the grant, so the declaration in C# and the rights in the page tables can't differ.

using System;

namespace Ringfence.App;

/// <summary>
/// Grants this component a shared partition to read and write: <c>[WritablePartition] static partial ref Board Board { get; }</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WritablePartitionAttribute : Attribute
{
    /// <summary>Names the partition; without a name it is called like the property.</summary>
    public WritablePartitionAttribute(string? name = null) => Name = name;

    /// <summary>The partition's name in the image; components that give the same name share it.</summary>
    public string? Name { get; }
}

/// <summary>
/// Grants this component a shared partition to read: <c>[ReadOnlyPartition] static partial ref readonly Board Board { get; }</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReadOnlyPartitionAttribute : Attribute
{
    /// <summary>Names the partition; without a name it is called like the property.</summary>
    public ReadOnlyPartitionAttribute(string? name = null) => Name = name;

    /// <summary>The partition's name in the image; components that give the same name share it.</summary>
    public string? Name { get; }
}

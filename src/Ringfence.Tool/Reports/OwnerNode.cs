// An owner of bytes, and the owners within it.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Ringfence.Tool.Reports;

/// <summary>What an owner is.</summary>
public enum OwnerKind
{
    /// <summary>The whole image.</summary>
    Image,

    /// <summary>A run of pages with one purpose.</summary>
    Region,

    /// <summary>A C# assembly, or a group of what comes from none.</summary>
    Assembly,

    /// <summary>A C# type.</summary>
    Type,

    /// <summary>A method, a type's statics, or another named place.</summary>
    Member,

    /// <summary>A shared partition's content.</summary>
    Partition,

    /// <summary>Stacks.</summary>
    Stack,

    /// <summary>Page tables.</summary>
    PageTable,

    /// <summary>Content that no symbol names.</summary>
    Unnamed,

    /// <summary>Bytes that hold nothing.</summary>
    Padding,
}

/// <summary>A node of the tree: a leaf has bytes of its own, another node those of its children.</summary>
public sealed class OwnerNode
{
    private readonly Dictionary<(OwnerKind Kind, string Name), OwnerNode> _children = [];
    private ulong _ownBytes;

    /// <summary>Creates a node without bytes.</summary>
    public OwnerNode(OwnerKind kind, string name)
    {
        Kind = kind;
        Name = name;
    }

    /// <summary>What it is.</summary>
    public OwnerKind Kind { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its bytes, those of everything below it included.</summary>
    public ulong Bytes => _children.Values.Aggregate(_ownBytes, static (sum, child) => sum + child.Bytes);

    /// <summary>Bytes of padding in it.</summary>
    public ulong PaddingBytes =>
        Kind == OwnerKind.Padding ? Bytes : _children.Values.Aggregate(0UL, static (sum, child) => sum + child.PaddingBytes);

    /// <summary>
    /// What it consists of. Regions are in the order of their addresses; elsewhere the largest comes first, and what is nobody's comes last.
    /// </summary>
    public IEnumerable<OwnerNode> Children => Kind == OwnerKind.Image
        ? _children.Values
        : _children.Values.OrderBy(static child => child.Kind is OwnerKind.Unnamed or OwnerKind.Padding)
            .ThenByDescending(static child => child.Bytes).ThenBy(static child => child.Name, StringComparer.Ordinal);

    /// <summary>The child of that name, made if there is none.</summary>
    public OwnerNode Child(OwnerKind kind, string name)
    {
        if (!_children.TryGetValue((kind, name), out OwnerNode? child))
        {
            child = new(kind, name);
            _children.Add((kind, name), child);
        }

        return child;
    }

    /// <summary>Adds bytes to the child of that name; none for 0 bytes.</summary>
    public void Add(OwnerKind kind, string name, ulong bytes)
    {
        if (bytes != 0)
        {
            Child(kind, name)._ownBytes += bytes;
        }
    }

    /// <summary>Writes the node and everything below it as an object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(Kind.ToString()));
        json.WriteNumber("bytes", Bytes);
        if (_children.Count != 0)
        {
            json.WriteStartArray("children");
            foreach (OwnerNode child in Children)
            {
                child.WriteJson(json);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}

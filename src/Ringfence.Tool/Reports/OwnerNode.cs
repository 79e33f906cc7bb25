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

    /// <summary>What a file needs to be one that loaders understand.</summary>
    FileFormat,

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

/// <summary>A node of the tree: a leaf has bytes of its own, in memory, in the file or in both; another node those of its children.</summary>
public sealed class OwnerNode
{
    private readonly Dictionary<(OwnerKind Kind, string Name), OwnerNode> _children = [];
    private ulong _ownBytes;
    private ulong _ownFileBytes;

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

    /// <summary>Its bytes of memory, those of everything below it included.</summary>
    public ulong Bytes => _children.Values.Aggregate(_ownBytes, static (sum, child) => sum + child.Bytes);

    /// <summary>Its bytes of the image file, those of everything below it included.</summary>
    public ulong FileBytes => _children.Values.Aggregate(_ownFileBytes, static (sum, child) => sum + child.FileBytes);

    /// <summary>Bytes of padding in its memory.</summary>
    public ulong PaddingBytes =>
        Kind == OwnerKind.Padding ? Bytes : _children.Values.Aggregate(0UL, static (sum, child) => sum + child.PaddingBytes);

    /// <summary>
    /// What it consists of. The image's parts are in the order of the file and of addresses; elsewhere the largest comes first, and what is nobody's last.
    /// </summary>
    public IEnumerable<OwnerNode> Children => Kind == OwnerKind.Image
        ? _children.Values
        : _children.Values.OrderBy(static child => child.Kind is OwnerKind.Unnamed or OwnerKind.Padding)
            .ThenByDescending(static child => child.Bytes).ThenByDescending(static child => child.FileBytes)
            .ThenBy(static child => child.Name, StringComparer.Ordinal);

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

    /// <summary>Adds bytes of memory and of the file to the child of that name; no child for 0 of both.</summary>
    public void Add(OwnerKind kind, string name, ulong bytes, ulong fileBytes)
    {
        if ((bytes | fileBytes) != 0)
        {
            OwnerNode child = Child(kind, name);
            child._ownBytes += bytes;
            child._ownFileBytes += fileBytes;
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
        json.WriteNumber("fileBytes", FileBytes);
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

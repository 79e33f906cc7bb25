// What a debugger wants beside the image: the symbols of every scope, and the DWARF that the compiler and the assembler wrote.

using System.Buffers.Binary;
using System.Text;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Output;

/// <summary>Debug sections of all objects, joined by name, with addresses filled in.</summary>
internal sealed class DebugSections
{
    private readonly Dictionary<string, List<(Fragment Fragment, LinkScope Scope)>> _parts = new(StringComparer.Ordinal);

    private DebugSections()
    {
    }

    /// <summary>Name and content of each.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Sections { get; private set; } = [];

    /// <summary>Joins them. References among them are offsets into the joined sections, so these are laid out before any is patched.</summary>
    public static DebugSections Of(LinkedImage image)
    {
        DebugSections result = new();
        Dictionary<string, int> sizes = new(StringComparer.Ordinal);
        // Objects of the assembler are part of several scopes; each takes its own copy, with its own addresses.
        foreach (LinkScope scope in image.Scopes)
        {
            foreach (Fragment fragment in scope.Files.SelectMany(static file => file.Fragments).Where(static fragment => fragment.Kind == SectionKind.Debug))
            {
                int size = sizes.GetValueOrDefault(fragment.Section);
                size = (size + fragment.Alignment - 1) / fragment.Alignment * fragment.Alignment;
                fragment.Address = (ulong)size;
                fragment.IsLive = true;
                sizes[fragment.Section] = size + fragment.Size;
                if (!result._parts.TryGetValue(fragment.Section, out List<(Fragment, LinkScope)>? parts))
                {
                    result._parts.Add(fragment.Section, parts = []);
                }

                parts.Add((fragment, scope));
            }
        }

        result.Sections = [.. result._parts.Select(section => (section.Key, Content(section.Value, sizes[section.Key])))];
        return result;
    }

    /// <summary>The ELF symbol table and its names; all symbols but those of the kernel carry their component's name.</summary>
    public (byte[] Symbols, byte[] Names, int FirstGlobal) SymbolTable(LinkedImage image, bool is64Bit)
    {
        const int AbsoluteSection = 0xFFF1;
        int entrySize = is64Bit ? 24 : 16;
        MemoryStream symbols = new();
        MemoryStream names = new();
        symbols.Write(new byte[entrySize]);
        names.WriteByte(0);
        Span<byte> entry = stackalloc byte[24];
        foreach (ImageSymbol symbol in ImageSymbol.Of(image))
        {
            entry.Clear();
            byte information = (byte)((1 << 4) | (symbol.IsCode ? 2 : 1));
            BinaryPrimitives.WriteInt32LittleEndian(entry, (int)names.Position);
            if (is64Bit)
            {
                entry[4] = information;
                BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], AbsoluteSection);
                BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], symbol.Address);
                BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], (ulong)symbol.Size);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)symbol.Address);
                BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)symbol.Size);
                entry[12] = information;
                BinaryPrimitives.WriteUInt16LittleEndian(entry[14..], AbsoluteSection);
            }

            symbols.Write(entry[..entrySize]);
            string owner = symbol.Owner == LinkScope.KernelOwner ? "" : symbol.Owner + ":";
            names.Write(Encoding.UTF8.GetBytes(owner + symbol.Name + "\0"));
        }

        return (symbols.ToArray(), names.ToArray(), 1);
    }

    private static byte[] Content(List<(Fragment Fragment, LinkScope Scope)> parts, int size)
    {
        byte[] bytes = new byte[size];
        foreach ((Fragment fragment, LinkScope scope) in parts)
        {
            Span<byte> place = bytes.AsSpan((int)fragment.Address, fragment.Size);
            fragment.Content.Span.CopyTo(place);
            RelocationApplier.Apply(fragment, place, scope.Resolve, scope.Owner);
        }

        return bytes;
    }
}

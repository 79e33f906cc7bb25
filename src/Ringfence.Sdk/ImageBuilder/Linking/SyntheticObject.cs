// Tables and small functions that the builder makes itself, as objects like any other.

using System.Buffers.Binary;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Builds an object of pointer-sized words, bytes and address-returning functions.</summary>
internal sealed class SyntheticObject(string name, ImageFormat format)
{
    private readonly ObjectFile _file = new(name);

    /// <summary>The object, with all added so far.</summary>
    public ObjectFile File => _file;

    /// <summary>A table of pointer-sized words, each a number or the address of a symbol.</summary>
    public Symbol AddTable(string symbol, IReadOnlyList<TableWord> words)
    {
        int pointer = format.PointerSize();
        byte[] content = new byte[words.Count * pointer];
        Fragment fragment = new(_file, ".rodata", SectionKind.ReadOnly, pointer, 0, content.Length, content);
        for (int index = 0; index < words.Count; index++)
        {
            Span<byte> place = content.AsSpan(index * pointer, pointer);
            if (words[index].Target is { } target)
            {
                RelocationKind kind = pointer == 8 ? RelocationKind.Absolute64 : RelocationKind.Absolute32;
                fragment.Relocations.Add(new Relocation(index * pointer, kind, target, 0, 0));
            }
            else if (pointer == 8)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(place, words[index].Value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(place, checked((uint)words[index].Value));
            }
        }

        return Add(fragment, symbol);
    }

    /// <summary>Read-only bytes.</summary>
    public Symbol AddBytes(string symbol, ReadOnlyMemory<byte> content, int alignment) =>
        Add(new Fragment(_file, ".rodata", SectionKind.ReadOnly, alignment, 0, content.Length, content), symbol);

    /// <summary>Bytes that can be written.</summary>
    public Symbol AddData(string symbol, ReadOnlyMemory<byte> content, int alignment) =>
        Add(new Fragment(_file, ".data", SectionKind.Data, alignment, 0, content.Length, content), symbol);

    /// <summary>Memory that starts as zeroes.</summary>
    public Symbol AddZeroes(string symbol, int size, int alignment) =>
        Add(new Fragment(_file, ".bss", SectionKind.ZeroFilled, alignment, 0, size, default), symbol);

    /// <summary>Makes memory that starts as zeroes longer or shorter. Whatever lies behind it has to be placed again.</summary>
    public static void Resize(Symbol zeroes, int size)
    {
        zeroes.Fragment!.Size = size;
        zeroes.Size = size;
    }

    /// <summary>A function that returns the address of <paramref name="target"/>: <c>mov eax, imm32; ret</c>.</summary>
    /// <remarks>Images lie below 4 GiB, and the write to eax clears the upper half of rax: it serves 64 bits too.</remarks>
    public Symbol AddAddressFunction(string symbol, Symbol target)
    {
        byte[] code = [0xB8, 0, 0, 0, 0, 0xC3];
        Fragment fragment = new(_file, ".text", SectionKind.Text, 16, 0, code.Length, code);
        fragment.Relocations.Add(new Relocation(1, RelocationKind.Absolute32, target, 0, 0));
        return Add(fragment, symbol);
    }

    /// <summary>A function that returns a number: <c>mov eax, imm32; ret</c>.</summary>
    public Symbol AddNumberFunction(string symbol, int value)
    {
        byte[] code = [0xB8, 0, 0, 0, 0, 0xC3];
        BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(1), value);
        return Add(new Fragment(_file, ".text", SectionKind.Text, 16, 0, code.Length, code), symbol);
    }

    private Symbol Add(Fragment fragment, string name)
    {
        Symbol symbol = new(name, isGlobal: true) { Fragment = fragment, Size = fragment.Size };
        fragment.Symbols.Add(symbol);
        _file.Fragments.Add(fragment);
        _file.Symbols.Add(symbol);
        return symbol;
    }
}

/// <summary>A word of a table: a number, or the address of a symbol.</summary>
internal readonly record struct TableWord(ulong Value, Symbol? Target)
{
    public static implicit operator TableWord(int value) => new((ulong)value, null);

    public static implicit operator TableWord(Symbol target) => new(0, target);
}

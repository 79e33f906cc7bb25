// Reads relocatable ELF64 for x86-64 (System V ABI, AMD64 supplement): what ILC writes for Linux and nasm for elf64.

using System.Buffers.Binary;
using System.Text;

namespace Ringfence.ImageBuilder.Objects;

/// <summary>Makes an <see cref="ObjectFile"/> of an ELF64 object.</summary>
internal static class ElfObjectReader
{
    private const int SymbolTableType = 2;
    private const int StringTableType = 3;
    private const int RelocationWithAddendType = 4;
    private const int NoBitsType = 8;
    private const int FlagWrite = 1;
    private const int FlagAllocate = 2;
    private const int FlagExecute = 4;
    private const int FlagThreadLocal = 0x400;
    private const int SectionSymbolType = 3;
    private const int FileSymbolType = 4;
    private const int AbsoluteIndex = 0xFFF1;

    private readonly record struct Header(string Name, int Type, long Flags, int Offset, int Size, int Link, int Information, int Alignment);

    /// <summary>Reads the object; compiler output is cut at its data symbols.</summary>
    public static ObjectFile Read(string path, bool splitData)
    {
        ReadOnlyMemory<byte> bytes = File.ReadAllBytes(path);
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < 64 || !span.StartsWith("\u007FELF"u8) || span[4] != 2 || Half(span, 18) != 62)
        {
            throw new BuildFailedException("RF2008", path, "Not an x86-64 ELF object");
        }

        Header[] headers = ReadHeaders(span);
        ObjectFile file = new(path);
        SectionBuilder?[] sections = new SectionBuilder?[headers.Length];
        for (int index = 1; index < headers.Length; index++)
        {
            Header header = headers[index];
            if (header.Type is SymbolTableType or StringTableType or RelocationWithAddendType)
            {
                continue;
            }

            ReadOnlyMemory<byte> content = header.Type == NoBitsType ? default : bytes.Slice(header.Offset, header.Size);
            sections[index] = new SectionBuilder(header.Name, Classify(header), Math.Max(1, header.Alignment), header.Size, content);
        }

        int symbolTable = Array.FindIndex(headers, static header => header.Type == SymbolTableType);
        Symbol[] symbols = symbolTable < 0 ? [] : ReadSymbols(span, headers, symbolTable, sections, file, out _);
        foreach (Header header in headers.Where(static header => header.Type == RelocationWithAddendType))
        {
            if (sections[header.Information] is not { } section)
            {
                continue;
            }

            for (int at = header.Offset; at < header.Offset + header.Size; at += 24)
            {
                ulong information = Long(span, at + 8);
                int type = (int)(uint)information;
                section.Relocations.Add(new Relocation(
                    (int)Long(span, at), KindOf(type), symbols[information >> 32], (long)Long(span, at + 16), type));
            }
        }

        foreach (SectionBuilder? section in sections)
        {
            section?.Finish(file, splitData);
        }

        return file;
    }

    private static Header[] ReadHeaders(ReadOnlySpan<byte> span)
    {
        int table = (int)Long(span, 40);
        int size = Half(span, 58);
        int count = Half(span, 60);
        int names = Half(span, 62);
        int nameTable = (int)Long(span, table + (names * size) + 24);
        Header[] headers = new Header[count];
        for (int index = 0; index < count; index++)
        {
            int at = table + (index * size);
            headers[index] = new Header(
                Text(span, nameTable + (int)Word(span, at)),
                (int)Word(span, at + 4),
                (long)Long(span, at + 8),
                (int)Long(span, at + 24),
                (int)Long(span, at + 32),
                (int)Word(span, at + 40),
                (int)Word(span, at + 44),
                (int)Long(span, at + 48));
        }

        return headers;
    }

    private static Symbol[] ReadSymbols(
        ReadOnlySpan<byte> span, Header[] headers, int table, SectionBuilder?[] sections, ObjectFile file, out int nameTable)
    {
        Header header = headers[table];
        nameTable = headers[header.Link].Offset;
        Symbol[] symbols = new Symbol[header.Size / 24];
        for (int index = 0; index < symbols.Length; index++)
        {
            int at = header.Offset + (index * 24);
            int type = span[at + 4] & 15;
            int sectionIndex = Half(span, at + 6);
            string name = type is SectionSymbolType or FileSymbolType ? "" : Text(span, nameTable + (int)Word(span, at));
            Symbol symbol = new(name, span[at + 4] >> 4 != 0) { Size = (int)Long(span, at + 16) };
            symbols[index] = symbol;
            if (type == FileSymbolType)
            {
                continue;
            }

            if (sectionIndex == AbsoluteIndex)
            {
                symbol.AbsoluteAddress = Long(span, at + 8);
            }
            else if (sectionIndex != 0 && sections[sectionIndex] is { } section)
            {
                section.Symbols.Add(((int)Long(span, at + 8), symbol));
            }

            if (name.Length != 0)
            {
                file.Symbols.Add(symbol);
            }
        }

        return symbols;
    }

    private static SectionKind Classify(Header header)
    {
        if ((header.Flags & FlagAllocate) == 0)
        {
            return header.Name.StartsWith(".debug_", StringComparison.Ordinal) ? SectionKind.Debug : SectionKind.Discarded;
        }

        return header.Name switch
        {
            ".note.pvh" => SectionKind.BootNote,
            ".eh_frame" or ".dotnet_eh_table" => SectionKind.Discarded,
            _ when (header.Flags & FlagThreadLocal) != 0 => SectionKind.ThreadLocal,
            ".text" or "__managedcode" or ".boot.text" or ".entry.text" when (header.Flags & FlagExecute) != 0 => SectionKind.Text,
            _ when header.Name.StartsWith(Fragment.ElfFunctionPrefix, StringComparison.Ordinal) && (header.Flags & FlagExecute) != 0 => SectionKind.Text,
            ".bss" or ".entry.bss" when header.Type == NoBitsType => SectionKind.ZeroFilled,
            ".data" or "__modules" when (header.Flags & FlagWrite) != 0 => SectionKind.Data,
            ".rodata" or ".boot.rodata" => SectionKind.ReadOnly,
            _ => SectionKind.Unknown,
        };
    }

    private static RelocationKind KindOf(int type) => type switch
    {
        1 => RelocationKind.Absolute64,
        2 or 4 => RelocationKind.Relative32,
        10 => RelocationKind.Absolute32,
        11 => RelocationKind.SignedAbsolute32,
        _ => RelocationKind.Unsupported,
    };

    private static int Half(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt16LittleEndian(span[at..]);

    private static uint Word(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt32LittleEndian(span[at..]);

    private static ulong Long(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt64LittleEndian(span[at..]);

    private static string Text(ReadOnlySpan<byte> span, int at)
    {
        ReadOnlySpan<byte> rest = span[at..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}

// Reads COFF objects for IA-32 (Microsoft PE and COFF specification): what ILC writes for Windows and nasm for win32.
// Only the objects are COFF; the image is ELF, so none of what is peculiar to PE images comes up.

using System.Buffers.Binary;
using System.Text;

namespace Ringfence.ImageBuilder.Objects;

/// <summary>Makes an <see cref="ObjectFile"/> of a COFF object.</summary>
internal static class CoffObjectReader
{
    private const int FileHeaderSize = 20;
    private const int SectionHeaderSize = 40;
    private const int SymbolSize = 18;
    private const int RelocationSize = 10;
    private const uint FlagCode = 0x20;
    private const uint FlagZeroFilled = 0x80;
    private const uint FlagRemove = 0x800;
    private const uint FlagManyRelocations = 0x0100_0000;
    private const uint FlagExecute = 0x2000_0000;
    private const uint FlagWrite = 0x8000_0000;
    private const int ClassExternal = 2;
    private const int ClassStatic = 3;
    private const int ClassFile = 103;

    /// <summary>Reads the object; compiler output is cut at its data symbols.</summary>
    public static ObjectFile Read(string path, bool splitData)
    {
        ReadOnlyMemory<byte> bytes = File.ReadAllBytes(path);
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < FileHeaderSize || Half(span, 0) != 0x14C)
        {
            throw new BuildFailedException("RF2008", path, "Not an IA-32 COFF object");
        }

        int sectionCount = Half(span, 2);
        int symbolTable = (int)Word(span, 8);
        int symbolCount = (int)Word(span, 12);
        int strings = symbolTable + (symbolCount * SymbolSize);
        int firstHeader = FileHeaderSize + Half(span, 16);
        ObjectFile file = new(path);
        SectionBuilder[] sections = new SectionBuilder[sectionCount];
        for (int index = 0; index < sectionCount; index++)
        {
            int header = firstHeader + (index * SectionHeaderSize);
            string name = SectionName(span, header, strings);
            uint flags = Word(span, header + 36);
            int size = (int)Word(span, header + 16);
            int alignmentCode = (int)((flags >> 20) & 15);
            SectionKind kind = Classify(name, flags);
            sections[index] = new SectionBuilder(
                name,
                kind,
                alignmentCode == 0 ? 16 : 1 << (alignmentCode - 1),
                size,
                kind == SectionKind.ZeroFilled ? default : bytes.Slice((int)Word(span, header + 20), size));
        }

        Symbol?[] symbols = ReadSymbols(span, symbolTable, symbolCount, strings, sections, file);
        for (int index = 0; index < sectionCount; index++)
        {
            ReadRelocations(span, firstHeader + (index * SectionHeaderSize), sections[index], symbols);
        }

        foreach (SectionBuilder section in sections)
        {
            section.Finish(file, splitData);
        }

        return file;
    }

    private static Symbol?[] ReadSymbols(
        ReadOnlySpan<byte> span, int table, int count, int strings, SectionBuilder[] sections, ObjectFile file)
    {
        Symbol?[] symbols = new Symbol?[count];
        for (int index = 0; index < count; index++)
        {
            int at = table + (index * SymbolSize);
            int storage = span[at + 16];
            int auxiliaries = span[at + 17];
            int sectionNumber = (short)Half(span, at + 12);
            int value = (int)Word(span, at + 8);
            string name = SymbolName(span, at, strings);
            if (storage is ClassExternal or ClassStatic)
            {
                // A section's own symbol is static, at its start, and has an auxiliary record.
                bool isSection = storage == ClassStatic && auxiliaries > 0 && value == 0;
                Symbol symbol = new(isSection ? "" : name, storage == ClassExternal);
                symbols[index] = symbol;
                if (sectionNumber > 0)
                {
                    sections[sectionNumber - 1].Symbols.Add((value, symbol));
                }
                else if (sectionNumber < 0)
                {
                    symbol.AbsoluteAddress = (uint)value;
                }

                if (!isSection)
                {
                    file.Symbols.Add(symbol);
                }
            }
            else if (storage != ClassFile)
            {
                symbols[index] = new Symbol(name, isGlobal: false);
            }

            index += auxiliaries;
        }

        return symbols;
    }

    private static void ReadRelocations(ReadOnlySpan<byte> span, int header, SectionBuilder section, Symbol?[] symbols)
    {
        int at = (int)Word(span, header + 24);
        int count = Half(span, header + 32);
        if ((Word(span, header + 36) & FlagManyRelocations) != 0 && count == 0xFFFF)
        {
            count = (int)Word(span, at) - 1;
            at += RelocationSize;
        }

        for (int index = 0; index < count; index++, at += RelocationSize)
        {
            int place = (int)Word(span, at);
            int type = Half(span, at + 8);
            if (type == 0)
            {
                continue;
            }

            RelocationKind kind = type switch
            {
                6 => RelocationKind.Absolute32,
                20 => RelocationKind.Relative32,
                _ => RelocationKind.Unsupported,
            };
            // The addend stands in the place itself; a relative one counts from the end of its four bytes.
            int addend = (int)Word(section.Content.Span, place);
            section.Relocations.Add(new Relocation(
                place, kind, symbols[(int)Word(span, at + 4)]!, kind == RelocationKind.Relative32 ? addend - 4L : addend, type));
        }
    }

    private static SectionKind Classify(string name, uint flags)
    {
        string family = name.Split('$')[0];
        return family switch
        {
            ".pdata" or ".xdata" or ".comment" or ".drectve" => SectionKind.Discarded,
            _ when (flags & FlagRemove) != 0 => SectionKind.Discarded,
            ".debug" => SectionKind.Discarded,
            ".tls" => SectionKind.ThreadLocal,
            ".text" or ".managedcode" or ".boot" or ".entry.text" when (flags & (FlagCode | FlagExecute)) != 0 => SectionKind.Text,
            ".bss" or ".entry.bss" when (flags & FlagZeroFilled) != 0 => SectionKind.ZeroFilled,
            ".data" or ".modules" when (flags & FlagWrite) != 0 => SectionKind.Data,
            ".rdata" or ".modules" => SectionKind.ReadOnly,
            _ => SectionKind.Unknown,
        };
    }

    private static string SectionName(ReadOnlySpan<byte> span, int header, int strings)
    {
        string name = Text(span[header..(header + 8)]);
        return name.StartsWith('/') ? Text(span[(strings + int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture))..]) : name;
    }

    private static string SymbolName(ReadOnlySpan<byte> span, int at, int strings) =>
        Word(span, at) == 0 ? Text(span[(strings + (int)Word(span, at + 4))..]) : Text(span[at..(at + 8)]);

    private static int Half(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt16LittleEndian(span[at..]);

    private static uint Word(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt32LittleEndian(span[at..]);

    private static string Text(ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}

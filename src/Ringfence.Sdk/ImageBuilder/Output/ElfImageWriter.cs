// Writes the bootable file. Every program header says exactly what a region is: its bytes in the file, its bytes in memory, its
// rights. A loader that follows them loads the image that the map describes; that is checked by reading the file back.

using System.Buffers.Binary;
using System.Text;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Output;

/// <summary>A stretch of memory the loader makes, beginning with a region; the content is that region's.</summary>
internal readonly record struct Segment(Region First, ReadOnlyMemory<byte> Content, ulong MemoryBytes)
{
    public ulong Address => First.StartAddress;

    public RegionRights Rights => First.Rights;
}

/// <summary>Writes ELF executables: ELF64 for x86-64, with the PVH note; ELF32 for IA-32.</summary>
internal sealed class ElfImageWriter
{
    private const int TypeLoad = 1;
    private const int TypeNote = 4;

    private readonly record struct SectionHeader(
        string Name, int Type, int Flags, ulong Address, long Offset, long Size, int Link = 0, int Information = 0, int EntrySize = 0);

    private readonly LinkedImage _image;
    private readonly bool _is64Bit;
    private readonly int _headerSize;
    private readonly int _programHeaderSize;
    private readonly int _sectionHeaderSize;
    private readonly Dictionary<Region, long> _offsets = [];

    private ElfImageWriter(LinkedImage image)
    {
        _image = image;
        _is64Bit = image.Request.Format.Is64Bit();
        (_headerSize, _programHeaderSize, _sectionHeaderSize) = _is64Bit ? (64, 56, 64) : (52, 32, 40);
    }

    /// <summary>The bootable file: program headers and content alone.</summary>
    public static BootableFile Bootable(LinkedImage image)
    {
        ElfImageWriter writer = new(image);
        byte[] file = writer.Write(null);
        int headers = writer.Check(file);
        return new BootableFile(file, writer._headerSize, headers * writer._programHeaderSize, writer._offsets);
    }

    /// <summary>The same image with sections, symbols and debug information, for a debugger.</summary>
    public static byte[] ForDebugger(LinkedImage image) => new ElfImageWriter(image).Write(DebugSections.Of(image));

    /// <summary>The stretches of memory: a region each, but neighbouring ones without content as one.</summary>
    public static IReadOnlyList<Segment> Segments(LinkedImage image)
    {
        List<Segment> segments = [];
        foreach (Region region in image.Regions.Where(static region => region.EndAddress > region.StartAddress))
        {
            ReadOnlyMemory<byte> content = region.IsMemoryOnly ? default : region.Content;
            ulong size = region.EndAddress - region.StartAddress;
            if (content.IsEmpty && segments.Count > 0 && segments[^1] is { Content.IsEmpty: true } last && last.Rights == region.Rights)
            {
                segments[^1] = last with { MemoryBytes = last.MemoryBytes + size };
            }
            else
            {
                segments.Add(new Segment(region, content, size));
            }
        }

        return segments;
    }

    private byte[] Write(DebugSections? debug)
    {
        IReadOnlyList<Segment> segments = Segments(_image);
        Fragment? note = _image.Kernel.LiveFragments.FirstOrDefault(static fragment => fragment.Kind == SectionKind.BootNote);
        int headers = segments.Count + (note is null ? 0 : 1);
        MemoryStream file = new();
        file.Write(new byte[_headerSize + (headers * _programHeaderSize)]);
        byte[] programHeaders = new byte[headers * _programHeaderSize];
        ulong noteOffset = 0;
        for (int index = 0; index < segments.Count; index++)
        {
            Segment segment = segments[index];
            if (!segment.Content.IsEmpty)
            {
                Align(file, Region.PageSize);
                _offsets.Add(segment.First, file.Position);
            }

            ulong offset = segment.Content.IsEmpty ? 0 : (ulong)file.Position;
            if (note is not null && note.Address >= segment.Address && note.Address < segment.Address + segment.MemoryBytes)
            {
                noteOffset = offset + (note.Address - segment.Address);
            }

            file.Write(segment.Content.Span);
            PutProgramHeader(
                programHeaders, index, TypeLoad, segment.Rights, offset, segment.Address, (ulong)segment.Content.Length, segment.MemoryBytes, Region.PageSize);
        }

        if (note is not null)
        {
            PutProgramHeader(programHeaders, segments.Count, TypeNote, RegionRights.Read, noteOffset, note.Address, (ulong)note.Size, (ulong)note.Size, 4);
        }

        (long sectionTable, int sectionCount) = debug is null ? (0, 0) : WriteSections(file, debug);
        byte[] bytes = file.ToArray();
        PutFileHeader(bytes, headers, sectionTable, sectionCount);
        programHeaders.CopyTo(bytes, _headerSize);
        return bytes;
    }

    private (long Table, int Count) WriteSections(MemoryStream file, DebugSections debug)
    {
        List<SectionHeader> sections = [new("", 0, 0, 0, 0, 0)];
        foreach (Region region in _image.Regions.Where(static region => region.EndAddress > region.StartAddress))
        {
            // NOBITS throughout: the debugger reads memory from the machine, and only wants to know which section an address is in.
            int flags = region.Rights switch { RegionRights.ReadExecute => 6, RegionRights.ReadWrite => 3, _ => 2 };
            sections.Add(new("." + region.Name, 8, flags, region.StartAddress, file.Position, (long)(region.EndAddress - region.StartAddress)));
        }

        foreach ((string name, byte[] content) in debug.Sections)
        {
            sections.Add(new(name, 1, 0, 0, file.Position, content.Length));
            file.Write(content);
        }

        (byte[] symbols, byte[] names, int firstGlobal) = debug.SymbolTable(_image, _is64Bit);
        Align(file, 8);
        sections.Add(new(".symtab", 2, 0, 0, file.Position, symbols.Length, sections.Count + 1, firstGlobal, _is64Bit ? 24 : 16));
        file.Write(symbols);
        sections.Add(new(".strtab", 3, 0, 0, file.Position, names.Length));
        file.Write(names);

        MemoryStream sectionNames = new();
        List<int> nameOffsets = [];
        foreach (string name in sections.Select(static section => section.Name).Append(".shstrtab"))
        {
            nameOffsets.Add((int)sectionNames.Position);
            sectionNames.Write(Encoding.UTF8.GetBytes(name + "\0"));
        }

        sections.Add(new(".shstrtab", 3, 0, 0, file.Position, sectionNames.Length));
        sectionNames.WriteTo(file);
        Align(file, 8);
        long table = file.Position;
        for (int index = 0; index < sections.Count; index++)
        {
            SectionHeader section = sections[index];
            byte[] header = new byte[_sectionHeaderSize];
            int at = 0;
            Put32(header, ref at, nameOffsets[index]);
            Put32(header, ref at, section.Type);
            PutPointer(header, ref at, (ulong)section.Flags);
            PutPointer(header, ref at, section.Address);
            PutPointer(header, ref at, (ulong)section.Offset);
            PutPointer(header, ref at, (ulong)section.Size);
            Put32(header, ref at, section.Link);
            Put32(header, ref at, section.Information);
            PutPointer(header, ref at, 1);
            PutPointer(header, ref at, (ulong)section.EntrySize);
            file.Write(header);
        }

        return (table, sections.Count);
    }

    private void PutFileHeader(byte[] bytes, int programHeaders, long sectionTable, int sectionCount)
    {
        "\u007FELF"u8.CopyTo(bytes);
        bytes[4] = (byte)(_is64Bit ? 2 : 1);
        bytes[5] = 1;
        bytes[6] = 1;
        int at = 16;
        Put16(bytes, ref at, 2);
        Put16(bytes, ref at, _is64Bit ? 62 : 3);
        Put32(bytes, ref at, 1);
        PutPointer(bytes, ref at, _image.Entry);
        PutPointer(bytes, ref at, (ulong)_headerSize);
        PutPointer(bytes, ref at, (ulong)sectionTable);
        Put32(bytes, ref at, 0);
        Put16(bytes, ref at, _headerSize);
        Put16(bytes, ref at, _programHeaderSize);
        Put16(bytes, ref at, programHeaders);
        Put16(bytes, ref at, _sectionHeaderSize);
        Put16(bytes, ref at, sectionCount);
        Put16(bytes, ref at, sectionCount == 0 ? 0 : sectionCount - 1);
    }

    private void PutProgramHeader(
        byte[] bytes, int index, int type, RegionRights rights, ulong offset, ulong address, ulong fileBytes, ulong memoryBytes, ulong alignment)
    {
        int flags = rights switch { RegionRights.ReadExecute => 5, RegionRights.ReadWrite => 6, _ => 4 };
        int at = index * _programHeaderSize;
        Put32(bytes, ref at, type);
        if (_is64Bit)
        {
            Put32(bytes, ref at, flags);
        }

        PutPointer(bytes, ref at, offset);
        PutPointer(bytes, ref at, address);
        PutPointer(bytes, ref at, address);
        PutPointer(bytes, ref at, fileBytes);
        PutPointer(bytes, ref at, memoryBytes);
        if (!_is64Bit)
        {
            Put32(bytes, ref at, flags);
        }

        PutPointer(bytes, ref at, alignment);
    }

    // Reads the program headers back: together they must cover the image, from its first byte to its last, once, and carry every byte of content.
    // Returns how many there are.
    private int Check(byte[] file)
    {
        ulong address = _image.Start;
        ulong content = 0;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(_is64Bit ? 56 : 44));
        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> header = file.AsSpan(_headerSize + (index * _programHeaderSize), _programHeaderSize);
            if (BinaryPrimitives.ReadInt32LittleEndian(header) != TypeLoad)
            {
                continue;
            }

            ulong offset = Pointer(header, _is64Bit ? 8 : 4);
            ulong start = Pointer(header, _is64Bit ? 16 : 8);
            ulong fileBytes = Pointer(header, _is64Bit ? 32 : 16);
            ulong memoryBytes = Pointer(header, _is64Bit ? 40 : 20);
            if (start != address || fileBytes > memoryBytes || offset + fileBytes > (ulong)file.Length)
            {
                throw new BuildFailedException(
                    "RF2030", _image.Request.Name, $"Segment {index} covers {memoryBytes} bytes from 0x{start:x}; the map goes on at 0x{address:x}");
            }

            address += memoryBytes;
            content += fileBytes;
        }

        ulong expected = (ulong)_image.Regions.Where(static region => !region.IsMemoryOnly).Sum(static region => region.Content.Length);
        if (address != _image.End || content != expected)
        {
            throw new BuildFailedException(
                "RF2030",
                _image.Request.Name,
                $"The segments end at 0x{address:x} with {content} bytes of content; the map says 0x{_image.End:x} and {expected}");
        }

        return count;

        ulong Pointer(ReadOnlySpan<byte> header, int at) =>
            _is64Bit ? BinaryPrimitives.ReadUInt64LittleEndian(header[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(header[at..]);
    }

    private static void Align(MemoryStream file, int alignment)
    {
        int rest = (int)(file.Position % alignment);
        if (rest != 0)
        {
            file.Write(new byte[alignment - rest]);
        }
    }

    private static void Put16(byte[] bytes, ref int at, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);
        at += 2;
    }

    private static void Put32(byte[] bytes, ref int at, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        at += 4;
    }

    private void PutPointer(byte[] bytes, ref int at, ulong value)
    {
        if (_is64Bit)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), checked((uint)value));
        }

        at += _is64Bit ? 8 : 4;
    }
}

// The machine code of an image's kernel, routine by routine.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Iced.Intel;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Bench.Tests;

/// <summary>Kernel text as instructions.</summary>
internal sealed class KernelCode
{
    private readonly LayoutSymbol[] _symbols;
    private readonly byte[] _bytes;
    private readonly ulong _start;
    private readonly bool _is64Bit;

    /// <summary>Where the code of entry and exit lies if it is apart (KPTI); it is looked for in kernel text otherwise.</summary>
    public const string EntryRegion = "kernel.entry-text";

    private const string TextRegion = "kernel.text";

    /// <summary>Reads what an image loads as kernel text, or as a part of it.</summary>
    public KernelCode(ImageFiles files, string region = TextRegion)
    {
        ImageLayout layout = ImageLayout.Load(files.Map);
        LayoutRegion text = layout.Regions.FirstOrDefault(candidate => candidate.Name == region && candidate.UsedBytes != 0)
            ?? layout.Regions.Single(static region => region.Name == TextRegion);
        _start = text.Start;
        _bytes = ReadMemory(files.Image, text.Start, (int)text.UsedBytes);
        _is64Bit = layout.Format == "x86-64";
        _symbols = [.. layout.Symbols.Where(symbol => symbol.Address >= text.Start && symbol.Address < text.Start + text.UsedBytes).OrderBy(static symbol => symbol.Address)];
    }

    /// <summary>Every instruction with the symbol it follows; each symbol begins one.</summary>
    public IEnumerable<(string Symbol, Instruction Instruction)> All =>
        _symbols.SelectMany((symbol, index) => Decode(symbol.Name, symbol.Address, index + 1 < _symbols.Length ? _symbols[index + 1].Address : End));

    private ulong End => _start + (ulong)_bytes.Length;

    /// <summary>The instructions from a symbol on, one after the other as they lie.</summary>
    public IEnumerable<Instruction> From(string symbol) =>
        Decode(symbol, _symbols.Single(candidate => candidate.Name == symbol).Address, End).Select(static pair => pair.Instruction);

    private IEnumerable<(string Symbol, Instruction Instruction)> Decode(string symbol, ulong start, ulong end)
    {
        // The boot entry of x86-64 is 32-bit code up to long mode.
        bool isBoot = symbol.StartsWith("boot_entry", StringComparison.Ordinal) || symbol.StartsWith("refuse", StringComparison.Ordinal);
        var decoder = Decoder.Create(_is64Bit && !isBoot ? 64 : 32, new ByteArrayCodeReader(_bytes, (int)(start - _start), (int)(end - start)), start);
        while (decoder.IP < end)
        {
            yield return (symbol, decoder.Decode());
        }
    }

    // From the program headers: what the file loads at an address.
    private static byte[] ReadMemory(string path, ulong address, int byteCount)
    {
        byte[] file = File.ReadAllBytes(path);
        bool is64 = file[4] == 2;
        int table = (int)(is64 ? BitConverter.ToUInt64(file, 32) : BitConverter.ToUInt32(file, 28));
        int entryBytes = BitConverter.ToUInt16(file, is64 ? 54 : 42);
        int count = BitConverter.ToUInt16(file, is64 ? 56 : 44);
        for (int header = table; header < table + (count * entryBytes); header += entryBytes)
        {
            ulong offset = is64 ? BitConverter.ToUInt64(file, header + 8) : BitConverter.ToUInt32(file, header + 4);
            ulong start = is64 ? BitConverter.ToUInt64(file, header + 16) : BitConverter.ToUInt32(file, header + 8);
            ulong bytes = is64 ? BitConverter.ToUInt64(file, header + 32) : BitConverter.ToUInt32(file, header + 16);
            if (BitConverter.ToUInt32(file, header) == 1 && address >= start && address + (ulong)byteCount <= start + bytes)
            {
                return file.AsSpan((int)(offset + address - start), byteCount).ToArray();
            }
        }

        throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path} loads nothing at 0x{address:x}"));
    }
}

// An image as a machine has it after loading: its file in memory, and what its map says of each page. The map's regions are all that is believed; nothing here
// asks the builder where anything is mapped.

using System.Buffers.Binary;
using System.Text.Json;
using Ringfence.Simulator;

namespace Ringfence.Sdk.Tests;

/// <summary>A page that the kernel has mapped.</summary>
/// <param name="Physical">Where it leads.</param>
/// <param name="Writable">Whether the kernel may write.</param>
/// <param name="Executable">Whether the kernel may execute.</param>
/// <param name="Grantable">Whether a domain or a thread may be given it.</param>
internal readonly record struct ExpectedPage(ulong Physical, bool Writable, bool Executable, bool Grantable);

/// <summary>A built image, loaded.</summary>
internal sealed class BuiltImage
{
    public const ulong PageSize = 4096;

    private readonly JsonElement _map;
    private readonly List<(string Name, bool IsKernels, string Rights, ulong Start, ulong End)> _regions;
    private readonly ulong _threads;
    private readonly ulong _kernelStackBytes;
    private readonly ulong _userStackBytes;

    public BuiltImage(string name, string folder)
    {
        string path = Path.Combine(FixtureBuild.RepositoryRoot, "artifacts", "images", name, folder, name);
        _map = JsonDocument.Parse(File.ReadAllBytes(path + ".map.json")).RootElement;
        _regions = [.. _map.GetProperty("regions").EnumerateArray().Select(static region => (
            region.GetProperty("name").GetString()!,
            region.GetProperty("owner").GetString() == "kernel",
            region.GetProperty("rights").GetString()!,
            region.GetProperty("start").GetUInt64(),
            region.GetProperty("end").GetUInt64()))];
        _threads = Number("threadCapacity");
        _kernelStackBytes = Number("kernelStackPages") * PageSize;
        _userStackBytes = Number("userStackPages") * PageSize;
        Memory = Load(File.ReadAllBytes(path + ".elf"), (int)End);
    }

    /// <summary>Memory after loading.</summary>
    public PhysicalMemory Memory { get; }

    public string Format => _map.GetProperty("format").GetString()!;

    /// <summary>The root of the page tables.</summary>
    public ulong Root => _map.GetProperty("pageTables").GetProperty("root").GetUInt64();

    private ulong End => Number("end");

    private ulong SlotBytes => (2 * PageSize) + _kernelStackBytes + _userStackBytes;

    // The first page that can be granted is seen first in the kernel's view, which a guard parts from the stacks.
    private ulong ViewOffset => End + (SlotBytes * _threads) + PageSize - _regions.First(static region => !region.IsKernels || region.Name == "page-tables").Start;

    /// <summary>Where the view ends.</summary>
    public ulong MappedEnd => End + (SlotBytes * _threads) + ViewOffset;

    /// <summary>The start of a region.</summary>
    public ulong StartOf(string region) => _regions.Single(candidate => candidate.Name == region).Start;

    /// <summary>The user stack of a thread slot.</summary>
    public ulong UserStackOf(int slot) => End + (SlotBytes * (ulong)slot) + (2 * PageSize) + _kernelStackBytes;

    /// <summary>The kernel's view of a page.</summary>
    public ulong ViewOf(ulong page) => page + ViewOffset;

    /// <summary>What the kernel has at a page; null where nothing is.</summary>
    public ExpectedPage? Expected(ulong page)
    {
        if (FirstMapping(page) is { } first)
        {
            return first;
        }

        return page >= ViewOffset && FirstMapping(page - ViewOffset) is { Grantable: true } granted
            ? new ExpectedPage(granted.Physical, Writable: true, Executable: false, Grantable: false)
            : null;
    }

    private ExpectedPage? FirstMapping(ulong page)
    {
        if (page >= End && page < End + (SlotBytes * _threads))
        {
            ulong slot = (page - End) / SlotBytes;
            ulong offset = (page - End) % SlotBytes;

            // Slot 0 is the main thread's, which has no user stack.
            ulong frames = StartOf("stacks") + (slot * (_kernelStackBytes + _userStackBytes)) - (slot == 0 ? 0 : _userStackBytes);
            bool isKernelStack = offset >= PageSize && offset < PageSize + _kernelStackBytes;
            bool isUserStack = offset >= (2 * PageSize) + _kernelStackBytes && slot != 0;
            return isKernelStack ? new ExpectedPage(frames + offset - PageSize, Writable: true, Executable: false, Grantable: false)
                : isUserStack ? new ExpectedPage(frames + offset - (2 * PageSize), Writable: false, Executable: false, Grantable: true)
                : null;
        }

        foreach ((string name, bool isKernels, string rights, ulong start, ulong end) in _regions)
        {
            if (page >= start && page < end && name != "stacks")
            {
                return isKernels
                    ? new ExpectedPage(page, rights[1] == 'w', rights[2] == 'x', Grantable: false)
                    : new ExpectedPage(page, Writable: false, Executable: false, Grantable: true);
            }
        }

        return null;
    }

    private ulong Number(string property) => _map.GetProperty(property).GetUInt64();

    // Everything that the program headers say, and zeroes elsewhere, as a loader does.
    private static PhysicalMemory Load(byte[] file, int end)
    {
        bool is64Bit = file[4] == 2;
        PhysicalMemory memory = new(end);
        for (int index = 0; index < BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(is64Bit ? 56 : 44)); index++)
        {
            ReadOnlySpan<byte> header = file.AsSpan(is64Bit ? 64 + (index * 56) : 52 + (index * 32));
            if (Word(header, 0) != 1)
            {
                continue;
            }

            int offset = (int)(is64Bit ? Long(header, 8) : Word(header, 4));
            ulong address = is64Bit ? Long(header, 16) : Word(header, 8);
            int length = (int)(is64Bit ? Long(header, 32) : Word(header, 16));
            for (int at = 0; at < length; at++)
            {
                memory.Fill(address + (ulong)at, 1, file[offset + at]);
            }
        }

        return memory;

        static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

        static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
    }
}

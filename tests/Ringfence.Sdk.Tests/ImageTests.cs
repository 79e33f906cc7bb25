// What holds of every image: checked on the sound image, in each format, as the build left it.

using System.Buffers.Binary;
using System.Text.Json;

namespace Ringfence.Sdk.Tests;

public sealed class ImageTests
{
    private const int PageSize = 4096;

    public static TheoryData<string> Formats => ["x86-64", "pae", "ia32"];

    private readonly record struct Region(string Name, string Owner, string Rights, ulong Start, ulong End, int UsedBytes, int FileBytes, ulong FileOffset);

    private readonly record struct Load(ulong Offset, ulong Address, ulong FileBytes, ulong MemoryBytes, uint Flags);

    private readonly record struct MapSymbol(ulong Address, ulong Size, string Name, string Owner, string? Method);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_page_of_the_image_has_one_owner(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        ulong address = map.GetProperty("start").GetUInt64();
        foreach (Region region in Regions(map))
        {
            Assert.Equal(address, region.Start);
            Assert.Equal(0ul, region.End % PageSize);
            Assert.InRange(region.UsedBytes, 0, (int)(region.End - region.Start));
            Assert.Contains(region.Owner, (string[])["kernel", "SoundWriter", "Reader", "shared"]);
            address = region.End;
        }

        Assert.Equal(map.GetProperty("end").GetUInt64(), address);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_file_loads_exactly_what_the_map_says(string format)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(FixtureBuild.SoundFolder(format), "Sound.elf"));
        List<Load> loads = Loads(file);
        foreach (Region region in Regions(FixtureBuild.SoundMap(format)).Where(static region => region.End > region.Start))
        {
            Load load = Assert.Single(loads, load => region.Start >= load.Address && region.End <= load.Address + load.MemoryBytes);
            Assert.Equal(region.Rights switch { "r-x" => 5u, "rw-" => 6u, _ => 4u }, load.Flags);
            if (region.FileBytes != 0)
            {
                Assert.Equal((region.Start, region.End - region.Start, (ulong)region.FileBytes), (load.Address, load.MemoryBytes, load.FileBytes));
                Assert.Equal(load.Offset, region.FileOffset);
            }
            else
            {
                Assert.Equal(0ul, load.FileBytes);
            }
        }

        Assert.Equal(
            Regions(FixtureBuild.SoundMap(format)).Aggregate(0ul, static (sum, region) => sum + (region.End - region.Start)),
            loads.Aggregate(0ul, static (sum, load) => sum + load.MemoryBytes));

        // Bytes of the file, of its own header and of the program headers: count times size, as the header says.
        JsonElement account = FixtureBuild.SoundMap(format).GetProperty("file");
        (int headerBytes, int sizes) = file[4] == 2 ? (64, 54) : (52, 42);
        Assert.Equal(file.Length, account.GetProperty("bytes").GetInt32());
        Assert.Equal(headerBytes, account.GetProperty("headerBytes").GetInt32());
        Assert.Equal(
            BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(sizes)) * BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(sizes + 2)),
            account.GetProperty("programHeaderBytes").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_loader_finds_the_boot_protocol(string format)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(FixtureBuild.SoundFolder(format), "Sound.elf"));
        ulong entry = Symbols(FixtureBuild.SoundMap(format)).Single(static symbol => symbol.Name == "boot_entry").Address;
        if (format == "x86-64")
        {
            // PVH: a PT_NOTE named "Xen", type 18, whose descriptor is the 32-bit entry.
            int header = Enumerable.Range(0, BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(56))).Select(static index => 64 + (index * 56))
                .Single(at => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) == 4);
            ReadOnlySpan<byte> note = file.AsSpan((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(header + 8)));
            Assert.Equal(18u, BinaryPrimitives.ReadUInt32LittleEndian(note[8..]));
            Assert.Equal("Xen\0"u8, note[12..16]);
            Assert.Equal(entry, BinaryPrimitives.ReadUInt32LittleEndian(note[16..]));
        }
        else
        {
            // Multiboot: magic, flags and checksum that add up to zero, 4-aligned, in the first 8 KiB.
            int header = Enumerable.Range(0, 8192 / 4).Select(static index => index * 4)
                .Single(at => at + 12 <= file.Length && BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) == 0x1BADB002);
            Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(header + 4)));
            Assert.Equal(unchecked((uint)-0x1BADB002), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(header + 8)));
            Assert.Equal(entry, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(24)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Statics_start_from_a_copy_in_kernel_memory(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        byte[] file = File.ReadAllBytes(Path.Combine(FixtureBuild.SoundFolder(format), "Sound.elf"));
        Region statics = Regions(map).Single(static region => region.Name == "SoundWriter.statics");
        MapSymbol program = Symbols(map).Where(static symbol => symbol.Owner == "SoundWriter")
            .Single(static symbol => symbol.Name.Contains("NONGCSTATICS", StringComparison.Ordinal));
        MapSymbol copy = Symbols(map).Single(static symbol => symbol.Name == "pristine_SoundWriter");
        Region readOnly = Regions(map).Single(static region => region.Name == "kernel.readonly");

        Assert.InRange(program.Address, statics.Start, statics.End - 16);
        Assert.InRange(copy.Address, readOnly.Start, readOnly.End - copy.Size);
        Load load = Assert.Single(Loads(file), load => load.Address == readOnly.Start);
        int place = (int)(load.Offset + (copy.Address - readOnly.Start) + (program.Address - statics.Start));
        Assert.True(
            file.AsSpan(place, (int)program.Size).IndexOf((ReadOnlySpan<byte>)[0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]) >= 0,
            "the initial value of s_initialized is not in the copy");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_component_has_its_own_code_and_statics_of_every_name(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        foreach (string component in new[] { "SoundWriter", "Reader" })
        {
            Region text = Regions(map).Single(region => region.Name == component + ".text");
            MapSymbol[] mains = [.. Symbols(map).Where(symbol => symbol.Owner == component && symbol.Method == "Sound.Program.Main")];
            Assert.InRange(Assert.Single(mains).Address, text.Start, text.End - 1);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_compiled_function_is_named_after_its_method(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        string machine = Path.Combine(FixtureBuild.RepositoryRoot, "src/Ringfence.Machine", format == "x86-64" ? "amd64" : "ia32");
        string assembly = string.Concat(Directory.GetFiles(machine, "*.asm").Select(File.ReadAllText));
        List<ulong> named = [.. Symbols(map).Where(static symbol => symbol.Method is not null).Select(static symbol => symbol.Address)];
        Region[] texts = [.. Regions(map).Where(static region => region.Rights == "r-x")];
        string[] nameless =
        [
            .. Symbols(map)
                .Where(symbol => texts.Any(region => symbol.Address >= region.Start && symbol.Address < region.End) && !named.Contains(symbol.Address))
                .Select(static symbol => symbol.Name)
                .Where(name => !assembly.Contains(name.Split('.')[0], StringComparison.Ordinal)
                    && !name.StartsWith("RingfenceCall", StringComparison.Ordinal)
                    && !name.StartsWith("partition_", StringComparison.Ordinal)
                    && !name.StartsWith("object_", StringComparison.Ordinal)
                    && !name.StartsWith("__Get", StringComparison.Ordinal)
                    && !name.Contains("__managed__Startup", StringComparison.Ordinal)
                    && !name.Contains("NativeLibraryStartup", StringComparison.Ordinal)),
        ];

        Assert.Empty(nameless);
        Assert.Contains(Symbols(map), static symbol => symbol.Method == "Sound.Number.Of<Sound.Doubled>");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_kernels_tables_are_as_long_as_the_image_needs_them(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        byte[] file = File.ReadAllBytes(Path.Combine(FixtureBuild.SoundFolder(format), "Sound.elf"));
        int components = map.GetProperty("components").GetArrayLength();

        // The regions that can be granted are mapped twice; a thread has two stacks, of which one can be granted, but for the main thread.
        Region[] regions = [.. Regions(map).Where(static region => region.End > region.Start)];
        int grantable = regions.Count(static region => region.Owner != "kernel");
        int threads = map.GetProperty("threadCapacity").GetInt32();
        AssertTable("thread", threads + 1, "kernel.data");
        AssertTable("domain", components + 1, "kernel.data");
        AssertTable("region", 4 + (2 * grantable) + threads + (2 * (threads - 1)), "kernel.readonly");
        AssertTable("component", components, "kernel.data");

        // Nobody creates any beside those that are declared.
        AssertTable("object", map.GetProperty("objects").GetArrayLength(), "kernel.data");

        void AssertTable(string name, int count, string place)
        {
            MapSymbol table = Symbols(map).Single(symbol => symbol.Name == name + "_table");
            MapSymbol size = Symbols(map).Single(symbol => symbol.Name == $"kernel_{name}_byte_count");
            Load text = Loads(file).Single(load => load.Address <= size.Address && size.Address < load.Address + load.FileBytes);
            int bytes = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan((int)(text.Offset + (size.Address - text.Address)) + 1));
            Assert.Equal((ulong)(bytes * count), table.Size);
            Region data = Assert.Single(regions, region => region.Name == place);
            Assert.InRange(table.Address, data.Start, data.Start + (ulong)data.UsedBytes - table.Size);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Lists_of_links_are_as_long_as_there_are_leaf_tables_in_which_anything_can_be_granted(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format + "_leaf-link");
        ulong span = format == "ia32" ? 4ul << 20 : 2ul << 20;
        ulong pointerBytes = format == "x86-64" ? 8ul : 4;

        // Slots of threads follow on the image: each has two guards and two stacks.
        ulong slot = (ulong)(2 + map.GetProperty("kernelStackPages").GetInt32() + map.GetProperty("userStackPages").GetInt32()) * 4096;
        ulong end = map.GetProperty("end").GetUInt64() + (slot * map.GetProperty("threadCapacity").GetUInt64());
        ulong start = Regions(map).Where(static region => region.Owner != "kernel" && region.End > region.Start).Min(static region => region.Start);
        ulong windows = ((end + span - 1) / span) - (start / span);

        // One for each component's domain and the kernel's, and two of the strategy's own.
        ulong lists = 3 + (ulong)map.GetProperty("components").GetArrayLength();
        MapSymbol table = Symbols(map).Single(static symbol => symbol.Name == "link_list_table");
        Assert.Equal(lists * windows * pointerBytes, table.Size);
        Region data = Regions(map).Single(static region => region.Name == "kernel.data");
        Assert.InRange(table.Address, data.Start, data.Start + (ulong)data.UsedBytes - table.Size);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Below_the_boot_stack_lies_what_cannot_be_written(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        MapSymbol stack = Symbols(map).Single(static symbol => symbol.Name == "image_boot_stack");
        Region below = Regions(map).Single(region => region.End == stack.Address);
        Assert.Equal("r--", below.Rights);
        Assert.NotEqual(below.Start, below.End);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Grants_and_settings_come_from_the_declarations(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        JsonElement partition = Assert.Single(map.GetProperty("sharedPartitions").EnumerateArray().ToArray());
        Assert.Equal("Board", partition.GetProperty("name").GetString());
        Assert.Equal("Sound.Board", partition.GetProperty("type").GetString());
        Assert.Equal(4008, partition.GetProperty("bytes").GetInt32());
        Assert.Equal((ulong)PageSize, partition.GetProperty("end").GetUInt64() - partition.GetProperty("start").GetUInt64());

        JsonElement[] components = [.. map.GetProperty("components").EnumerateArray()];
        Assert.Equal(["SoundWriter", "Reader"], components.Select(static component => component.GetProperty("name").GetString()));
        Assert.Equal([true, false], components.Select(static component => component.GetProperty("grants")[0].GetProperty("writable").GetBoolean()));
        Assert.Equal([3, 8], components.Select(static component => component.GetProperty("priority").GetInt32()));
        Assert.Equal(["OnFault", "Never"], components.Select(static component => component.GetProperty("restart").GetString()));
        Assert.Equal([7, 0], components.Select(static component => component.GetProperty("restartLimit").GetInt32()));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Objects_their_settings_and_rights_come_from_the_declarations(string format)
    {
        JsonElement[] objects = [.. FixtureBuild.SoundMap(format).GetProperty("objects").EnumerateArray()];
        Assert.Equal(["Notes", "Orders", "Ready"], objects.Select(static made => made.GetProperty("name").GetString()));
        Assert.Equal(["MessageQueue", "MessageQueue", "Semaphore"], objects.Select(static made => made.GetProperty("kind").GetString()));
        Assert.Equal([3, 1, 5], objects.Select(static made => made.GetProperty("limit").GetInt32()));
        Assert.Equal([12, 4, 0], objects.Select(static made => made.GetProperty("bufferBytes").GetInt32()));
        Assert.Equal(2, objects[2].GetProperty("initial").GetInt32());
        Assert.Equal(
            ["SoundWriter gives", "Reader takes"],
            objects[0].GetProperty("components").EnumerateArray().Select(static component =>
                component.GetProperty("name").GetString()
                + (component.GetProperty("gives").GetBoolean() ? " gives" : "") + (component.GetProperty("takes").GetBoolean() ? " takes" : "")));
    }

    // Code that touches new stack memory with the stack pointer itself: an interrupt between its instructions would run a small kernel stack into its guard.
    [Theory]
    [InlineData("pae")]
    [InlineData("ia32")]
    public void Kernel_code_never_lowers_the_stack_pointer_by_a_page(string format)
    {
        ReadOnlySpan<byte> subtractPage = [0x81, 0xEC, 0x00, 0x10, 0x00, 0x00]; // sub esp, 4096
        byte[] file = File.ReadAllBytes(Path.Combine(FixtureBuild.SoundFolder(format), "Sound.elf"));
        Region text = Regions(FixtureBuild.SoundMap(format)).Single(static region => region.Name == "kernel.text");
        Load load = Assert.Single(Loads(file), load => load.Address == text.Start);
        Assert.Equal(-1, file.AsSpan((int)load.Offset, text.FileBytes).IndexOf(subtractPage));
    }

    private static IEnumerable<Region> Regions(JsonElement map) => map.GetProperty("regions").EnumerateArray().Select(static region => new Region(
        region.GetProperty("name").GetString()!,
        region.GetProperty("owner").GetString()!,
        region.GetProperty("rights").GetString()!,
        region.GetProperty("start").GetUInt64(),
        region.GetProperty("end").GetUInt64(),
        region.GetProperty("usedBytes").GetInt32(),
        region.GetProperty("fileBytes").GetInt32(),
        region.GetProperty("fileOffset").GetUInt64()));

    private static IEnumerable<MapSymbol> Symbols(JsonElement map) => map.GetProperty("symbols").EnumerateArray().Select(static symbol => new MapSymbol(
        symbol.GetProperty("address").GetUInt64(),
        symbol.GetProperty("size").GetUInt64(),
        symbol.GetProperty("name").GetString()!,
        symbol.GetProperty("owner").GetString()!,
        symbol.TryGetProperty("method", out JsonElement method) ? method.GetString() : null));

    private static List<Load> Loads(byte[] file)
    {
        bool is64Bit = file[4] == 2;
        List<Load> loads = [];
        for (int index = 0; index < BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(is64Bit ? 56 : 44)); index++)
        {
            ReadOnlySpan<byte> header = file.AsSpan(is64Bit ? 64 + (index * 56) : 52 + (index * 32));
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) == 1)
            {
                loads.Add(is64Bit
                    ? new Load(Long(header, 8), Long(header, 16), Long(header, 32), Long(header, 40), Word(header, 4))
                    : new Load(Word(header, 4), Word(header, 8), Word(header, 16), Word(header, 20), Word(header, 24)));
            }
        }

        return loads;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}

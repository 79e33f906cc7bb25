// An image has the system calls that its components' code names, and the kernel objects that there can be; nothing else of the kernel's calls and objects is in it.

using System.Buffers.Binary;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.Sdk.Tests;

public sealed class SystemCallTests
{
    // What the two components of the sound image call, in the order of the numbers. Every component may fail a check and ends by Exit.
    private static readonly string[] s_soundCalls = ["Exit", "Fail", "SemaphoreTake", "SemaphoreGive", "SendMessage", "ReceiveMessage"];

    private static readonly IReadOnlyList<string> s_calls = SystemCallNumbers.Names(FixtureBuild.AssemblyOf("Ringfence.Abi"));

    public static TheoryData<string> Formats => ["x86-64", "pae", "ia32"];

    private readonly record struct MapSymbol(ulong Address, ulong Size, string Name, string Owner, string? Method);

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_image_has_the_calls_that_its_components_make(string format) => Assert.Equal(s_soundCalls, Calls(FixtureBuild.SoundMap(format)));

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_component_holds_the_stubs_that_it_uses_and_no_others(string format)
    {
        List<MapSymbol> symbols = Symbols(FixtureBuild.SoundMap(format));
        AssertStubs("SoundWriter", "RingfenceCallSemaphoreGive", "RingfenceCallSendMessage");
        AssertStubs("Reader", "RingfenceCallReceiveMessage", "RingfenceCallSemaphoreTake");
        Assert.DoesNotContain(symbols, static symbol => symbol.Owner == "SoundWriter" && symbol.Name == "RingfenceTimeStamp");

        void AssertStubs(string component, params string[] stubs) => Assert.Equal(
            stubs,
            symbols.Where(symbol => symbol.Owner == component).Select(static symbol => symbol.Name)
                .Where(static name => name.StartsWith("RingfenceCall", StringComparison.Ordinal) || name.StartsWith("RingfenceSystemCall", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_number_of_a_call_that_nobody_makes_leads_where_an_unknown_one_does(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        List<MapSymbol> symbols = Symbols(map);
        MapSymbol table = Kernels("system_call_handlers");
        byte[] file = File.ReadAllBytes(Path.Combine(FixtureBuild.SoundFolder(format), "Sound.elf"));
        JsonElement readOnly = map.GetProperty("regions").EnumerateArray().Single(static region => region.GetProperty("name").GetString() == "kernel.readonly");
        int place = (int)(readOnly.GetProperty("fileOffset").GetUInt64() + (table.Address - readOnly.GetProperty("start").GetUInt64()));
        int pointer = format == "x86-64" ? 8 : 4;
        Assert.Equal((ulong)(s_calls.Count * pointer), table.Size);
        for (int number = 0; number < s_calls.Count; number++)
        {
            ReadOnlySpan<byte> word = file.AsSpan(place + (number * pointer), pointer);
            ulong handler = pointer == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(word) : BinaryPrimitives.ReadUInt32LittleEndian(word);
            string expected = s_soundCalls.Contains(s_calls[number]) ? "KernelCall" + s_calls[number] : "system_call_absent";
            Assert.Equal((s_calls[number], Kernels(expected).Address), (s_calls[number], handler));
        }

        MapSymbol Kernels(string name) => symbols.Single(symbol => symbol.Owner == "kernel" && symbol.Name == name);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_no_call_and_no_object_needs_is_not_in_the_kernel(string format)
    {
        List<MapSymbol> symbols = Symbols(FixtureBuild.SoundMap(format));
        Assert.True(HasCodeOf(symbols, "Ringfence.Kernel.MessageQueues"), "the image has queues");
        Assert.True(HasCodeOf(symbols, "Ringfence.Kernel.Semaphores"), "the image has semaphores");
        Assert.False(HasCodeOf(symbols, "Ringfence.Kernel.SerialLine"), "no component has the serial port");
        Assert.DoesNotContain(symbols, static symbol => symbol.Method == "Ringfence.Kernel.ThreadLifecycle.Join");
        Assert.DoesNotContain(symbols, static symbol => symbol.Method == "Ringfence.Kernel.ObjectTable.CreateSemaphore");
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("ia32")]
    public async Task A_component_that_calls_by_number_gives_the_image_all_calls(string format)
    {
        using FixtureBuild build = FixtureBuild.Like(format).WithoutComponents().AddComponent("AnyCall");
        await build.RunAsync();

        JsonElement map = Map(build);
        Assert.Equal(s_calls, Calls(map));
        List<MapSymbol> symbols = Symbols(map);
        Assert.Contains(symbols, static symbol => symbol.Method == "Ringfence.Kernel.ThreadLifecycle.Join");
        Assert.Contains(symbols, static symbol => symbol.Method == "Ringfence.Kernel.ObjectTable.CreateSemaphore");
        Assert.NotEqual(0ul, symbols.Single(static symbol => symbol.Name == "object_table").Size);
    }

    [Fact]
    public async Task A_kernel_module_that_can_make_objects_finds_what_it_needs()
    {
        using FixtureBuild declared = FixtureBuild.Like("x86-64").Set("created-object-capacity", "5");
        await declared.RunAsync();
        ulong three = Symbols(Map(declared)).Single(static symbol => symbol.Name == "object_table").Size;

        using FixtureBuild made = FixtureBuild.Like("x86-64").Set("created-object-capacity", "5").Add("kernel", FixtureBuild.AssemblyOf("Maker", "release_x86-64"));
        await made.RunAsync();
        List<MapSymbol> symbols = Symbols(Map(made));
        Assert.Equal(three * (3 + 5), symbols.Single(static symbol => symbol.Name == "object_table").Size * 3);
        Assert.True(HasCodeOf(symbols, "Ringfence.Kernel.SerialLine"), "it could open the port");
        Assert.False(HasCodeOf(symbols, "Ringfence.Kernel.ClosingReport"), "it runs in place of the supervisor, whose report this is");
    }

    // A stub that takes another number of arguments from the stack than its caller has put there would shift the caller's stack.
    [Fact]
    public void Stubs_take_as_many_arguments_as_their_declarations_give()
    {
        string list = File.ReadAllText(Path.Combine(FixtureBuild.RepositoryRoot, "src/Ringfence.Machine/common/calls.inc"));
        Dictionary<string, int> stubs = Regex.Matches(list, @"^    SYSTEM_CALL (\w+), (\d)$", RegexOptions.Multiline).ToDictionary(
            static match => match.Groups[1].Value, static match => int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));

        Assert.Equal(DeclaredCalls().OrderBy(static call => call.Key, StringComparer.Ordinal), stubs.OrderBy(static call => call.Key, StringComparer.Ordinal));

        // Fail has a function of its own.
        Assert.Equal(s_calls.Except(["Fail"]).Order(StringComparer.Ordinal), stubs.Keys.Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, int> DeclaredCalls()
    {
        using PEReader image = new(File.OpenRead(FixtureBuild.AssemblyOf("Ringfence.App")));
        MetadataReader metadata = image.GetMetadataReader();
        TypeDefinition type = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Single(type => metadata.StringComparer.Equals(type.Name, "SystemCalls"));
        return type.GetMethods().Select(metadata.GetMethodDefinition).ToDictionary(method => metadata.GetString(method.Name), method =>
        {
            BlobReader signature = metadata.GetBlobReader(method.Signature);
            _ = signature.ReadSignatureHeader();
            return signature.ReadCompressedInteger();
        });
    }

    private static bool HasCodeOf(List<MapSymbol> symbols, string type) =>
        symbols.Any(symbol => symbol.Owner == "kernel" && symbol.Method?.StartsWith(type + ".", StringComparison.Ordinal) == true);

    private static JsonElement Map(FixtureBuild build) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(build.Folder, "Sound.map.json"))).RootElement;

    private static IEnumerable<string> Calls(JsonElement map) => map.GetProperty("systemCalls").EnumerateArray().Select(static call => call.GetString()!);

    private static List<MapSymbol> Symbols(JsonElement map) => [.. map.GetProperty("symbols").EnumerateArray().Select(static symbol => new MapSymbol(
        symbol.GetProperty("address").GetUInt64(),
        symbol.GetProperty("size").GetUInt64(),
        symbol.GetProperty("name").GetString()!,
        symbol.GetProperty("owner").GetString()!,
        symbol.TryGetProperty("method", out JsonElement method) ? method.GetString() : null))];
}

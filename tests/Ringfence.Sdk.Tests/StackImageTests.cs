// What the analysis of stacks says of images, and what it makes of them.

using System.Text.Json;
using Ringfence.ImageBuilder;
using Ringfence.ImageBuilder.StackAnalysis;

namespace Ringfence.Sdk.Tests;

public sealed class StackImageTests
{
    private static readonly string[] s_stacks = [StackNeed.KernelStack, StackNeed.BootStack];
    private static readonly string[] s_ofExceptions = [StackNeed.NonMaskableStack, StackNeed.DebugStack, StackNeed.DoubleFaultStack];

    public static TheoryData<string> Folders =>
        ["x86-64", "pae", "ia32", "x86-64_per-domain_kpti", "pae_per-domain_kpti", "ia32_per-domain_kpti", "x86-64_leaf-link", "pae_leaf-link", "ia32_leaf-link"];

    public static TheoryData<string> Formats => ["x86-64", "pae", "ia32"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void All_of_the_kernel_and_of_sound_components_is_bounded_and_fits(string folder)
    {
        JsonElement stacks = FixtureBuild.SoundMap(folder).GetProperty("stacks");
        JsonElement[] needs = [.. stacks.GetProperty("needs").EnumerateArray()];
        bool is64 = folder.StartsWith("x86-64", StringComparison.Ordinal);
        bool isKpti = folder.Contains("kpti", StringComparison.Ordinal);
        string[] ofEntries = !isKpti ? [] : is64 ? [StackNeed.EntryStack, StackNeed.Landing] : [StackNeed.EntryStack];
        Assert.Equal([.. s_stacks, .. is64 ? s_ofExceptions : s_ofExceptions[^1..], .. ofEntries, StackNeed.UserStack], needs.Select(static need => need.GetProperty("name").GetString()));
        Assert.All(needs, static need => Assert.Empty(Problems(need)));
        Assert.All(needs, static need => Assert.InRange(need.GetProperty("neededBytes").GetInt64(), 1, need.GetProperty("bytes").GetInt64()));
        Assert.All(Paths(stacks), static path => Assert.Empty(Problems(path)));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_way_into_the_kernel_is_there_with_the_calls_that_lead_deepest(string folder)
    {
        JsonElement stacks = FixtureBuild.SoundMap(folder).GetProperty("stacks");
        JsonElement send = Path(stacks, "SystemCall", "SendMessage");
        Assert.Equal("Ringfence.Kernel.ObjectCalls.SendMessage", Chain(send)[1]);
        Assert.Contains("Ringfence.Kernel.Scheduler.SwitchAway", Chain(send));
        string[] calls = [.. FixtureBuild.SoundMap(folder).GetProperty("systemCalls").EnumerateArray().Select(static call => call.GetString()!)];
        Assert.Equal([.. calls, "a call that no component makes", "a bad number"], Paths(stacks).Where(static path => Kind(path) == "SystemCall").Select(static path => path.GetProperty("name").GetString()!));

        // Numbers of calls decide: what a call doesn't do isn't in its chain, nor in its depth.
        JsonElement exit = Path(stacks, "SystemCall", "Exit");
        Assert.Equal("Ringfence.Kernel.SystemCallHandlers.Exit", Chain(exit)[1]);
        Assert.DoesNotContain(Chain(exit), static name => name.StartsWith("Ringfence.Kernel.MessageQueues", StringComparison.Ordinal));
        Assert.True(Bytes(exit) < Bytes(send));

        // Vectors, too: a tick may switch to another thread; a non-maskable interrupt changes a number.
        JsonElement nonMaskable = Paths(stacks).First(static path => path.GetProperty("name").GetString()!.StartsWith("non-maskable interrupt", StringComparison.Ordinal));
        JsonElement tick = Paths(stacks).Single(static path => Kind(path) == "InterruptOfKernel" && path.GetProperty("name").GetString()!.StartsWith("interrupt 0", StringComparison.Ordinal));
        Assert.True(Bytes(tick) > Bytes(nonMaskable) + 100);
        Assert.Contains("Ringfence.Kernel.InterruptHandler.HandleInterrupt", Chain(tick));
        Assert.Equal("Ringfence.Kernel.InterruptHandler.Handle", Chain(nonMaskable)[^1]);
        Assert.InRange(Bytes(nonMaskable), 512 + 32, 1024);
        Assert.False(nonMaskable.TryGetProperty("interruptibleBytes", out _));
    }

    [Theory]
    [InlineData("x86-64_per-domain_kpti", 8 * 8)]
    [InlineData("pae_per-domain_kpti", (8 + (3 * 13)) * 4)]
    [InlineData("ia32_per-domain_kpti", (8 + (3 * 13)) * 4)]
    public void The_entry_stack_takes_a_frame_with_two_words_and_a_register_and_what_may_come_on_top(string folder, long bytes) =>
        Assert.Equal(bytes, Need(folder, StackNeed.EntryStack).GetProperty("neededBytes").GetInt64());

    [Fact]
    public void A_landing_takes_a_frame_with_two_words_a_register_and_what_was_loaded() =>
        Assert.Equal(9 * 8, Need("x86-64_per-domain_kpti", StackNeed.Landing).GetProperty("neededBytes").GetInt64());

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_kernel_stack_has_room_for_the_state_that_a_user_thread_leaves_above_it(string folder)
    {
        JsonElement stacks = FixtureBuild.SoundMap(folder).GetProperty("stacks");
        JsonElement need = Need(folder, StackNeed.KernelStack);
        Assert.Equal(512, need.GetProperty("stateBytes").GetInt64());
        string[] kinds = ["KernelThread", "SystemCall", "InterruptOfUser"];
        JsonElement deepest = Paths(stacks).First(path => kinds.Contains(Kind(path))
            && path.GetProperty("name").GetString()!.Split(", ").Contains(need.GetProperty("deepest").GetString()));
        long[] own = [Bytes(deepest), deepest.TryGetProperty("interruptibleBytes", out JsonElement interruptible) ? interruptible.GetInt64() : Bytes(deepest)];
        Assert.Contains(need.GetProperty("neededBytes").GetInt64() - need.GetProperty("interruptBytes").GetInt64() - 512, own);
    }

    [Theory]
    [InlineData(StackNeed.EntryStack)]
    [InlineData(StackNeed.Landing)]
    public void A_stack_that_is_as_large_as_the_kernels_sources_say_is_refused_where_it_is_too_small(string name)
    {
        StackNeed need = new(name, 128, 136, new StackPath("kernel", StackPathKind.EntryStack, "page fault", new StackDepth(136, [new ChainLink("interrupt_common", 0)], []), null), 0, []);
        Diagnostic found = Assert.Single(Assert.Throws<BuildFailedException>(() => StackSizing.Apply(SoundRequest(), [need])).Diagnostics);
        Assert.Equal(("RF2033", "kernel"), (found.Code, found.Origin));
        Assert.Equal($"The {name} has 128 bytes, and may take 136 bytes, in kernel, page fault, interrupt_common", found.Text);
        _ = StackSizing.Apply(SoundRequest(), [need with { NeededBytes = 128 }]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_user_stack_that_is_too_small_is_refused_with_the_method_and_taken_with_a_reason(string format)
    {
        using FixtureBuild build = FixtureBuild.Like(format).WithoutComponents().AddComponent("Deep");

        Diagnostic found = Assert.Single(await build.RefuseAsync());

        Assert.Equal("RF2033", found.Code);
        Assert.Matches("^RingfenceUserStackPages is '1', and the user stack of a thread may take [56][0-9]{3} bytes, in Deep, Main, .+: 2 pages$", found.Text);
        build.Set("small-stacks-reason", "a test of what then happens");
        await build.RunAsync();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Stacks_sized_by_analysis_have_the_pages_that_they_need(string format)
    {
        using FixtureBuild build = FixtureBuild.Like(format).WithoutComponents().AddComponent("Deep").Set("stack-sizes", "analysed").Set("kernel-stack-pages", "7");
        await build.RunAsync();

        JsonElement map = build.Map;
        Assert.Equal((1, 2), (map.GetProperty("kernelStackPages").GetInt32(), map.GetProperty("userStackPages").GetInt32()));
        JsonElement stacks = map.GetProperty("stacks");
        Assert.All(stacks.GetProperty("needs").EnumerateArray(), static need => Assert.InRange(need.GetProperty("neededBytes").GetInt64(), 1, need.GetProperty("bytes").GetInt64()));

        // The second thread has a path of its own: four calls of the recursion lie on each other.
        JsonElement second = Path(stacks, "UserThread", "Deep.Program.RunSecond");
        Assert.Empty(Problems(second));
        Assert.Contains("Deep.Program.Countdown", Chain(second));
        Assert.True(Bytes(second) < 1024);
    }

    [Fact]
    public async Task Stacks_without_a_bound_are_not_sized_by_analysis()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").WithoutComponents().AddComponent("Unbounded").Set("stack-sizes", "analysed");

        IReadOnlyList<Diagnostic> found = await build.RefuseAsync();

        Assert.All(found, static diagnostic => Assert.Equal("RF2032", diagnostic.Code));
        // The pointer may be one to a function or to a description of one: two calls.
        Assert.Equal(3, found.Count);
        Assert.Contains(found, static diagnostic => diagnostic.Text.EndsWith("Unbounded: recursion without a limit: Unbounded.Program.Even -> Unbounded.Program.Odd -> Unbounded.Program.Even", StringComparison.Ordinal));
        Assert.Contains(found, static diagnostic => diagnostic.Text.Contains("Unbounded: Unbounded.Program.Call+0x", StringComparison.Ordinal)
            && diagnostic.Text.EndsWith("a call through a pointer, and nothing says what it reaches", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Declared_stacks_without_a_bound_are_taken_as_they_are()
    {
        using FixtureBuild build = FixtureBuild.Like("pae").WithoutComponents().AddComponent("Unbounded");
        await build.RunAsync();
        Assert.Equal(3, Problems(build.Map.GetProperty("stacks").GetProperty("needs").EnumerateArray().Last()).Length);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Stacks_of_exceptions_are_as_large_as_they_need_be_and_hold_the_report_of_a_panic(string folder)
    {
        JsonElement stacks = FixtureBuild.SoundMap(folder).GetProperty("stacks");
        bool is64 = folder.StartsWith("x86-64", StringComparison.Ordinal);
        foreach (string name in is64 ? s_ofExceptions : s_ofExceptions[^1..])
        {
            JsonElement need = Need(folder, name);
            Assert.InRange(need.GetProperty("bytes").GetInt64() - need.GetProperty("neededBytes").GetInt64(), 0, 15);
        }

        JsonElement panic = Paths(stacks).Single(path => Kind(path) == "SeparateStack"
            && path.GetProperty("name").GetString()!.Split(", with a panic")[0].EndsWith(is64 ? "machine check" : "double fault", StringComparison.Ordinal)
            && path.GetProperty("name").GetString()!.Contains("with a panic", StringComparison.Ordinal));
        Assert.InRange(Bytes(panic), 1, Need(folder, StackNeed.DoubleFaultStack).GetProperty("bytes").GetInt64());
        if (is64)
        {
            Assert.Contains("Ringfence.Kernel.Panic.Stop", Chain(panic));
        }
    }

    [Fact]
    public void Stacks_of_exceptions_without_a_bound_have_their_usual_size()
    {
        StackNeed need = new(StackNeed.DebugStack, 3072, 1000, new StackPath("kernel", StackPathKind.SeparateStack, "debug", new StackDepth(1000, [new ChainLink("Handle", 0)], []), null), 0, []);
        Assert.Equal((3072, 1008, 3072), Sizes(need));
        Assert.Equal((3072, 3088, 3072), Sizes(need with { NeededBytes = 3080 }));
        Assert.Equal((3072, 3072, 3072), Sizes(need with { Problems = ["something unknown"] }));

        static (int NonMaskable, int Debug, int DoubleFault) Sizes(StackNeed need)
        {
            Ringfence.ImageBuilder.Linking.ExceptionStacks sizes = StackSizing.Apply(SoundRequest(), [need]).ExceptionStacks!;
            return (sizes.NonMaskable, sizes.Debug, sizes.DoubleFault);
        }
    }

    [Fact]
    public void The_boot_stack_grows_by_itself_and_never_shrinks()
    {
        ImageRequest request = SoundRequest();
        StackDepth depth = new(3100, [new ChainLink("KernelMain", 0)], []);
        StackNeed need = new(StackNeed.BootStack, 3072, 3100, new StackPath("kernel", StackPathKind.Boot, "boot", depth, null), 0, []);
        Assert.Equal(3104, StackSizing.Apply(request, [need]).BootStackBytes);
        Assert.Null(StackSizing.Apply(request, [need with { NeededBytes = 3072 }]).BootStackBytes);
        Assert.Null(StackSizing.Apply(request, [need with { Problems = ["something unknown"] }]).BootStackBytes);
    }

    private static ImageRequest SoundRequest() => ImageRequest.Parse(File.ReadAllLines(System.IO.Path.Combine(FixtureBuild.SoundFolder("x86-64"), "Sound.request")));

    private static JsonElement Need(string folder, string name) =>
        FixtureBuild.SoundMap(folder).GetProperty("stacks").GetProperty("needs").EnumerateArray().Single(need => need.GetProperty("name").GetString() == name);

    private static JsonElement.ArrayEnumerator Paths(JsonElement stacks) => stacks.GetProperty("paths").EnumerateArray();

    private static JsonElement Path(JsonElement stacks, string kind, string name) =>
        Paths(stacks).Single(path => Kind(path) == kind && path.GetProperty("name").GetString() == name);

    private static string Kind(JsonElement path) => path.GetProperty("kind").GetString()!;

    private static long Bytes(JsonElement path) => path.GetProperty("bytes").GetInt64();

    private static string[] Chain(JsonElement path) => [.. path.GetProperty("chain").EnumerateArray().Select(static link => link.GetProperty("name").GetString()!)];

    private static string[] Problems(JsonElement element) => [.. element.GetProperty("problems").EnumerateArray().Select(static problem => problem.GetString()!)];
}

// Each gate is shown a component, or a kernel module, that does what it is there to refuse.

using Ringfence.ImageBuilder;

namespace Ringfence.Sdk.Tests;

public sealed class GateTests
{
    private const string OffenderSource = "Offender/Program.cs";

    [Theory]
    [InlineData("x86-64")]
    [InlineData("ia32")]
    public async Task An_offending_component_is_refused_with_a_diagnostic_for_each_offence(string format)
    {
        using FixtureBuild build = FixtureBuild.Like(format).WithoutComponents().AddComponent("Offender");

        IReadOnlyList<Diagnostic> found = await build.RefuseAsync();

        AssertFound(found, "RF2001", "object", "Method Offences.Program.AllocatesObject allocates");
        AssertFound(found, "RF2001", "array", "Method Offences.Program.AllocatesArray allocates an array");
        AssertFound(found, "RF2001", "box", "Method Offences.Program.Boxes boxes a value");
        AssertFound(found, "RF2001", "inlined", "Method Offences.Program.Inlined allocates");
        AssertFound(found, "RF2002", "constructor", "The statics of Offences.Late need code to run");
        Assert.Contains(found, static diagnostic => Says(diagnostic, "RF2003", "Method Offences.Program.Catches handles exceptions"));
        Assert.Contains(found, static diagnostic => Says(diagnostic, "RF2004", "Offences.Kept ") && diagnostic.Origin == "Offender");
        Assert.Contains(found, static diagnostic => Says(diagnostic, "RF2005", "Method Offences.Program.CallsNobody refers to no_such_function"));
        Assert.All(found, static diagnostic => Assert.DoesNotContain("SoundWriter", diagnostic.Origin, StringComparison.Ordinal));
        Assert.False(File.Exists(build.Image), "the image of the earlier build is still there");
    }

    [Fact]
    public async Task The_kernel_may_not_handle_exceptions_not_even_by_finally()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").Add("kernel", FixtureBuild.AssemblyOf("Handler", "release_x86-64"));

        Diagnostic found = Assert.Single(await build.RefuseAsync());

        Assert.Equal("RF2003", found.Code);
        Assert.StartsWith("Method Handling.Module.Run handles exceptions", found.Text, StringComparison.Ordinal);
        Assert.EndsWith("Module.cs", found.Origin, StringComparison.Ordinal);
        Assert.False(File.Exists(build.Image), "the image of the earlier build is still there");
    }

    [Fact]
    public async Task Components_must_agree_on_the_type_of_a_partition()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").AddComponent("Mismatch");

        Diagnostic found = Assert.Single(await build.RefuseAsync());

        Assert.Equal(("RF2020", "Mismatch"), (found.Code, found.Origin));
        Assert.Contains("Board holds Mismatched.Note of 4 bytes here and Sound.Board of 4008 bytes in SoundWriter", found.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(build.Image), "the image of the earlier build is still there");
    }

    [Fact]
    public async Task Components_must_agree_on_kind_message_and_settings_of_an_object()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").AddComponent("Disagreement");

        IReadOnlyList<Diagnostic> found = await build.RefuseAsync();

        Assert.All(found, static diagnostic => Assert.Equal(("RF2022", "Disagreement"), (diagnostic.Code, diagnostic.Origin)));
        Assert.Equal(
            [
                "Object Notes is MessageQueue of System.Int64 in Disagreeing.Program.Notes and MessageQueue of System.Int32 in Sound.Program.Notes of SoundWriter",
                "Object Orders is Semaphore in Disagreeing.Program.Orders and MessageQueue of System.Int32 in Sound.Program.Orders of SoundWriter",
                "Object Ready is Limit 6 in Disagreeing.Program.Ready and Limit 5 in Sound.Program.Ready of SoundWriter",
            ],
            found.Select(static diagnostic => diagnostic.Text));
        Assert.False(File.Exists(build.Image), "the image of the earlier build is still there");
    }

    [Fact]
    public async Task A_message_with_a_pointer_sized_field_is_refused_by_its_name()
    {
        using FixtureBuild build = FixtureBuild.Like("ia32").AddComponent("PointerMessage");

        Diagnostic found = Assert.Single(await build.RefuseAsync());

        Assert.Equal(("RF2023", "PointerMessage"), (found.Code, found.Origin));
        Assert.StartsWith(
            "PointerMessages.Program.Pointers: message type PointerMessages.Outer has a pointer-sized field, Inner.Address", found.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("section .strange progbits alloc noexec nowrite\ndb 1\n", "RF2006", "kernel", "Section .strange of extra-")]
    [InlineData("section .tdata progbits alloc noexec write tls\nslot: db 1\nsection .text\nlea rax, [rel slot]\n", "RF2006", "kernel", "Section .tdata of extra-")]
    [InlineData("section .text\nglobal boot_entry\nboot_entry:\nret\n", "RF2009", "kernel", "The symbol boot_entry is defined twice")]
    [InlineData("section .text\nfrobnicate eax\n", "RF2013", "extra.asm(2)", "")]
    [InlineData("section .text\nextern nobody\nstray:\ncall nobody\n", "RF2005", "kernel", "stray refers to nobody, which nothing defines")]
    public async Task A_bad_assembly_source_is_refused(string source, string code, string place, string text)
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64");
        string machine = Path.Combine(build.Folder, "machine");
        Directory.CreateDirectory(machine);
        string sources = Path.Combine(FixtureBuild.RepositoryRoot, "src/Ringfence.Machine/amd64");
        foreach (string file in Directory.GetFiles(sources, "*.asm").Concat(Directory.GetFiles(sources, "*.inc")))
        {
            File.Copy(file, Path.Combine(machine, Path.GetFileName(file)));
        }

        await File.WriteAllTextAsync(Path.Combine(machine, "extra.asm"), source, TestContext.Current.CancellationToken);
        build.Set("machine", machine).Set("objects", Path.Combine(build.Folder, "objects"));

        Diagnostic found = Assert.Single(await build.RefuseAsync());

        Assert.Equal(code, found.Code);
        Assert.EndsWith(place, found.Line == 0 ? found.Origin : $"{found.Origin}({found.Line})", StringComparison.Ordinal);
        Assert.StartsWith(text, found.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(build.Image), "the image of the earlier build is still there");
    }

    [Fact]
    public async Task An_assembly_that_is_not_there_is_named()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").WithoutComponents();
        string alone = Path.Combine(build.Folder, "SoundWriter.dll");
        File.Copy(FixtureBuild.AssemblyOf("SoundWriter"), alone);
        build.Add("component", alone, "", "", "", "");

        Diagnostic found = Assert.Single(await build.RefuseAsync());

        Assert.Equal(("RF2012", alone), (found.Code, found.Origin));
        Assert.Contains("the assembly Ringfence.App,", found.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(build.Image), "the image of the earlier build is still there");
    }

    [Fact]
    public async Task What_the_compiler_cannot_compile_is_reported_with_its_reason()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").WithoutComponents();
        string[] facades = [.. build.Values("reference").Where(static path => !path.EndsWith("System.Private.CoreLib.dll", StringComparison.Ordinal))];
        build.Set("reference", facades[0]);
        foreach (string facade in facades[1..])
        {
            build.Add("reference", facade);
        }

        IReadOnlyList<Diagnostic> found = await build.RefuseAsync();

        Assert.Contains(found, static diagnostic => diagnostic is { Code: "RF2007", Origin: "kernel" } && diagnostic.Text.Contains("System.Private.CoreLib", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tool_that_cannot_be_started_is_named()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").Set("assembler", "no-such-assembler");
        build.Set("objects", Path.Combine(build.Folder, "objects"));

        Diagnostic found = Assert.Single(await build.RefuseAsync());

        Assert.Equal(("RF2013", "no-such-assembler"), (found.Code, found.Origin));
    }

    [Theory]
    [InlineData("format", "risc-v", "RingfenceFormat is 'risc-v'; supported: x86-64, pae, ia32")]
    [InlineData("strategy", "leaf-links", "RingfenceStrategy is 'leaf-links'; supported: common, per-domain, shared-subtree, leaf-link")]
    [InlineData("thread-capacity", "1", "RingfenceThreadCapacity is '1'; allowed: 2 to ")]
    [InlineData("domain-capacity", "65", "RingfenceDomainCapacity is '65'; allowed: 1 to ")]
    [InlineData("table-set-capacity", "0", "RingfenceTableSetCapacity is '0'; allowed: 1 to ")]
    [InlineData("processors", "0", "RingfenceProcessors is '0'; allowed: 1 to ")]
    [InlineData("kernel-stack-pages", "-1", "RingfenceKernelStackPages is '-1'; allowed: 1 to ")]
    [InlineData("user-stack-pages", "0", "RingfenceUserStackPages is '0'; allowed: 1 to ")]
    [InlineData("stack-sizes", "guessed", "RingfenceStackSizes is 'guessed'; supported: declared, analysed")]
    [InlineData("tick-hertz", "fast", "RingfenceTickHertz is 'fast'; allowed: ")]
    [InlineData("created-object-capacity", "-1", "RingfenceCreatedObjectCapacity is '-1'; allowed: 0 to ")]
    public async Task A_bad_setting_is_refused_with_its_value_and_the_allowed_ones(string key, string value, string text)
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").Set(key, value);

        Diagnostic found = Assert.Single((await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics);

        Assert.Equal("RF2010", found.Code);
        Assert.StartsWith(text, found.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("16", "", "", "Priority of component Writer is '16'; allowed: 0 to 15")]
    [InlineData("", "Always", "", "Restart of component Writer is 'Always'; allowed: Never, OnFault")]
    [InlineData("", "1", "", "Restart of component Writer is '1'; allowed: Never, OnFault")]
    [InlineData("", "OnFault", "many", "RestartLimit of component Writer is 'many'; allowed: 0 to ")]
    public async Task A_bad_setting_of_a_component_is_refused_with_its_value(string priority, string restart, string limit, string text)
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").WithoutComponents()
            .Add("component", FixtureBuild.AssemblyOf("SoundWriter"), "Writer", priority, restart, limit);

        Diagnostic found = Assert.Single((await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics);

        Assert.Equal("RF2010", found.Code);
        Assert.StartsWith(text, found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_components_of_one_name_are_refused()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").AddComponent("SoundWriter");

        Diagnostic found = Assert.Single((await Assert.ThrowsAsync<BuildFailedException>(build.RunAsync)).Diagnostics);

        Assert.Equal("RF2011", found.Code);
        Assert.Contains("'SoundWriter'", found.Text, StringComparison.Ordinal);
    }

    private static bool Says(Diagnostic diagnostic, string code, string text) =>
        diagnostic.Code == code && diagnostic.Text.StartsWith(text, StringComparison.Ordinal);

    private static void AssertFound(IReadOnlyList<Diagnostic> found, string code, string comment, string text)
    {
        int line = FixtureBuild.LineOf(OffenderSource, comment);
        Assert.True(
            found.Any(diagnostic => diagnostic.Code == code
                && diagnostic.Line == line
                && diagnostic.Origin.EndsWith(OffenderSource, StringComparison.Ordinal)
                && diagnostic.Text.StartsWith(text, StringComparison.Ordinal)),
            $"{code} at line {line}, \"{text}\", is not among:\n{string.Join('\n', found)}");
    }
}

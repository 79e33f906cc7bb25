// The same through `dotnet build`, as a developer sees it.

using System.Diagnostics;

namespace Ringfence.Sdk.Tests;

public sealed class MsBuildTests
{
    [Fact]
    public async Task An_unknown_strategy_fails_the_build_before_anything_is_compiled()
    {
        (int exitCode, string output) = await BuildAsync("Sound/Sound.csproj", "-p:RingfenceStrategy=leaf-links");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("error RF2010: RingfenceStrategy is 'leaf-links'; supported: common, per-domain, shared-subtree, leaf-link", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_to_audit_and_count_is_refused_with_the_reason()
    {
        (int exitCode, string output) = await BuildAsync("Sound/Sound.csproj", "-p:RingfenceAudit=true", "-p:RingfenceCount=true");

        Assert.NotEqual(0, exitCode);
        Assert.Contains(
            "error RF2010: RingfenceCount is 'true'; supported with RingfenceAudit 'true': false, because the audit's own work would be counted", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RingfencePartitionCapacity", "0", "allowed: 1 to 255")]
    [InlineData("RingfencePartitionCapacity", "256", "allowed: 1 to 255")]
    [InlineData("RingfencePartitionCapacity", "-4", "allowed: 1 to 255")]
    [InlineData("RingfencePartitionCapacity", "020", "allowed: 1 to 255")]
    [InlineData("RingfencePartitionCapacity", "many", "allowed: 1 to 255")]
    [InlineData("RingfenceStackIsolation", "process", "supported: thread, domain")]
    public async Task A_bad_setting_of_a_domain_fails_the_build_with_what_is_allowed(string property, string value, string allowed)
    {
        (int exitCode, string output) = await BuildAsync("Sound/Sound.csproj", $"-p:{property}={value}");

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"error RF2010: {property} is '{value}'; {allowed}", output, StringComparison.Ordinal);
    }

    // The writer has text, statics and two shared partitions: more than three, not more than five.
    [Fact]
    public async Task A_component_with_more_partitions_than_a_domain_holds_is_refused_by_the_property_s_name()
    {
        (int exitCode, string output) = await BuildAsync("Sound/Sound.csproj", "-p:RingfenceImageName=Cramped", "-p:RingfencePartitionCapacity=3");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("error RF2021: RingfencePartitionCapacity is 3; text, read-only data, statics and ", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(FixtureBuild.RepositoryRoot, "artifacts/images/Cramped/x86-64_p3/Cramped.elf")));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("255")]
    public async Task A_domain_holds_as_many_partitions_as_the_image_says(string capacity)
    {
        (int exitCode, string output) = await BuildAsync("Sound/Sound.csproj", "-p:RingfenceImageName=Roomy", $"-p:RingfencePartitionCapacity={capacity}");

        Assert.True(exitCode == 0, output);
        Assert.True(File.Exists(Path.Combine(FixtureBuild.RepositoryRoot, $"artifacts/images/Roomy/x86-64_p{capacity}/Roomy.elf")));
        Assert.Equal(capacity, ReadCapacity($"release_p{capacity}"));
    }

    // Format.props gives the default a name, too: with another one the kernel would be built twice, or not as the image asks.
    [Fact]
    public void The_default_of_the_build_is_the_default_of_the_library()
    {
        string[] lines = File.ReadAllLines(Path.Combine(FixtureBuild.RepositoryRoot, "src/Ringfence.Sdk/Format.props"));
        string line = Assert.Single(lines, static line => line.Contains("'$(RingfencePartitionCapacity)' == ''", StringComparison.Ordinal));
        Assert.Contains($">{ReadCapacity("release")}<", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_had_together_is_refused_at_its_lines_before_anything_is_compiled()
    {
        (int exitCode, string output) = await BuildAsync("Impossible/Impossible.csproj");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Impossible.csproj(6): error RF2024: RingfenceKpti is 'true'; supported with RingfenceStrategy 'common': false, because", output, StringComparison.Ordinal);
        Assert.Contains("Impossible.csproj(7): error RF2024: RingfenceProcessors is '2'; supported with RingfenceStrategy 'common': 1, because", output, StringComparison.Ordinal);
        Assert.Contains("Impossible.csproj(8): error RF2024: RingfenceRequireNoExecute is 'true'; supported with RingfenceFormat 'ia32': false, because", output, StringComparison.Ordinal);
        Assert.DoesNotContain("MSB3073", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(FixtureBuild.RepositoryRoot, "artifacts/bin/Ringfence.Kernel"), "*ia32_kpti*"));
    }

    [Fact]
    public async Task A_gate_fails_the_build_with_the_line_of_the_offence()
    {
        (int exitCode, string output) = await BuildAsync("Sound/Sound.csproj", "-p:RingfenceImageName=Refused", "-p:FixtureExtraComponent=../Offender/Offender.csproj");

        Assert.NotEqual(0, exitCode);
        int line = FixtureBuild.LineOf("Offender/Program.cs", "object");
        Assert.Contains($"Offender/Program.cs({line}): error RF2001: Method Offences.Program.AllocatesObject allocates (RhpNewFast)", output, StringComparison.Ordinal);
        Assert.DoesNotContain("MSB3073", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(FixtureBuild.RepositoryRoot, "artifacts/images/Refused/x86-64/Refused.elf")));
    }

    private static string ReadCapacity(string pivot) => ImageBuilder.Metadata.KernelConstants
        .Read([FixtureBuild.AssemblyOf("Ringfence.Domains", pivot)], "DomainCapacity", "PartitionCount").ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<(int ExitCode, string Output)> BuildAsync(string project, params string[] arguments)
    {
        ProcessStartInfo start = new(
            "dotnet",
            ["build", Path.Combine(FixtureBuild.RepositoryRoot, "tests/Ringfence.Sdk.Tests/Fixtures", project), "-nodeReuse:false", "-v:q", "--no-restore", .. arguments])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}

// Build properties become C# constants; what is no number, or none that is allowed, is refused by name.

using System.Diagnostics;

namespace Ringfence.Sdk.Tests;

public sealed class ConstantTests
{
    private static readonly string s_project = Path.Combine(FixtureBuild.RepositoryRoot, "tests/Ringfence.Sdk.Tests/Fixtures/Constants/Constants.csproj");
    private static readonly string s_generated = Path.Combine(FixtureBuild.RepositoryRoot, "artifacts/obj/Constants/release/BuildConstants.g.cs");

    [Fact]
    public async Task A_property_becomes_a_constant_and_its_file_is_written_only_when_a_value_changes()
    {
        Assert.Equal((0, ""), await WriteConstantsAsync("42"));
        Assert.Contains("    internal const int Answer = 42;\n    internal const int Least = -2147483648;\n", await ReadAsync(), StringComparison.Ordinal);
        DateTime written = File.GetLastWriteTimeUtc(s_generated);

        Assert.Equal((0, ""), await WriteConstantsAsync("42"));
        Assert.Equal(written, File.GetLastWriteTimeUtc(s_generated));

        Assert.Equal((0, ""), await WriteConstantsAsync("-5"));
        Assert.Contains("internal const int Answer = -5;", await ReadAsync(), StringComparison.Ordinal);
        Assert.NotEqual(written, File.GetLastWriteTimeUtc(s_generated));

        // The fixture as a whole compiles with what it was built with last.
        Assert.True(File.Exists(FixtureBuild.AssemblyOf("Constants")));

        foreach (string value in new[] { "43", "-6", "soon", "4.2", "0x10", "042", "", "99999999999" })
        {
            (int exitCode, string output) = await WriteConstantsAsync(value);
            Assert.NotEqual(0, exitCode);
            Assert.Contains($"Constants.csproj : error RF2010: FixtureAnswer is '{value}'; allowed: -5 to 42", output, StringComparison.Ordinal);
        }
    }

    private static Task<string> ReadAsync() => File.ReadAllTextAsync(s_generated, TestContext.Current.CancellationToken);

    private static async Task<(int ExitCode, string Output)> WriteConstantsAsync(string value)
    {
        ProcessStartInfo start = new("dotnet", ["msbuild", s_project, "-nologo", "-nodeReuse:false", "-v:q", "-t:RingfenceWriteConstants", $"-p:FixtureAnswer={value}"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}

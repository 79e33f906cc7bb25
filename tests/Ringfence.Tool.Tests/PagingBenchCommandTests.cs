// `bench --paging`: from a project file to the console of the program that measures, on a checkout in small.

using System;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class PagingBenchCommandTests : IDisposable
{
    private const string Project = "bench/Paging/Ringfence.Paging.Benchmarks.csproj";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_program_that_measures_is_built_and_given_the_folder_for_its_reports_and_its_failure_is_the_commands()
    {
        // The command itself stands for the program: it takes the folder for a word it doesn't know.
        string tool = typeof(Repository).Assembly.Location;
        _folder.Write(Project, $"""
            <Project>
              <Target Name="Restore" />
              <Target Name="Build">
                <ItemGroup><Part Include="{Path.GetDirectoryName(tool)}/*.dll" /></ItemGroup>
                <Copy SourceFiles="@(Part)" DestinationFolder="$(MSBuildThisFileDirectory)../../artifacts/bin/Ringfence.Paging.Benchmarks/release" />
                <Copy SourceFiles="{tool}" DestinationFiles="$(MSBuildThisFileDirectory)../../artifacts/bin/Ringfence.Paging.Benchmarks/release/Ringfence.Paging.Benchmarks.dll" />
                <Copy SourceFiles="{Path.ChangeExtension(tool, ".runtimeconfig.json")}" DestinationFiles="$(MSBuildThisFileDirectory)../../artifacts/bin/Ringfence.Paging.Benchmarks/release/Ringfence.Paging.Benchmarks.runtimeconfig.json" />
              </Target>
            </Project>
            """);
        CommandResult result = await Command.RunToolAsync(_folder.Path, "bench", "--paging");
        string reports = Path.Combine(_folder.Path, "artifacts", "benchmarks");
        Assert.Contains($"unknown command '{reports}'", result.Output, StringComparison.Ordinal);
        Assert.Equal("ringfence: the benchmarks of paging failed (see above)", result.ErrorLines[^1]);
        Assert.Equal(1, result.ExitStatus);
    }

    [Fact]
    public async Task A_program_that_does_not_build_is_a_failure()
    {
        _folder.Write(Project, """
            <Project>
              <Target Name="Restore" />
              <Target Name="Build">
                <Error Code="RF9999" File="Program.cs" Text="the offending line" />
              </Target>
            </Project>
            """);
        CommandResult result = await Command.RunToolAsync(_folder.Path, "bench", "--paging");
        Assert.Equal("ringfence: building the benchmarks of paging failed (errors above)", result.ErrorLines[^1]);
        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("--store", "why")]
    [InlineData("--json", "file")]
    [InlineData("--format", "pae")]
    public async Task Options_of_the_other_measurement_are_in_nobodys_way_when_it_is_not_asked_for(string option, string value)
    {
        CommandResult result = await Command.RunToolAsync(_folder.Path, "bench", option, value);
        Assert.DoesNotContain(result.ErrorLines, static line => line.Contains("--paging", StringComparison.Ordinal));
        Assert.Equal(1, result.ExitStatus);
    }
}

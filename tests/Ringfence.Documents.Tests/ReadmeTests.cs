// What a newcomer copies from the README must be what the repository holds.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Ringfence.Tool;
using Xunit;

namespace Ringfence.Documents.Tests;

public sealed partial class ReadmeTests
{
    private const string Sample = "samples/Hello";

    private static readonly Document s_readme = new("README.md");

    [Fact]
    public void The_first_program_is_the_sample_Hello_whole_and_word_for_word()
    {
        Dictionary<string, string> shown = s_readme.Blocks
            .Select(static block => (Path: SamplePath().Match(block.Introduction).Groups["path"].Value, block.Content))
            .Where(static block => block.Path.Length != 0)
            .ToDictionary(static block => block.Path, static block => block.Content + "\n", StringComparer.Ordinal);
        Dictionary<string, string> held = Checkout.Files
            .Where(static path => path.StartsWith(Sample + "/", StringComparison.Ordinal))
            .ToDictionary(static path => path, Checkout.Read, StringComparer.Ordinal);
        Assert.Equal(held, shown);
    }

    [Fact]
    public async Task Every_option_and_command_of_ringfence_is_in_its_help()
    {
        string help = await HelpAsync([]) + await HelpAsync(["run"]) + await HelpAsync(["test"]) + await HelpAsync(["bench"]) + await HelpAsync(["chart"])
            + await HelpAsync(["report"]) + await HelpAsync(["stacks"]) + await HelpAsync(["verify"]);
        string[] lines = [.. s_readme.Blocks.SelectMany(static block => block.Content.Split('\n')).Concat(s_readme.InlineCode)];
        string[] options = [.. lines.SelectMany(static line => Option().Matches(line)).Select(static match => match.Value).Distinct()];
        string[] commands = [.. lines.Select(static line => Command().Match(line)).Where(static match => match.Success)
            .Select(static match => match.Groups["command"].Value).Distinct()];
        Assert.NotEmpty(options);
        Assert.Equal(["bench", "chart", "report", "run", "stacks", "test", "verify"], commands.Order(StringComparer.Ordinal));
        Findings.None("no option of ringfence", options.Where(option => !Regex.IsMatch(help, $@"(?<![\w-]){Regex.Escape(option)}(?![\w-])")));
        Assert.All(commands, command => Assert.Matches($@"(?m)^\s+{command}\b", help));
    }

    [Fact]
    public async Task Every_format_of_the_command_is_in_the_table_of_formats_and_no_other()
    {
        Match choice = FormatChoice().Match(await HelpAsync(["run"]));
        Assert.True(choice.Success);
        string[] formats = [.. s_readme.TableRows.SkipWhile(static row => row[0] != "`--format`").Skip(2).Select(static row => row[0].Trim('`')).TakeWhile(static cell => cell.Length != 0)];
        Assert.Equal(choice.Groups["values"].Value.Split('|'), formats);
    }

    [Fact]
    public void Every_sample_that_is_run_exists()
    {
        string[] samples = [.. s_readme.Blocks.SelectMany(static block => block.Content.Split('\n')).Concat(s_readme.InlineCode)
            .Select(static line => SampleRun().Match(line)).Where(static match => match.Success).Select(static match => match.Groups["sample"].Value).Distinct()];
        Assert.NotEmpty(samples);
        Findings.None("no sample", samples.Where(static sample => !Checkout.Has($"samples/{sample}/{sample}.csproj")));
    }

    private static async Task<string> HelpAsync(string[] command)
    {
        await using StringWriter output = new();
        Assert.Equal(0, await new CommandLine(output, TextWriter.Null).InvokeAsync([.. command, "--help"]));
        return output.ToString();
    }

    [GeneratedRegex(@"^\d+\. `(?<path>samples/Hello/[^`]+)`")]
    private static partial Regex SamplePath();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex Option();

    [GeneratedRegex(@"^\./ringfence (?<command>[a-z]+)")]
    private static partial Regex Command();

    [GeneratedRegex(@"^\./ringfence run (?<sample>[A-Z]\w*)")]
    private static partial Regex SampleRun();

    [GeneratedRegex(@"--format <(?<values>[^>]+)>")]
    private static partial Regex FormatChoice();
}

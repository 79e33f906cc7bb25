// The command's words and its ways of refusing others, end to end through the front door.

using System;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("boot", "'boot'", "run, test, bench, chart, report, stacks, verify")]
    [InlineData("[suggest] run", "'[suggest]'", "run, test, bench, chart, report, stacks, verify")]
    [InlineData("--fast run", "'--fast'", "--help")]
    [InlineData("run --format sv39", "'sv39'", "x86-64, pae, ia32")]
    [InlineData("run --format PAE", "'PAE'", "x86-64, pae, ia32")]
    [InlineData("run --format", "'--format'", "x86-64|pae|ia32")]
    [InlineData("run --format pae --format ia32", "'--format'", "more than once")]
    [InlineData("run --strategy PerDomain", "'PerDomain'", "common, per-domain")]
    [InlineData("run --strategy PerDomain --kpti", "'PerDomain'", "common, per-domain")]
    [InlineData("run --kpti", "--kpti", "add --strategy per-domain")]
    [InlineData("run --kpti --strategy common", "--kpti", "strategy common has one root for both")]
    [InlineData("run --kpti --strategy leaf-link", "--kpti", "strategy leaf-link has one root for both; add --strategy per-domain or shared-subtree")]
    [InlineData("chart --from", "'--from'", "FILE")]
    [InlineData("chart --format vax", "'vax'", "pae, x86-64, ia32")]
    [InlineData("chart pae", "'pae'", "--from, --output, --format")]
    [InlineData("report --kpti", "--kpti", "add --strategy per-domain")]
    [InlineData("report --strategy shared", "'shared'", "common, per-domain, shared-subtree, leaf-link")]
    [InlineData("bench --kpti", "--kpti", "add --strategy per-domain")]
    [InlineData("bench --strategy shared", "'shared'", "common, per-domain")]
    [InlineData("bench --store why --strategy common", "--store", "leave --strategy out")]
    [InlineData("bench --paging --strategy common", "--paging", "leave --strategy out")]
    [InlineData("run --machine isapc", "'isapc'", "pc, q35, microvm")]
    [InlineData("run --machine", "'--machine'", "pc|q35|microvm")]
    [InlineData("run --memory 1", "'1'", "2 to 3072 MiB")]
    [InlineData("run --memory much", "'much'", "2 to 3072 MiB")]
    [InlineData("run --timeout -5", "'-5'", "0 to 86400")]
    [InlineData("run --speed 3", "'--speed'", "--format, --strategy, --kpti, --machine, --cpu, --memory, --timeout, --audit, --gdb")]
    [InlineData("run One Two", "'Two'", "one SAMPLE")]
    [InlineData("run @file", "'@file'", "sample")]
    [InlineData("run ../tests", "'../tests'", "sample")]
    [InlineData("bench --format long", "'long'", "x86-64, pae, ia32")]
    [InlineData("bench --json", "'--json'", "FILE")]
    [InlineData("bench Fences", "'Fences'", "--format, --strategy, --kpti, --json, --compare, --store, --paging")]
    [InlineData("bench --compare", "'--compare'", "FILE")]
    [InlineData("bench --store", "'--store'", "REASON")]
    [InlineData("bench --store why --format pae", "--store", "leave --format out")]
    [InlineData("bench --paging --format pae", "--paging", "leave --format out")]
    [InlineData("bench --json file --paging", "--paging", "leave --json out")]
    [InlineData("report --format", "'--format'", "x86-64|pae|ia32")]
    [InlineData("stacks --members", "'--members'", "--format, --strategy, --kpti, --json")]
    [InlineData("report --members", "'--members'", "--format, --strategy, --kpti, --json, --compare")]
    [InlineData("report --compare", "'--compare'", "FILE")]
    [InlineData("report One Two", "'Two'", "one SAMPLE")]
    [InlineData("report --strategies --strategy common", "--strategies", "leave --strategy out")]
    [InlineData("report --compare file --strategies", "--strategies", "leave --compare out")]
    [InlineData("report --ram-limit 100000", "--ram-limit", "add --strategies")]
    [InlineData("report --strategies --ram-limit 64K", "'64K'", "1 to 2147483647 bytes")]
    [InlineData("report --strategies --ram-limit 0", "'0'", "1 to 2147483647 bytes")]
    [InlineData("test everything", "'everything'", "--filter, --list, --no-build")]
    [InlineData("test --filter", "'--filter'", "TEXT")]
    [InlineData("test --slow", "'--slow'", "--filter, --list, --no-build")]
    [InlineData("verify everything", "'everything'", "oracles, exhaustive, random, strategies, mutants")]
    [InlineData("verify oracles --slow", "'--slow'", "--help")]
    public async Task A_wrong_word_gets_one_line_that_names_it_and_what_is_allowed_and_status_2(string arguments, string offender, string allowed)
    {
        CommandResult result = await Command.RunScriptAsync(arguments.Split(' '));
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("ringfence: ", line, StringComparison.Ordinal);
        Assert.Contains(offender, line, StringComparison.Ordinal);
        Assert.Contains(allowed, line, StringComparison.Ordinal);
        Assert.Equal(2, result.ExitStatus);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Figures_are_not_stored_for_a_reason_that_says_nothing(string reason)
    {
        CommandResult result = await Command.RunScriptAsync("bench", "--store", reason);
        Assert.Equal($"ringfence: bad value '{reason}' for --store; it takes the reason why figures changed", Assert.Single(result.ErrorLines));
        Assert.Equal(2, result.ExitStatus);
    }

    [Theory]
    [InlineData("", "run", "test")]
    [InlineData("--help", "run", "test")]
    [InlineData("run --help", "--format <x86-64|pae|ia32>", "[default: Fences]")]
    [InlineData("run --help", "--machine <pc|q35|microvm>", "[default: pc]")]
    [InlineData("run Nothing --help", "--cpu <MODEL>", "--memory <MiB>")]
    [InlineData("--help", "bench", "report <SAMPLE>")]
    [InlineData("bench --help", "Paging format [default: all]", "--json <FILE>")]
    [InlineData("bench --help", "--paging", "on this host")]
    [InlineData("chart --help", "--from <FILE>", "docs/strategies.svg")]
    [InlineData("report --help", "[default: Fences]", "--json <FILE>")]
    [InlineData("stacks --help", "[default: Fences]", "--json <FILE>")]
    [InlineData("report --help", "--compare <FILE>", "--json of this or another image")]
    [InlineData("report --help", "--strategies", "--ram-limit <bytes>")]
    [InlineData("verify --help", "CHECK", "oracles")]
    [InlineData("test --help", "--filter <TEXT>", "--list")]
    public async Task Help_is_given_with_status_0(string arguments, string first, string second)
    {
        CommandResult result = await Command.RunScriptAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, result.ExitStatus);
        Assert.Empty(result.ErrorLines);
        Assert.Contains(first, result.Output, StringComparison.Ordinal);
        Assert.Contains(second, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_of_the_command_shows_no_stack_trace_unless_asked_to()
    {
        // A file where the tool expects to keep its state is a mistake nobody planned for.
        using SampleRepository repository = new();
        System.IO.Directory.CreateDirectory(System.IO.Path.Combine(repository.Root, "artifacts"));
        System.IO.File.WriteAllText(System.IO.Path.Combine(repository.Root, "artifacts", "ringfence"), "in the way");
        repository.AddSample("Greeter", "hello\n", Guests.GuestEnding.Status);
        CommandResult result = await Command.RunToolAsync(repository.Root, "run", "Greeter");
        Assert.Equal(1, result.ExitStatus);
        Assert.StartsWith("ringfence: defect in this command: ", result.ErrorLines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }
}

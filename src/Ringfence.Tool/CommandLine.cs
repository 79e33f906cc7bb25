// The command line: its words, its help, and one line for each way of getting it wrong.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Verification;

namespace Ringfence.Tool;

/// <summary>Parses the command line and calls the command it names.</summary>
public sealed class CommandLine
{
    private const string RunName = "run";
    private const string DefaultSample = "Fences";
    private const int DefaultTimeLimitSeconds = 120;
    private const int MaximumTimeLimitSeconds = 86_400;
    private const int MinimumMemoryMiB = 2;

    // What QEMU's pc machine can give an IA-32 guest below the hole for devices.
    private const int MaximumMemoryMiB = 3_072;

    private readonly TextWriter _output;
    private readonly TextWriter _messages;
    private readonly RootCommand _root;

    /// <summary>Creates the command line.</summary>
    /// <param name="output">Receives consoles, results and help.</param>
    /// <param name="messages">Receives progress and errors.</param>
    public CommandLine(TextWriter output, TextWriter messages)
    {
        _output = output;
        _messages = messages;
        _root = new RootCommand("Ringfence: a kernel in C# for small x86 machines that fences the parts of a program from each other.")
        {
            HelpName = "ringfence",
        };

        // What System.CommandLine adds on its own: directives are for other programs, and there is no version to tell.
        _root.Directives.Clear();
        foreach (Option option in _root.Options.Where(static option => option is VersionOption).ToList())
        {
            _root.Options.Remove(option);
        }

        _root.Subcommands.Add(CreateRun());
        _root.Subcommands.Add(CreateTest());
        _root.Subcommands.Add(CreateBench());
        _root.Subcommands.Add(CreateChart());
        _root.Subcommands.Add(CreateReport());
        _root.Subcommands.Add(CreateStacks());
        _root.Subcommands.Add(CreateVerify());
    }

    /// <summary>Parses and executes.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="ToolException">The command line is wrong or the command failed.</exception>
    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments)
    {
        ParseResult result = _root.Parse(
            arguments.Count == 0 ? ["--help"] : arguments,
            new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.Action is not HelpAction || IsDirective(arguments))
        {
            RefuseErrors(result, arguments);
        }

        int status = await result.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = _output,
            Error = _messages,
        }).ConfigureAwait(false);
        if (result.Action is HelpAction)
        {
            await AppendSampleHelpAsync(result.CommandResult).ConfigureAwait(false);
        }

        return status;
    }

    // What can be done with a sample is the sample's to tell.
    private async Task AppendSampleHelpAsync(CommandResult command)
    {
        if (command.Command.Name == RunName && command.Children.OfType<ArgumentResult>().FirstOrDefault() is { Tokens: [{ Value: var sample }] }
            && Repository.Find().FindSampleHelp(sample) is { } path)
        {
            await _output.WriteAsync(await File.ReadAllTextAsync(path).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private Command CreateRun()
    {
        Argument<string> sample = SampleArgument("boot");
        Option<GuestFormat> format = CommandOptions.Choice("--format", "Paging format", GuestFormat.All, static format => format.Name);
        StrategyOptions tables = new();
        Option<MachineType> machine = CommandOptions.Choice("--machine", "Machine to emulate", MachineType.All, static type => type.Name);
        var processor = new Option<string?>("--cpu")
        {
            Description = "Processor model as QEMU's -cpu takes it [default: the plainest that the format runs on]",
            HelpName = "MODEL",
        };
        Option<int> memory = CommandOptions.Number("--memory", "MiB", "Memory of the machine in MiB", QemuOptions.DefaultMemoryMiB, MinimumMemoryMiB, MaximumMemoryMiB);
        Option<int> timeLimit = CommandOptions.Number(
            "--timeout", "SECONDS", "Seconds after which the guest is ended, 0 for never; a server has no limit unless one is given", DefaultTimeLimitSeconds, 0, MaximumTimeLimitSeconds);
        var audit = new Option<bool>("--audit") { Description = "Compare the page tables with the law at every return to user mode", Arity = ArgumentArity.Zero };
        var debugger = new Option<bool>("--gdb")
        {
            Description = $"Wait for gdb at port {QemuOptions.DebuggerPort} before the first instruction; no time limit",
            Arity = ArgumentArity.Zero,
        };

        var command = new Command(RunName, "Build what is stale, boot it in QEMU, show its console, end with its exit status.")
        {
            sample, format, tables.Strategy, tables.Kpti, machine, processor, memory, timeLimit, audit, debugger,
        };
        command.SetAction((result, cancellationToken) =>
        {
            int seconds = result.GetValue(debugger) ? 0 : result.GetValue(timeLimit);
            var settings = new RunSettings
            {
                Sample = result.GetValue(sample) ?? DefaultSample,
                Variant = tables.Variant(result, result.GetRequiredValue(format)) with { IsAudited = result.GetValue(audit) },
                Machine = result.GetRequiredValue(machine),
                Processor = result.GetValue(processor),
                MemoryMiB = result.GetValue(memory),
                WaitForDebugger = result.GetValue(debugger),
                TimeLimit = seconds == 0 ? null : TimeSpan.FromSeconds(seconds),
                IsTimeLimitDefault = result.GetResult(timeLimit) is not { Implicit: false },
            };
            return new RunCommand(Repository.Find(), _output, _messages).ExecuteAsync(settings, cancellationToken);
        });
        return command;
    }

    private Command CreateTest()
    {
        var filter = new Option<string?>("--filter") { Description = "Only tests whose name contains TEXT, whatever the case", HelpName = "TEXT" };
        filter.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
            {
                result.AddError("bad value '' for --filter; it takes a part of a test's name");
            }
        });
        var list = new Option<bool>("--list") { Description = "Name the tests instead of running them", Arity = ArgumentArity.Zero };
        var noBuild = new Option<bool>("--no-build") { Description = "Use what was built last", Arity = ArgumentArity.Zero };
        var command = new Command("test", "Build and run every test, on the host and in guests; the last line counts them.") { filter, list, noBuild };
        command.SetAction((result, cancellationToken) =>
        {
            var settings = new TestSettings { Filter = result.GetValue(filter), ListOnly = result.GetValue(list), Build = !result.GetValue(noBuild) };
            return new TestCommand(Repository.Find(), _output, _messages).ExecuteAsync(settings, cancellationToken);
        });
        return command;
    }

    private Command CreateBench()
    {
        Option<GuestFormat> format = CommandOptions.Choice(
            "--format", "Paging format [default: all]", GuestFormat.All, static format => format.Name, hasDefault: false);
        StrategyOptions tables = new(hasDefault: false);
        Option<string?> json = CommandOptions.OutputFile("--json", "Also write the figures to FILE as JSON");
        Option<string?> compare = CommandOptions.InputFile("--compare", "Show what changed since FILE, written by --json or kept in bench/figures.json");
        var store = new Option<string?>("--store")
        {
            Description = "Keep the figures, in bench/figures.json and SPECIFICATION.md; REASON says why they changed",
            HelpName = "REASON",
        };
        store.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && string.IsNullOrWhiteSpace(token.Value))
            {
                result.AddError($"bad value '{token.Value}' for --store; it takes the reason why figures changed");
            }
            else if (result.Tokens.Count != 0 && FirstGiven(result, format, tables.Strategy, tables.Kpti) is { } other)
            {
                result.AddError($"--store keeps the figures of all formats and strategies; leave {other.Name} out");
            }
        });
        var paging = new Option<bool>("--paging")
        {
            Description = "Boot nothing: time edits of page tables on this host, with entries and walks counted beside the times",
            Arity = ArgumentArity.Zero,
        };
        paging.Validators.Add(result =>
        {
            if (!result.Implicit && FirstGiven(result, format, tables.Strategy, tables.Kpti, json, compare, store) is { } other)
            {
                result.AddError($"--paging measures the library alone; leave {other.Name} out");
            }
        });
        var command = new Command("bench", "Boot the images that measure, show instructions, flushes and bytes beside the baseline's, and the ratio.")
        {
            format, tables.Strategy, tables.Kpti, json, compare, store, paging,
        };
        command.SetAction((result, cancellationToken) =>
        {
            if (result.GetValue(paging))
            {
                return new PagingBenchCommand(Repository.Find(), _output, _messages).ExecuteAsync(cancellationToken);
            }

            var settings = new BenchSettings
            {
                Variants = tables.Choose(result, BenchCommand.MeasuredVariants, result.GetValue(format)),
                JsonPath = result.GetValue(json),
                ComparePath = result.GetValue(compare),
                StoreReason = result.GetValue(store),
            };
            return new BenchCommand(Repository.Find(), _output, _messages).ExecuteAsync(settings, cancellationToken);
        });
        return command;
    }

    private Command CreateChart()
    {
        Option<string?> figures = CommandOptions.InputFile("--from", "Draw the figures in FILE, written by bench --json [default: bench/figures.json]");
        Option<string?> output = CommandOptions.OutputFile("--output", "Write the picture to FILE as SVG [default: docs/strategies.svg]");
        Option<GuestFormat> format = CommandOptions.Choice(
            "--format", "Paging format", [GuestFormat.Pae, .. GuestFormat.All.Where(static format => format != GuestFormat.Pae)], static format => format.Name);
        var command = new Command("chart", "Draw what bench measured: bytes of page tables against instructions of a switch, for 2 to 32 domains under each strategy.")
        {
            figures, output, format,
        };
        command.SetAction((result, _) =>
        {
            var settings = new ChartSettings
            {
                Format = result.GetRequiredValue(format),
                FiguresPath = result.GetValue(figures),
                OutputPath = result.GetValue(output),
            };
            return new ChartCommand(Repository.Find(), _output).ExecuteAsync(settings);
        });
        return command;
    }

    private Command CreateReport()
    {
        Argument<string> sample = SampleArgument("report on");
        Option<GuestFormat> format = CommandOptions.Choice("--format", "Paging format; --strategies takes all unless one is given", GuestFormat.All, static format => format.Name);
        StrategyOptions tables = new();
        Option<string?> json = CommandOptions.OutputFile("--json", "Also write the report to FILE as JSON, down to single methods");
        Option<string?> compare = CommandOptions.InputFile("--compare", "Show what changed since FILE, an earlier --json of this or another image, instead");
        var strategies = new Option<bool>("--strategies")
        {
            Description = "Build and boot it under every strategy: the RAM of each, what each switch between two domains costs, and which one to take",
            Arity = ArgumentArity.Zero,
        };
        strategies.Validators.Add(result =>
        {
            if (!result.Implicit && FirstGiven(result, tables.Strategy, tables.Kpti, compare) is { } other)
            {
                result.AddError($"--strategies reports on all of them; leave {other.Name} out");
            }
        });
        Option<int?> ramLimit = CommandOptions.OptionalNumber(
            "--ram-limit", "bytes", "With --strategies: recommend the fastest that takes no more RAM than this [default: no limit]", 1, int.MaxValue);
        ramLimit.Validators.Add(result =>
        {
            if (!result.Implicit && FirstGiven(result, strategies) is null)
            {
                result.AddError("--ram-limit chooses between strategies; add --strategies");
            }
        });
        var command = new Command("report", "Show every byte of an image's RAM and of its file under its owner, the rows add up; or compare page-table strategies for it.")
        {
            sample, format, tables.Strategy, tables.Kpti, json, compare, strategies, ramLimit,
        };
        command.SetAction((result, cancellationToken) =>
        {
            if (result.GetValue(strategies))
            {
                var comparison = new StrategyReportSettings
                {
                    Sample = result.GetValue(sample) ?? DefaultSample,
                    Formats = result.GetResult(format) is { Implicit: false } ? [result.GetRequiredValue(format)] : GuestFormat.All,
                    RamLimit = (ulong?)result.GetValue(ramLimit),
                    JsonPath = result.GetValue(json),
                };
                return new StrategyReportCommand(Repository.Find(), _output, _messages).ExecuteAsync(comparison, cancellationToken);
            }

            var settings = new ReportSettings
            {
                Sample = result.GetValue(sample) ?? DefaultSample,
                Variant = tables.Variant(result, result.GetRequiredValue(format)),
                JsonPath = result.GetValue(json),
                ComparePath = result.GetValue(compare),
            };
            return new ReportCommand(Repository.Find(), _output, _messages).ExecuteAsync(settings, cancellationToken);
        });
        return command;
    }

    private Command CreateStacks()
    {
        Argument<string> sample = SampleArgument("analyse");
        Option<GuestFormat> format = CommandOptions.Choice("--format", "Paging format", GuestFormat.All, static format => format.Name);
        StrategyOptions tables = new();
        Option<string?> json = CommandOptions.OutputFile("--json", "Also write the report to FILE as JSON");
        var command = new Command("stacks", "Show how deep each stack of an image can get, worked out from its machine code, and the calls that lead there.") { sample, format, tables.Strategy, tables.Kpti, json };
        command.SetAction((result, cancellationToken) =>
        {
            var settings = new StacksSettings
            {
                Sample = result.GetValue(sample) ?? DefaultSample,
                Variant = tables.Variant(result, result.GetRequiredValue(format)),
                JsonPath = result.GetValue(json),
            };
            return new StacksCommand(Repository.Find(), _output, _messages).ExecuteAsync(settings, cancellationToken);
        });
        return command;
    }

    private Command CreateVerify()
    {
        string known = string.Join(", ", VerificationCheck.All.Select(static check => check.Name));
        var checks = new Argument<string[]>("CHECK") { Description = $"What to verify: {known} [default: all]", Arity = ArgumentArity.ZeroOrMore };
        checks.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(static token => FindCheck(token.Value) is null) is { } unknown)
            {
                result.AddError(unknown.Value.StartsWith('-')
                    ? UnknownOption(unknown.Value, ((CommandResult)result.Parent!).Command)
                    : $"unknown check '{unknown.Value}'; checks are {known}");
            }
        });
        var command = new Command("verify", "Run the long verifications; each prints how much it has verified.") { checks };
        command.SetAction((result, cancellationToken) =>
        {
            string[] names = result.GetValue(checks) ?? [];
            IReadOnlyList<VerificationCheck> chosen = names.Length == 0 ? VerificationCheck.All : [.. names.Select(static name => FindCheck(name)!)];
            return new VerifyCommand(Repository.Find(), _output, _messages).ExecuteAsync(chosen, cancellationToken);
        });
        return command;
    }

    private static Option? FirstGiven(OptionResult result, params Option[] options) =>
        options.FirstOrDefault(option => ((CommandResult)result.Parent!).GetResult(option) is { Implicit: false });

    private static VerificationCheck? FindCheck(string name) => VerificationCheck.All.FirstOrDefault(check => check.Name == name);

    private static Argument<string> SampleArgument(string purpose)
    {
        var sample = new Argument<string>("SAMPLE")
        {
            Description = $"Sample to {purpose}: a folder under samples/ [default: {DefaultSample}]",
            Arity = ArgumentArity.ZeroOrOne,
        };

        // To System.CommandLine an option it does not know is as good a word as any.
        sample.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] word }])
            {
                result.AddError(UnknownOption(word, ((CommandResult)result.Parent!).Command));
            }
        });
        return sample;
    }

    // System.CommandLine's own messages name neither the allowed words nor, in places, the offending one.
    private void RefuseErrors(ParseResult result, IReadOnlyList<string> arguments)
    {
        Command command = result.CommandResult.Command;
        if ((command == _root && result.Errors.Count != 0) || IsDirective(arguments))
        {
            // The first word, not the first unmatched one: a directive counts as matched.
            throw ToolException.Usage(arguments[0].StartsWith('-')
                ? $"unknown option '{arguments[0]}'; the only option before a command is --help"
                : $"unknown command '{arguments[0]}'; commands are {string.Join(", ", _root.Subcommands.Select(static known => known.Name))}");
        }

        // An option that was taken for the sample is the first thing wrong, whatever follows it.
        if (result.Errors.FirstOrDefault(static error => error.SymbolResult is ArgumentResult { Parent: CommandResult }) is { } taken)
        {
            throw ToolException.Usage(taken.Message);
        }

        if (result.UnmatchedTokens is [string word, ..])
        {
            throw ToolException.Usage(
                word.StartsWith('-') ? UnknownOption(word, command)
                : command.Arguments.Count == 0 ? $"unexpected word '{word}'; {command.Name} takes options only: {OptionsOf(command)}"
                : $"unexpected word '{word}'; {command.Name} takes one {command.Arguments[0].Name} and options: {OptionsOf(command)}");
        }

        foreach (ParseError error in result.Errors)
        {
            OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
            throw ToolException.Usage(option switch
            {
                { IdentifierTokenCount: > 1 } => $"option '{option.Option.Name}' is given more than once",
                { Tokens.Count: 0, Option.Arity.MinimumNumberOfValues: > 0 } => $"option '{option.Option.Name}' needs a value: {option.Option.HelpName}",
                _ => error.Message,
            });
        }
    }

    // System.CommandLine drops a first word in brackets without a word, even where it knows no directive.
    private static bool IsDirective(IReadOnlyList<string> arguments) => arguments is [['[', ..], ..];

    private static string UnknownOption(string word, Command command) =>
        $"unknown option '{word}'; options of {command.Name} are {OptionsOf(command)}";

    private static string OptionsOf(Command command) =>
        string.Join(", ", command.Options.Select(static option => option.Name).Append("--help"));
}

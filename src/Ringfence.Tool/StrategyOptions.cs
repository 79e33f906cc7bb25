// The options that choose page tables, the same for every command that builds images.

using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;
using Ringfence.Emulation;

namespace Ringfence.Tool;

/// <summary>The options <c>--strategy</c> and <c>--kpti</c> of one command.</summary>
internal sealed class StrategyOptions
{
    /// <summary>Creates both.</summary>
    /// <param name="hasDefault">Whether the first strategy is the default; otherwise none chosen means all.</param>
    public StrategyOptions(bool hasDefault = true)
    {
        Strategy = CommandOptions.Choice(
            "--strategy", "Page-table strategy" + (hasDefault ? string.Empty : " [default: all]"), GuestStrategy.All, static strategy => strategy.Name, hasDefault);
        Kpti = new Option<bool>("--kpti")
        {
            Description = $"Run user mode on tables without the kernel; takes --strategy {GuestStrategy.NamesWithKpti}",
            Arity = ArgumentArity.Zero,
        };
        Kpti.Validators.Add(RefuseWithOneSet);
    }

    /// <summary>Which strategy.</summary>
    public Option<GuestStrategy> Strategy { get; }

    /// <summary>Whether user mode has tables without the kernel.</summary>
    public Option<bool> Kpti { get; }

    /// <summary>The variant that was asked for, of an option with a default.</summary>
    public ImageVariant Variant(ParseResult result, GuestFormat format) =>
        new(format) { Strategy = result.GetRequiredValue(Strategy), HasKpti = result.GetValue(Kpti) };

    /// <summary>The variants among <paramref name="all"/> that were asked for.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="all">What there is.</param>
    /// <param name="format">The only format wanted; null for all.</param>
    public IReadOnlyList<ImageVariant> Choose(ParseResult result, IReadOnlyList<ImageVariant> all, GuestFormat? format)
    {
        IEnumerable<ImageVariant> wanted = all.Where(variant => format is null || variant.Format == format);
        if (result.GetValue(Strategy) is { } strategy)
        {
            bool kpti = result.GetValue(Kpti);
            wanted = wanted.Where(variant => !variant.HasKpti && variant.Strategy == strategy && !(kpti && variant.HasDomainStacks)).Select(variant => variant with { HasKpti = kpti });
        }

        return [.. wanted];
    }

    private void RefuseWithOneSet(OptionResult result)
    {
        // A word that is no strategy is refused for itself.
        OptionResult? given = ((CommandResult)result.Parent!).GetResult(Strategy);
        GuestStrategy? strategy = given is { Implicit: false, Tokens: [var token] }
            ? GuestStrategy.All.FirstOrDefault(one => one.Name == token.Value)
            : GuestStrategy.Common;
        if (!result.Implicit && strategy is { SupportsKpti: false })
        {
            result.AddError($"--kpti keeps the kernel out of user mode's tables, and strategy {strategy.Name} has one root for both; add --strategy {GuestStrategy.NamesWithKpti}");
        }
    }
}

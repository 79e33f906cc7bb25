// The kinds of options that commands have, each with words of its own for a bad value.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Linq;

namespace Ringfence.Tool;

/// <summary>Makes options.</summary>
internal static class CommandOptions
{
    /// <summary>An option that takes one of a few words.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="values">Its values.</param>
    /// <param name="nameOf">The word for a value.</param>
    /// <param name="hasDefault">Whether the first value is the default; otherwise the value of an absent option is null.</param>
    public static Option<T> Choice<T>(string name, string description, IReadOnlyList<T> values, Func<T, string> nameOf, bool hasDefault = true)
        where T : class
    {
        string allowed = string.Join(", ", values.Select(nameOf));
        return new(name)
        {
            Description = description,
            HelpName = string.Join('|', values.Select(nameOf)),
            DefaultValueFactory = hasDefault ? _ => values[0] : null,
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                foreach (T value in values)
                {
                    if (nameOf(value) == word)
                    {
                        return value;
                    }
                }

                result.AddError($"bad value '{word}' for {name}; it takes {allowed}");
                return values[0];
            },
        };
    }

    /// <summary>An option that takes a whole number.</summary>
    public static Option<int> Number(string name, string unit, string description, int defaultValue, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = unit,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result => ParseNumber(result, name, unit, minimum, maximum) ?? defaultValue,
    };

    /// <summary>An option that takes a whole number, null where it is absent.</summary>
    public static Option<int?> OptionalNumber(string name, string unit, string description, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result => ParseNumber(result, name, unit, minimum, maximum),
    };

    /// <summary>An option that takes the name of a file to write.</summary>
    public static Option<string?> OutputFile(string name, string description) => FileName(name, description);

    /// <summary>An option that takes the name of a file to read.</summary>
    public static Option<string?> InputFile(string name, string description) => FileName(name, description);

    private static Option<string?> FileName(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "FILE" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
            {
                result.AddError($"bad value '' for {name}; it takes the name of a file");
            }
        });
        return option;
    }

    private static int? ParseNumber(ArgumentResult result, string name, string unit, int minimum, int maximum)
    {
        string word = result.Tokens[0].Value;
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        result.AddError($"bad value '{word}' for {name}; it takes {minimum} to {maximum} {unit}");
        return null;
    }
}

// A limit that a document states is the one in the code.

using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Documents.Tests;

public sealed partial class LimitTests
{
    private const string Request = "src/Ringfence.Sdk/ImageBuilder/ImageRequest.cs";
    private const string Targets = "src/Ringfence.Sdk/Image.targets";
    private const string Properties = "src/Ringfence.Sdk/Format.props";
    private const string Readme = "src/Ringfence.Sdk/README.md";

    [Fact]
    public void Each_limit_in_the_caveats_is_the_constant_it_names()
    {
        int compared = 0;
        foreach (string[] row in new Document("CAVEATS.md").TableRows.Where(static row => row.Length == 3))
        {
            string[] numbers = NumbersIn(row[1]);
            foreach (Match name in Constant().Matches(row[2]))
            {
                Assert.Contains(ValueOf(name.Groups["type"].Value, name.Groups["member"].Value), numbers);
                compared++;
            }

            foreach (Match name in Property().Matches(row[2]))
            {
                Findings.None($"{name.Value} in CAVEATS.md lacks", RangeOf(name.Value).Append(DefaultOf(name.Value)).Where(static number => number.Length != 0).Except(numbers));
                compared++;
            }
        }

        Assert.True(compared >= 10, $"only {compared} limits could be compared");
    }

    [Fact]
    public void Each_number_among_the_image_settings_is_the_builders()
    {
        int compared = 0;
        foreach (string[] row in new Document(Readme).TableRows.Where(static row => row.Length == 3 && row[1].Length != 0 && char.IsAsciiDigit(row[1][0])))
        {
            string name = row[0].Trim('`');
            Assert.Equal(RangeOf(name), NumbersIn(row[1]));

            // A default that follows from the image has no number.
            Assert.Equal(DefaultOf(name), char.IsAsciiDigit(row[2][0]) ? row[2] : string.Empty);
            compared++;
        }

        Assert.Equal(7, compared);
    }

    private static string[] NumbersIn(string cell) =>
        [.. Number().Matches(cell).Select(static match => match.Value.Replace(",", string.Empty, StringComparison.Ordinal))];

    private static string ValueOf(string type, string member)
    {
        string source = Checkout.Read(Checkout.Files.Single(path => path.StartsWith("src/", StringComparison.Ordinal) && Path.GetFileName(path) == type + ".cs"));
        return Regex.Match(source, $@"const int {member} = (?<value>\d+);").Groups["value"].Value;
    }

    private static string[] RangeOf(string property)
    {
        Match range = Regex.Match(Checkout.Read(Request), $@"Number\(""{property}"", One\(""[\w-]+""\), (?<least>[\d_]+), (?<most>[\d_]+)\)");
        range = range.Success ? range : Regex.Match(Checkout.Read(Targets), $@"{property} is '\$\({property}\)'; allowed: (?<least>\d+) to (?<most>\d+)");
        Assert.True(range.Success, $"neither {Request} nor {Targets} gives {property} a range");
        return [Plain(range.Groups["least"].Value), Plain(range.Groups["most"].Value)];
    }

    private static string DefaultOf(string property) => Regex.Match(Checkout.Read(Targets) + Checkout.Read(Properties), $@"<{property} [^>]*>(?<value>\d+)<").Groups["value"].Value;

    private static string Plain(string literal) =>
        int.Parse(literal.Replace("_", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"`(?<type>[A-Z]\w+)\.(?<member>[A-Z]\w+)`")]
    private static partial Regex Constant();

    [GeneratedRegex(@"(?<=`)Ringfence\w+(?=`)")]
    private static partial Regex Property();

    [GeneratedRegex(@"\d[\d,]*")]
    private static partial Regex Number();
}

// A document that names what isn't there misleads. Every name that can be looked up is.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Documents.Tests;

public sealed partial class NameTests
{
    private static readonly string[] s_aboutTheCode = ["ARCHITECTURE.md", "CAVEATS.md", "README.md", "src/Ringfence.Paging/README.md"];

    public static IEnumerable<TheoryDataRow<string>> Documents => Document.All.Select(static path => new TheoryDataRow<string>(path));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_somewhere(string path)
    {
        Document document = new(path);
        Findings.None("links that lead nowhere", document.Links
            .Where(static target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Leads(document, target)));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_in_backticks_exists(string path)
    {
        Document document = new(path);
        Findings.None("no such path", document.InlineCode
            .Where(static code => RepositoryPath().IsMatch(code))
            .Where(code => !Checkout.Has(code) && !Checkout.Has(document.Resolve(code))));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_file_name_in_backticks_is_that_of_a_file(string path) => Findings.None("no such file", new Document(path).InlineCode
        .Where(static code => SourceFileName().IsMatch(code))
        .Where(static code => !Checkout.Files.Any(file => Path.GetFileName(file) == code)));

    [Fact]
    public void Every_member_in_backticks_is_declared()
    {
        string[] members = [.. s_aboutTheCode.SelectMany(static path => new Document(path).InlineCode)
            .Where(static code => Member().Match(code) is { Success: true } match && Declarations.OfSources.HasType(match.Groups["type"].Value))];
        Assert.NotEmpty(members);
        Findings.None("not declared", members.Where(static code =>
        {
            Match match = Member().Match(code);
            return !Declarations.OfSources.HasMember(match.Groups["type"].Value, match.Groups["member"].Value);
        }));
    }

    [Fact]
    public void Every_folder_of_the_sources_is_in_the_table_of_the_house()
    {
        Document architecture = new("ARCHITECTURE.md");
        string[] folders = [.. Directory.GetDirectories(Path.Combine(Checkout.Root, "src")).Select(static path => "src/" + Path.GetFileName(path))];
        Findings.None("not in the table of the house", folders.Except(architecture.Links));
    }

    private static bool Leads(Document document, string target)
    {
        string[] parts = target.Split('#');
        string path = parts[0].Length == 0 ? document.Path : document.Resolve(parts[0]);
        return Checkout.Has(path) && (parts.Length == 1 || new Document(path).Anchors.Contains(parts[1]));
    }

    // Outputs of builds (artifacts/…) come and go; placeholders are in capitals.
    [GeneratedRegex(@"^(src|tests|samples|docs|eng|bench|\.ci)/[\w.\-/]*$")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"^(?!NAME)[\w.\-]+\.(cs|asm|inc|csproj|props|targets|slnx|md|svg)$")]
    private static partial Regex SourceFileName();

    [GeneratedRegex(@"^(?<type>[A-Z]\w+)\.(?<member>[A-Z]\w+)$")]
    private static partial Regex Member();
}

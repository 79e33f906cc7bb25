// What the guide to the API shows must compile as it stands: it is what people copy.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Ringfence.Abi;
using Ringfence.App;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed partial class ApiGuideTests
{
    // As the guide says it stands.
    private const string Start = """
        using System;
        using Ringfence.Abi;
        using Ringfence.App;

        namespace Guide;

        internal static partial class Program
        {

        """;

    private const string Main = "internal static int Main() => 0;\n";

    private static readonly string s_guide = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "App.README.md"));

    public static IEnumerable<TheoryDataRow<string>> Blocks => Block().Matches(s_guide).Select(static block => new TheoryDataRow<string>(block.Groups["code"].Value)
    {
        TestDisplayName = $"{nameof(Every_piece_of_code_in_the_guide_compiles)} (line {s_guide[..block.Index].Count(static character => character == '\n') + 2})",
    });

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_piece_of_code_in_the_guide_compiles(string code)
    {
        string source = Start + code + (code.Contains(" Main(", StringComparison.Ordinal) ? "" : Main) + "}\n";
        Generation generation = Compile.Generate(
            source, Project.Component, references: [typeof(UserThread).Assembly.Location, typeof(SystemCallStatus).Assembly.Location]);
        Assert.Empty(generation.Ids);
        Compile.AssertNoErrors(generation.Output);
        Assert.Empty(await Compile.FindingsAsync(generation.Output, Project.Component));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}

// The specification is worth what its tests are: each promise has some, and each of them exists.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Documents.Tests;

public sealed partial class SpecificationTests
{
    private const string Path = "SPECIFICATION.md";

    private static readonly Document s_specification = new(Path);

    private static IEnumerable<string[]> Promises => s_specification.TableRows.Where(static row => row[0] != "Promise" && !row[0].StartsWith("---", StringComparison.Ordinal));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        Declarations tests = Declarations.OfTests;
        string[] names = [.. s_specification.InlineCode.Where(static code => TestName().IsMatch(code))];
        Assert.NotEmpty(names);
        Findings.None("no such test", names.Where(name => !tests.HostTests.Contains(name) && !tests.GuestTests.Contains(name)));
    }

    [Fact]
    public void Every_promise_names_a_test() =>
        Findings.None("a promise without a test", Promises.Where(static row => row.Length != 2 || !TestName().IsMatch(row[1])).Select(static row => row[0]));

    [GeneratedRegex(@"\b[A-Z]\w*Tests\.[A-Z]\w+")]
    private static partial Regex TestName();
}

// The library's README is all that the author of another kernel has: its code is code that is tested, and its table of operations is whole.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Ringfence.Documents.Tests;

public sealed class PagingReadmeTests
{
    private const string Library = "src/Ringfence.Paging/";
    private const string Example = "tests/Ringfence.Paging.Tests/Example/";

    // In the order in which the README shows them.
    private static readonly string[] s_examples = ["FiveLevelFormat.cs", "DirectMapMemory.cs", "Process.cs"];

    private static readonly Document s_readme = new(Library + "README.md");

    [Fact]
    public void Its_code_is_the_tested_examples_whole_and_line_by_line()
    {
        string[] held = [.. s_examples.SelectMany(static file => CodeOf(Checkout.Read(Example + file)))];
        string[] shown = [.. s_readme.Blocks.SelectMany(static block => Lines(block.Content))];
        Assert.Equal(held, shown);
    }

    [Fact]
    public void Every_operation_of_an_address_space_is_in_the_table_of_operations()
    {
        string[] operations = [.. Checkout.Files
            .Where(static path => path.StartsWith(Library, StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(static path => CSharpSyntaxTree.ParseText(Checkout.Read(path)).GetCompilationUnitRoot().DescendantNodes().OfType<StructDeclarationSyntax>())
            .Where(static type => type.Identifier.Text is "AddressSpace" or "RangeEdit" or "RightsEditor")
            .SelectMany(static type => type.Members.OfType<MethodDeclarationSyntax>())
            .Where(static method => method.Modifiers.Any(SyntaxKind.PublicKeyword))
            .Select(static method => method.Identifier.Text)
            .Distinct()];
        Assert.Contains("Map", operations);
        HashSet<string> named = [.. s_readme.TableRows.Where(static row => row.Length == 3).SelectMany(static row => row[1].Split('`')).Select(static name => name.Split('.')[^1])];
        Findings.None("in no table of the README", operations.Except(named));
    }

    // What comes after the namespace: the README shows no usings.
    private static IEnumerable<string> CodeOf(string source) => Lines(source).SkipWhile(static line => !line.StartsWith("namespace ", StringComparison.Ordinal)).Skip(1);

    // Pieces of a type are shown without its indentation.
    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length != 0);
}

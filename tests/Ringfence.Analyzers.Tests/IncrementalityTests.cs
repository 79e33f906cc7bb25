// The generator runs at every keystroke in an editor: an edit that changes nothing it reads must not make it emit again.

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Ringfence.Analyzers.Generation;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class IncrementalityTests
{
    [Theory]
    [InlineData("Component", "static class P { internal static void Main() { } }")]
    [InlineData("Component", "static class P { internal static void Main() { } } namespace Ringfence.App { class WritablePartitionAttribute : System.Attribute; } partial class C { [Ringfence.App.WritablePartition] static partial ref int X { get; } }")]
    [InlineData("GuestTests", "class GuestTestAttribute : System.Attribute; class C { [GuestTest] internal static void T() { } [GuestTest] void Wrong() { } }")]
    public void An_edit_elsewhere_emits_nothing_anew(string kind, string source)
    {
        CSharpCompilation before = Compile.Source(source);
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new RingfenceGenerator().AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)before.SyntaxTrees[0].Options,
            optionsProvider: Compile.OptionsFor(new Project(Kind: kind)),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(before, TestContext.Current.CancellationToken);

        CSharpCompilation after = before.AddSyntaxTrees(CSharpSyntaxTree.ParseText(
            "class Elsewhere { void M() { } }", (CSharpParseOptions)before.SyntaxTrees[0].Options, cancellationToken: TestContext.Current.CancellationToken));
        GeneratorRunResult result = driver.RunGenerators(after, TestContext.Current.CancellationToken).GetRunResult().Results.Single();

        IEnumerable<IncrementalStepRunReason> reasons = result.TrackedOutputSteps.Values
            .SelectMany(static steps => steps)
            .SelectMany(static step => step.Outputs)
            .Select(static output => output.Reason);
        Assert.NotEmpty(reasons);
        Assert.All(reasons, static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }
}

// The one generator of the assembly: it finds what a project declares and hands it to the emitters beside it.

using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Ringfence.Analyzers.Generation;

/// <summary>
/// Generates a component's exported entry and the bodies of its shared partitions and kernel objects (<c>RingfenceProject</c> is
/// <c>Component</c>), or the registry of a guest test project (<c>GuestTests</c>).
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class RingfenceGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<ProjectKind> kind = context.AnalyzerConfigOptionsProvider
            .Select(static (options, _) => BuildSettings.Project(options.GlobalOptions));

        RegisterLinkAttributes(context, kind);
        RegisterEntry(context, kind);
        RegisterPartitions(context, kind);
        RegisterObjects(context, kind);
        RegisterGuestTests(context, kind);
    }

    private static void RegisterLinkAttributes(IncrementalGeneratorInitializationContext context, IncrementalValueProvider<ProjectKind> kind)
    {
        IncrementalValueProvider<LinkAttributes> missing = context.CompilationProvider
            .Select(static (compilation, _) => LinkAttributes.MissingFrom(compilation));

        context.RegisterSourceOutput(missing.Combine(kind), static (output, input) =>
        {
            if (input.Right == ProjectKind.Component && input.Left.Any)
            {
                AddSource(output, "RuntimeLinkAttributes.g.cs", input.Left.Emit());
            }
        });
    }

    private static void RegisterEntry(IncrementalGeneratorInitializationContext context, IncrementalValueProvider<ProjectKind> kind)
    {
        IncrementalValueProvider<ImmutableArray<EntryCandidate>> candidates = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => EntryCandidate.MayBe(node),
                static (syntax, cancellation) => EntryCandidate.From(
                    syntax.SemanticModel.GetDeclaredSymbol((MethodDeclarationSyntax)syntax.Node, cancellation)!))
            .Where(static candidate => candidate is not null)
            .Select(static (candidate, _) => candidate!)
            .Collect();

        context.RegisterSourceOutput(candidates.Combine(kind), static (output, input) =>
        {
            if (input.Right != ProjectKind.Component)
            {
                return;
            }

            if (EntryCandidate.Problem(input.Left) is { } problem)
            {
                output.ReportDiagnostic(problem.ToDiagnostic());
            }
            else
            {
                AddSource(output, "ComponentEntry.g.cs", input.Left[0].Emit());
            }
        });
    }

    private static void RegisterPartitions(IncrementalGeneratorInitializationContext context, IncrementalValueProvider<ProjectKind> kind)
    {
        IncrementalValueProvider<ImmutableArray<PartitionProperty>> writable = Declared(PartitionProperty.WritableAttribute, writable: true);
        IncrementalValueProvider<ImmutableArray<PartitionProperty>> readOnly = Declared(PartitionProperty.ReadOnlyAttribute, writable: false);

        context.RegisterSourceOutput(writable.Combine(readOnly).Combine(kind), static (output, input) =>
        {
            if (input.Right != ProjectKind.Component)
            {
                return;
            }

            ImmutableArray<PartitionProperty> all = input.Left.Left.AddRange(input.Left.Right);
            foreach (DiagnosticRecord problem in all.SelectMany(static property => property.Problems))
            {
                output.ReportDiagnostic(problem.ToDiagnostic());
            }

            ImmutableArray<PartitionProperty> sound = all.RemoveAll(static property => property.Problems.Count != 0);
            if (!sound.IsEmpty)
            {
                AddSource(output, "Partitions.g.cs", PartitionEmitter.Emit(sound));
            }
        });

        IncrementalValueProvider<ImmutableArray<PartitionProperty>> Declared(string attribute, bool writable) => context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute,
                static (node, _) => node is PropertyDeclarationSyntax,
                (syntax, _) => PartitionProperty.From(
                    (IPropertySymbol)syntax.TargetSymbol,
                    (PropertyDeclarationSyntax)syntax.TargetNode,
                    syntax.Attributes[0],
                    writable))
            .Collect();
    }

    private static void RegisterObjects(IncrementalGeneratorInitializationContext context, IncrementalValueProvider<ProjectKind> kind)
    {
        IncrementalValueProvider<ImmutableArray<ObjectProperty>> semaphores = Declared(ObjectProperty.SemaphoreAttribute);
        IncrementalValueProvider<ImmutableArray<ObjectProperty>> queues = Declared(ObjectProperty.MessageQueueAttribute);
        IncrementalValueProvider<ImmutableArray<ObjectProperty>> ports = Declared(ObjectProperty.SerialPortAttribute);

        context.RegisterSourceOutput(semaphores.Combine(queues).Combine(ports).Combine(kind), static (output, input) =>
        {
            if (input.Right != ProjectKind.Component)
            {
                return;
            }

            ImmutableArray<ObjectProperty> all = input.Left.Left.Left.AddRange(input.Left.Left.Right).AddRange(input.Left.Right);
            foreach (DiagnosticRecord problem in all.SelectMany(static property => property.Problems))
            {
                output.ReportDiagnostic(problem.ToDiagnostic());
            }

            ImmutableArray<ObjectProperty> sound = all.RemoveAll(static property => property.Problems.Count != 0);
            if (!sound.IsEmpty)
            {
                AddSource(output, "KernelObjects.g.cs", ObjectEmitter.Emit(sound));
            }
        });

        IncrementalValueProvider<ImmutableArray<ObjectProperty>> Declared(string attribute) => context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute,
                static (node, _) => node is PropertyDeclarationSyntax,
                (syntax, _) => ObjectProperty.From(
                    (IPropertySymbol)syntax.TargetSymbol,
                    (PropertyDeclarationSyntax)syntax.TargetNode,
                    syntax.Attributes[0],
                    attribute))
            .Collect();
    }

    private static void RegisterGuestTests(IncrementalGeneratorInitializationContext context, IncrementalValueProvider<ProjectKind> kind)
    {
        IncrementalValueProvider<ImmutableArray<GuestTest>> tests = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is MethodDeclarationSyntax { AttributeLists.Count: > 0 },
                static (syntax, cancellation) => GuestTest.From(
                    syntax.SemanticModel.GetDeclaredSymbol((MethodDeclarationSyntax)syntax.Node, cancellation)!))
            .Where(static test => test is not null)
            .Select(static (test, _) => test!)
            .Collect();

        context.RegisterSourceOutput(tests.Combine(kind), static (output, input) =>
        {
            if (input.Right != ProjectKind.GuestTests)
            {
                return;
            }

            foreach (GuestTest test in input.Left)
            {
                if (test.Problem is { } problem)
                {
                    output.ReportDiagnostic(problem.ToDiagnostic());
                }
            }

            AddSource(output, "GuestTestRegistry.g.cs", GuestTestEmitter.Emit(input.Left.Where(static test => test.Problem is null)));
        });
    }

    private static void AddSource(SourceProductionContext output, string name, string text) =>
        output.AddSource(name, SourceText.From(text, Encoding.UTF8));
}

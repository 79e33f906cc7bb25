// RF1010: a stack here is a few pages with a guard below. A frame whose size is known and small can be checked by eye and by
// tools; one that depends on an argument can't.
//
// RF1011: for IA-32 RyuJIT compiles a stackalloc of more than a few bytes to a loop that touches the pages of the new memory with the stack pointer itself, and
// so puts it up to a page lower than it will be in the end. A timer interrupt at that instruction ran a kernel stack of one page into its guard.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1010: stackalloc of a size not known when compiled, or in a component of more than 1024 bytes. RF1011: any in the kernel.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StackallocAnalyzer : MetalAnalyzer
{
    private const int ComponentLimitBytes = 1024;

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.Stackalloc, MetalRules.KernelStackalloc];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        ProjectKind kind = BuildSettings.Project(start.Options.AnalyzerConfigOptionsProvider.GlobalOptions);
        start.RegisterSyntaxNodeAction(
            context =>
            {
                if (kind == ProjectKind.Kernel)
                {
                    context.ReportDiagnostic(Diagnostic.Create(MetalRules.KernelStackalloc, context.Node.GetLocation()));
                }
                else if (ProblemOf(context.Node, context.SemanticModel, kind == ProjectKind.Component) is { } problem)
                {
                    context.ReportDiagnostic(Diagnostic.Create(MetalRules.Stackalloc, context.Node.GetLocation(), problem));
                }
            },
            SyntaxKind.StackAllocArrayCreationExpression,
            SyntaxKind.ImplicitStackAllocArrayCreationExpression);
    }

    private static string? ProblemOf(SyntaxNode node, SemanticModel model, bool isComponent)
    {
        if (CountOf(node, model) is not { } count)
        {
            return "has a size that is not constant";
        }

        // Where the element's size depends on a type parameter the count alone is judged.
        long sizeInBytes = count * (ElementOf(node, model) is { } element ? TypeContents.SizeInBytes(element) ?? 1 : 1);
        return isComponent && sizeInBytes > ComponentLimitBytes
            ? $"takes {sizeInBytes} bytes, more than the {ComponentLimitBytes} that a component may take at once"
            : null;
    }

    private static long? CountOf(SyntaxNode node, SemanticModel model)
    {
        if (node is ImplicitStackAllocArrayCreationExpressionSyntax { Initializer.Expressions.Count: var listed })
        {
            return listed;
        }

        StackAllocArrayCreationExpressionSyntax creation = (StackAllocArrayCreationExpressionSyntax)node;
        if (creation.Initializer is { } initializer)
        {
            return initializer.Expressions.Count;
        }

        ExpressionSyntax size = ((ArrayTypeSyntax)creation.Type).RankSpecifiers[0].Sizes[0];
        return model.GetConstantValue(size) switch
        {
            { HasValue: true, Value: int count } => count,
            { HasValue: true, Value: uint count } => count,
            { HasValue: true, Value: long count } => count,
            { HasValue: true, Value: byte count } => count,
            { HasValue: true, Value: ushort count } => count,
            { HasValue: true, Value: short count } => count,
            { HasValue: true, Value: sbyte count } => count,
            { HasValue: true, Value: char count } => count,
            _ => null,
        };
    }

    private static ITypeSymbol? ElementOf(SyntaxNode node, SemanticModel model)
    {
        if (node is StackAllocArrayCreationExpressionSyntax { Type: ArrayTypeSyntax array })
        {
            return model.GetTypeInfo(array.ElementType).Type;
        }

        return model.GetTypeInfo(node) switch
        {
            { Type: IPointerTypeSymbol pointer } => pointer.PointedAtType,
            { Type: INamedTypeSymbol { TypeArguments.Length: 1 } span } => span.TypeArguments[0],
            _ => null,
        };
    }
}

// RF1008: finalizers are run by a garbage collector, and there is none.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1008: a finalizer.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FinalizerAnalyzer : MetalAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.Finalizer];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start) => start.RegisterSymbolAction(
        static context =>
        {
            if (context.Symbol is IMethodSymbol { MethodKind: MethodKind.Destructor } finalizer)
            {
                context.ReportDiagnostic(Diagnostic.Create(MetalRules.Finalizer, finalizer.Locations[0], finalizer.ContainingType.Name));
            }
        },
        SymbolKind.Method);
}

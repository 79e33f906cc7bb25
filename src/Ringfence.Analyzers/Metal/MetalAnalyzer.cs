// What all rules for metal share: they look at all code, generated too (it reaches the machine like any other),
// and only in projects that say they are compiled for the bare machine.

using Microsoft.CodeAnalysis.Diagnostics;

namespace Ringfence.Analyzers.Metal;

/// <summary>Base of the rules that hold for projects with <c>RingfenceWorld</c> set to <c>Metal</c>.</summary>
public abstract class MetalAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (BuildSettings.IsMetal(start.Options.AnalyzerConfigOptionsProvider.GlobalOptions))
            {
                Register(start);
            }
        });
    }

    /// <summary>Registers the rule's actions for a compilation that is metal code.</summary>
    /// <param name="start">The compilation's start.</param>
    protected abstract void Register(CompilationStartAnalysisContext start);
}

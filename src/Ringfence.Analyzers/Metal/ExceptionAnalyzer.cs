// RF1003: nothing unwinds a stack on metal. A fault ends the thread; `finally`, `using` and `lock` are sound on the path
// without one and are left alone.

using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1003: a throw, also the one that the compiler adds to a switch expression with gaps, or a catch.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ExceptionAnalyzer : MetalAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.Exception];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        start.RegisterOperationAction(
            static context => Report(context, context.Operation.Syntax.GetLocation(), "This throws"),
            OperationKind.Throw);
        start.RegisterOperationAction(
            static context =>
            {
                SyntaxNode syntax = context.Operation.Syntax;
                Report(context, syntax is CatchClauseSyntax clause ? clause.CatchKeyword.GetLocation() : syntax.GetLocation(), "This catches");
            },
            OperationKind.CatchClause);
        start.RegisterOperationAction(
            static context =>
            {
                ISwitchExpressionOperation choice = (ISwitchExpressionOperation)context.Operation;
                if (!choice.IsExhaustive || LeavesNullOut(choice))
                {
                    Location place = choice.Syntax is SwitchExpressionSyntax syntax ? syntax.SwitchKeyword.GetLocation() : choice.Syntax.GetLocation();
                    Report(context, place, "This switch has values without an arm, for which the compiler adds a throw (add '_ =>')");
                }
            },
            OperationKind.SwitchExpression);
    }

    /// <summary>
    /// The compiler's own answer leaves null to nullable analysis, yet adds the throw for it. An arm that could take null
    /// (a discard, var, or any mention of null) counts as taking it.
    /// </summary>
    private static bool LeavesNullOut(ISwitchExpressionOperation choice)
    {
        ITypeSymbol? type = choice.Value.Type;
        bool mayBeNull = type is { IsReferenceType: true } || type?.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;
        return mayBeNull && !choice.Arms.Any(static arm => arm.Pattern.DescendantsAndSelf().Any(static pattern =>
            pattern is IDiscardPatternOperation or INegatedPatternOperation or IDeclarationPatternOperation { MatchesNull: true }
                or IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } }));
    }

    private static void Report(OperationAnalysisContext context, Location place, string what) =>
        context.ReportDiagnostic(Diagnostic.Create(MetalRules.Exception, place, what));
}

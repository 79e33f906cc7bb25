// RF1002: a value seen as object or as an interface is copied to the heap first, often without a word in the source.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1002: a conversion, call or loop that boxes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BoxingAnalyzer : MetalAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.Boxing];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        start.RegisterOperationAction(static context => CheckConversion(context), OperationKind.Conversion);
        start.RegisterOperationAction(static context => CheckCall(context), OperationKind.Invocation);
        start.RegisterOperationAction(static context => CheckLoop(context), OperationKind.Loop);
    }

    private static void CheckConversion(OperationAnalysisContext context)
    {
        IConversionOperation conversion = (IConversionOperation)context.Operation;
        if (conversion is not { Operand.Type: { } from, Type: { } to, OperatorMethod: null }
            || !MayBeValue(from)
            || !to.IsReferenceType
            || conversion.Operand.ConstantValue is { HasValue: true, Value: null }
            || conversion.InAttribute()
            || IsNeverCarriedOut(conversion))
        {
            return;
        }

        Report(context, $"The conversion of '{from.ToDisplayString()}' to '{to.ToDisplayString()}'");
    }

    /// <summary>
    /// A value or a type parameter that may stand for one. One that can only stand for a class is left alone.
    /// </summary>
    private static bool MayBeValue(ITypeSymbol type) => type.IsValueType || (type is ITypeParameterSymbol { IsReferenceType: false });

    /// <summary>
    /// Conversions in the tree that become no box in the code: comparison of a type parameter with null (folded when specialised),
    /// constants of patterns, and operands of string concatenation, which RF1001 reports as a whole.
    /// </summary>
    private static bool IsNeverCarriedOut(IConversionOperation conversion) => conversion.Parent switch
    {
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison =>
            conversion.Operand.Type is ITypeParameterSymbol && (IsNull(comparison.LeftOperand) || IsNull(comparison.RightOperand)),
        IConstantPatternOperation => true,
        { } parent => parent.IsStringConcatenation(),
        null => false,
    };

    private static bool IsNull(IOperation operation) => operation.WithoutConversions().ConstantValue is { HasValue: true, Value: null };

    private static void CheckCall(OperationAnalysisContext context)
    {
        IInvocationOperation call = (IInvocationOperation)context.Operation;
        bool isObjects = call.TargetMethod is
        {
            IsStatic: false,
            ContainingType.SpecialType: SpecialType.System_Object or SpecialType.System_ValueType or SpecialType.System_Enum,
        };

        // GetType is reflection, RF1009.
        if (!isObjects || call.TargetMethod.Name == nameof(GetType))
        {
            return;
        }

        bool onValue = call.Instance is { Type: { IsValueType: true } and not ITypeParameterSymbol };
        bool onBaseOfValue = call.Instance is IInstanceReferenceOperation { Syntax: BaseExpressionSyntax }
            && context.ContainingSymbol.ContainingType is { IsValueType: true };
        if (onValue || onBaseOfValue)
        {
            string type = (onValue ? call.Instance!.Type! : context.ContainingSymbol.ContainingType).ToDisplayString();
            Report(context, $"'{call.TargetMethod.Name}', which '{type}' does not override,");
        }
    }

    private static void CheckLoop(OperationAnalysisContext context)
    {
        if (context.Operation is not IForEachLoopOperation { Syntax: CommonForEachStatementSyntax syntax } loop
            || loop.Collection.WithoutConversions().Type is null or { TypeKind: TypeKind.Array } or { SpecialType: SpecialType.System_String }
            || context.Operation.SemanticModel.GetForEachStatementInfo(syntax).GetEnumeratorMethod is not { ReturnType: { IsReferenceType: true } enumerator })
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(
            MetalRules.Boxing, syntax.Expression.GetLocation(), $"'foreach' through the enumerator '{enumerator.ToDisplayString()}'"));
    }

    private static void Report(OperationAnalysisContext context, string what) =>
        context.ReportDiagnostic(Diagnostic.Create(MetalRules.Boxing, context.Operation.Syntax.GetLocation(), what));
}

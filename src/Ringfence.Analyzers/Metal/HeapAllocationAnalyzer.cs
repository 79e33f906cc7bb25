// RF1001: there is no heap. The linker would say so too, with the name of a missing runtime routine; this says it at the line.

using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1001: an expression or method that allocates an object.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HeapAllocationAnalyzer : MetalAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.HeapAllocation];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        ConstantData constants = new(start.Compilation);
        bool hasInlineArrays = start.Compilation.SupportsRuntimeCapability(RuntimeCapability.InlineArrayTypes);

        start.RegisterOperationAction(
            context =>
            {
                if (!context.Operation.InAttribute() && !IsReportedOtherwise(context.Operation)
                    && AllocationOf(context.Operation, context.Compilation, constants, hasInlineArrays) is { } what)
                {
                    context.ReportDiagnostic(Diagnostic.Create(MetalRules.HeapAllocation, context.Operation.Syntax.GetLocation(), what));
                }
            },
            OperationKind.ObjectCreation,
            OperationKind.TypeParameterObjectCreation,
            OperationKind.ArrayCreation,
            OperationKind.CollectionExpression,
            OperationKind.AnonymousObjectCreation,
            OperationKind.DelegateCreation,
            OperationKind.With,
            OperationKind.Binary,
            OperationKind.CompoundAssignment,
            OperationKind.InterpolatedString);

        start.RegisterSymbolAction(static context => CheckAsync(context), SymbolKind.Method);
        start.RegisterOperationAction(static context => CheckYield(context), OperationKind.YieldReturn, OperationKind.YieldBreak);
        start.RegisterOperationAction(
            static context =>
            {
                IMethodSymbol function = ((ILocalFunctionOperation)context.Operation).Symbol;
                if (function.IsAsync)
                {
                    context.ReportDiagnostic(Diagnostic.Create(MetalRules.HeapAllocation, function.Locations[0], $"The async function '{function.Name}'"));
                }
            },
            OperationKind.LocalFunction);
    }

    private static string? AllocationOf(IOperation operation, Compilation compilation, ConstantData constants, bool hasInlineArrays)
    {
        switch (operation)
        {
            case IObjectCreationOperation { Type: { IsReferenceType: true } type }:
                return $"'new {type.Name}'";
            case ITypeParameterObjectCreationOperation { Type: { IsValueType: false } type }:
                return $"'new {type.Name}()'";
            case IArrayCreationOperation { IsImplicit: true, Parent: IArgumentOperation { ArgumentKind: ArgumentKind.ParamArray } argument }:
                return $"The array for the parameter 'params {argument.Parameter?.Name}'";
            case IArrayCreationOperation array when !constants.Holds(array):
                return "An array";
            case ICollectionExpressionOperation collection when !StaysOffTheHeap(collection, compilation, constants, hasInlineArrays):
                return "This collection expression";
            case IAnonymousObjectCreationOperation:
                return "An anonymous type";
            case IDelegateCreationOperation { Target: IAnonymousFunctionOperation }:
                return "A lambda";
            case IDelegateCreationOperation:
                return "A delegate";
            case IWithOperation { Type.IsReferenceType: true }:
                return "'with' on a class";
            case IInterpolatedStringOperation { ConstantValue.HasValue: false } text when IsStringItself(text):
                return "String interpolation";
            default:
                return operation.IsStringConcatenation() ? "String concatenation" : null;
        }
    }

    /// <summary>Of nested allocations only the outermost counts, and of an allocation for a throw or a static the rule for those.</summary>
    private static bool IsReportedOtherwise(IOperation operation)
    {
        IOperation? parent = operation.ParentBeyondConversions();
        return parent is IThrowOperation
            || (operation is IBinaryOperation && parent.IsStringConcatenation())
            || (operation is IInterpolatedStringOperation && parent.IsStringConcatenation())
            || (operation is IArrayCreationOperation && parent is IArrayInitializerOperation)
            || (operation is ICollectionExpressionOperation && parent is ICollectionExpressionOperation)
            || IsWholeStaticInitializer(parent);
    }

    /// <summary>A static that is initialised with a reference holds one, which RF1004 reports at its name.</summary>
    private static bool IsWholeStaticInitializer(IOperation? parent) => parent switch
    {
        IFieldInitializerOperation fields => fields.InitializedFields.Any(static field => field is { IsStatic: true, Type.IsReferenceType: true }),
        IPropertyInitializerOperation properties => properties.InitializedProperties.Any(static property => property is { IsStatic: true, Type.IsReferenceType: true }),
        _ => false,
    };

    /// <summary>Whether the text becomes a string, not the input of a custom handler and not a constant pattern of one.</summary>
    private static bool IsStringItself(IInterpolatedStringOperation text) => text.Parent is not IInterpolatedStringHandlerCreationOperation
    {
        Type.IsValueType: true,
        Type.Name: not "DefaultInterpolatedStringHandler",
    };

    private static bool StaysOffTheHeap(
        ICollectionExpressionOperation collection, Compilation compilation, ConstantData constants, bool hasInlineArrays)
    {
        if (collection.Type is null or { IsReferenceType: true } or { TypeKind: TypeKind.Array })
        {
            return false;
        }

        // An empty span is the default one; elements known one by one lie in an inline array in the frame; a spread has no fixed length.
        return collection.Elements.IsEmpty
            || constants.Holds(collection)
            || (hasInlineArrays && !collection.Elements.Any(static element => element is ISpreadOperation))
            || !(collection.Type.IsSpan(compilation) || collection.ConstructMethod is not null);
    }

    private static void CheckAsync(SymbolAnalysisContext context)
    {
        if (context.Symbol is IMethodSymbol { IsAsync: true } method)
        {
            context.ReportDiagnostic(Diagnostic.Create(MetalRules.HeapAllocation, method.Locations[0], $"The async method '{method.Name}'"));
        }
    }

    /// <summary>An iterator is reported once, at its first yield.</summary>
    private static void CheckYield(OperationAnalysisContext context)
    {
        IOperation body = BodyOf(context.Operation);
        IOperation first = body.Descendants().First(operation => operation is IReturnOperation
        {
            Kind: OperationKind.YieldReturn or OperationKind.YieldBreak,
        } && BodyOf(operation) == body);
        if (first == context.Operation)
        {
            context.ReportDiagnostic(Diagnostic.Create(MetalRules.HeapAllocation, first.Syntax.GetLocation(), "An iterator"));
        }
    }

    private static IOperation BodyOf(IOperation operation)
    {
        IOperation body = operation;
        while (body.Parent is { } parent && body is not (ILocalFunctionOperation or IAnonymousFunctionOperation))
        {
            body = parent;
        }

        return body;
    }
}

// RF1005: no code runs before a component's entry, so every static must be computed by the ahead-of-time compiler. That compiler
// interprets initialisers; where it can't, it emits a static constructor that nothing on metal runs, and all statics of the
// class silently read zero. This reports what certainly can't be interpreted. What it lets through the image builder
// still checks, by the compiler's own word (RF2002).

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1005: a static initialiser or static constructor that can't be interpreted at compile time.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticInitializerAnalyzer : MetalAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.StaticInitializer];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        start.RegisterOperationAction(
            static context =>
            {
                IFieldInitializerOperation initializer = (IFieldInitializerOperation)context.Operation;
                foreach (IFieldSymbol field in initializer.InitializedFields.Where(static field => field is { IsStatic: true, IsConst: false }))
                {
                    Check(context, field.Name, field.Type, field.ContainingType, initializer.Value);
                }
            },
            OperationKind.FieldInitializer);
        start.RegisterOperationAction(
            static context =>
            {
                IPropertyInitializerOperation initializer = (IPropertyInitializerOperation)context.Operation;
                foreach (IPropertySymbol property in initializer.InitializedProperties.Where(static property => property.IsStatic))
                {
                    Check(context, property.Name, property.Type, property.ContainingType, initializer.Value);
                }
            },
            OperationKind.PropertyInitializer);
        start.RegisterOperationAction(
            static context =>
            {
                if (context.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.StaticConstructor })
                {
                    CheckConstructor(context, (IConstructorBodyOperation)context.Operation);
                }
            },
            OperationKind.ConstructorBody);
    }

    /// <summary>A static constructor is let through where it only assigns statics of its own class, as initialisers would.</summary>
    private static void CheckConstructor(OperationAnalysisContext context, IConstructorBodyOperation body)
    {
        INamedTypeSymbol type = context.ContainingSymbol.ContainingType;
        IEnumerable<IOperation> statements = (body.BlockBody ?? body.ExpressionBody)?.Operations ?? Enumerable.Empty<IOperation>();
        foreach (IOperation statement in statements)
        {
            switch (statement)
            {
                case IEmptyOperation or IReturnOperation { ReturnedValue: null }:
                    break;
                case IExpressionStatementOperation { Operation: ISimpleAssignmentOperation assignment }
                    when RootStatic(assignment.Target) is { } root && SymbolEqualityComparer.Default.Equals(root.ContainingType, type):
                    Check(context, root.Name, root is IFieldSymbol field ? field.Type : ((IPropertySymbol)root).Type, type, assignment.Value);
                    break;
                default:
                    Report(context, statement, type.Name, "its static constructor does more than assign its statics");
                    return;
            }
        }
    }

    /// <summary>The static that a chain of struct members starts at, or null.</summary>
    private static ISymbol? RootStatic(IOperation target) => target switch
    {
        IMemberReferenceOperation { Instance: null, Member: IFieldSymbol or IPropertySymbol } root => root.Member,
        IFieldReferenceOperation { Instance: { } instance } => RootStatic(instance),
        _ => null,
    };

    private static void Check(OperationAnalysisContext context, string name, ITypeSymbol type, INamedTypeSymbol owner, IOperation value)
    {
        // A static that holds references is RF1004 whatever it is set to.
        if (TypeContents.HoldsReferences(type))
        {
            return;
        }

        foreach (IOperation part in value.DescendantsAndSelf())
        {
            if (ObstacleIn(part, type, owner) is { } obstacle)
            {
                Report(context, part, name, obstacle);
                return;
            }
        }
    }

    private static void Report(OperationAnalysisContext context, IOperation where, string name, string obstacle) =>
        context.ReportDiagnostic(Diagnostic.Create(MetalRules.StaticInitializer, where.Syntax.GetLocation(), name, obstacle));

    private static string? ObstacleIn(IOperation part, ITypeSymbol type, INamedTypeSymbol owner)
    {
        switch (part)
        {
            // A relocated address is written only into a struct of nothing but function pointers.
            case IAddressOfOperation { Reference: IMethodReferenceOperation } when !IsAllFunctionPointers(type):
                return "the address of a method outside a struct of function pointers alone";
            case IInvocationOperation call:
                return ObstacleIn(call);
            case IFunctionPointerInvocationOperation:
                return "a call through a function pointer";
            case IBinaryOperation { ConstantValue.HasValue: false } shift when IsUnsignedRightShift(shift.OperatorKind, shift.LeftOperand.Type):
                return "a right shift of an unsigned value";
            case IFieldReferenceOperation { Field: { IsStatic: true, IsConst: false, IsReadOnly: false } field }
                when !SymbolEqualityComparer.Default.Equals(field.ContainingType, owner):
                return "a variable static of another class";
            default:
                return null;
        }
    }

    private static string? ObstacleIn(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        if (method.MethodKind == MethodKind.DelegateInvoke || call.IsVirtual)
        {
            return "a virtual call";
        }

        if (method.IsExtern && method.DeclaringSyntaxReferences.Length != 0)
        {
            return "a call of an extern method";
        }

        bool takesStaticAddress = method is { Name: "AsPointer", ContainingType.Name: "Unsafe" }
            && call.Arguments.Any(static argument => RootStatic(argument.Value.WithoutConversions()) is not null);
        return takesStaticAddress ? "the address of a static" : null;
    }

    private static bool IsAllFunctionPointers(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Struct && TypeContents.Leaves(type).All(static leaf => leaf is IFunctionPointerTypeSymbol);

    private static bool IsUnsignedRightShift(BinaryOperatorKind kind, ITypeSymbol? left) => kind == BinaryOperatorKind.UnsignedRightShift
        || (kind == BinaryOperatorKind.RightShift
            && left?.SpecialType is SpecialType.System_UInt32 or SpecialType.System_UInt64 or SpecialType.System_UIntPtr);
}

// RF1005: no code runs before a component's entry, so every static must be computed by the ahead-of-time compiler. That compiler
// interprets initialisers; where it can't, it emits a static constructor that nothing on metal runs, and all statics of the
// class silently read zero. This reports what certainly can't be interpreted. What it lets through the image builder
// still checks, by the compiler's own word (RF2002).

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
                if (context.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.StaticConstructor } constructor)
                {
                    ReportFirstObstacle(context, constructor.ContainingType.Name, constructor.ContainingType, context.Operation, initialized: null);
                }
            },
            OperationKind.ConstructorBody);
    }

    private static void Check(OperationAnalysisContext context, string name, ITypeSymbol type, INamedTypeSymbol owner, IOperation value)
    {
        // A static that holds references is RF1004 whatever it is set to.
        if (!TypeContents.HoldsReferences(type))
        {
            ReportFirstObstacle(context, name, owner, value, type);
        }
    }

    private static void ReportFirstObstacle(
        OperationAnalysisContext context, string name, INamedTypeSymbol owner, IOperation code, ITypeSymbol? initialized)
    {
        foreach (IOperation part in code.DescendantsAndSelf())
        {
            if (ObstacleIn(part, owner, initialized) is { } obstacle)
            {
                context.ReportDiagnostic(Diagnostic.Create(MetalRules.StaticInitializer, part.Syntax.GetLocation(), name, obstacle));
                return;
            }
        }
    }

    private static string? ObstacleIn(IOperation part, INamedTypeSymbol owner, ITypeSymbol? initialized)
    {
        switch (part)
        {
            case IAddressOfOperation { Reference: IMethodReferenceOperation } when StoredIn(part, initialized) is { } type && !IsAllFunctionPointers(type):
                return "the address of a method outside a struct of function pointers alone";
            case IInvocationOperation call:
                return ObstacleIn(call);
            case IFunctionPointerInvocationOperation:
                return "a call through a function pointer";
            case IFieldReferenceOperation { Field: { IsStatic: true, IsConst: false, IsReadOnly: false } field }
                when !SymbolEqualityComparer.Default.Equals(field.ContainingType, owner):
                return "a variable static of another class";
            case { ConstantValue.HasValue: true }:
                return null;
            case IBinaryOperation { OperatorMethod: null } binary:
                return ObstacleIn(binary.OperatorKind, binary.IsChecked);
            case ICompoundAssignmentOperation { OperatorMethod: null } compound:
                return ObstacleIn(compound.OperatorKind, compound.IsChecked);
            case IUnaryOperation { OperatorMethod: null, OperatorKind: UnaryOperatorKind.BitwiseNegation }:
                return "a bitwise complement";
            case IConversionOperation { IsChecked: true, OperatorMethod: null }:
                return "checked arithmetic";
            default:
                return null;
        }
    }

    /// <summary>What the ahead-of-time compiler's interpreter (10.0.12) lacks, found by feeding it each operator.</summary>
    private static string? ObstacleIn(BinaryOperatorKind kind, bool isChecked) => kind switch
    {
        BinaryOperatorKind.RightShift or BinaryOperatorKind.UnsignedRightShift => "a right shift",
        BinaryOperatorKind.ExclusiveOr => "an exclusive or",
        _ => isChecked ? "checked arithmetic" : null,
    };

    private static string? ObstacleIn(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        if (method.MethodKind == MethodKind.DelegateInvoke || call.IsVirtual)
        {
            return "a virtual call";
        }

        // Methods of the framework are extern in name only: the compiler knows many of them by itself.
        if (method.IsExtern && method.DeclaringSyntaxReferences.Length != 0)
        {
            return "a call of an extern method";
        }

        bool takesStaticAddress = method is { Name: "AsPointer", ContainingType.Name: "Unsafe" }
            && call.Arguments.Any(static argument => RootStatic(argument.Value.WithoutConversions()) is not null);
        return takesStaticAddress ? "the address of a static" : null;
    }

    /// <summary>
    /// The type of the static that a method's address ends up in: the one initialised, or the one assigned to.
    /// Null where it is only passed to a method, which the interpreter can follow.
    /// </summary>
    private static ITypeSymbol? StoredIn(IOperation address, ITypeSymbol? initialized)
    {
        for (IOperation? step = address.Parent; step is not null; step = step.Parent)
        {
            switch (step)
            {
                case IArgumentOperation { Parent: IInvocationOperation }:
                    return null;
                case ISimpleAssignmentOperation assignment when RootStatic(assignment.Target) is { } root:
                    return (root as IFieldSymbol)?.Type ?? ((IPropertySymbol)root).Type;
            }
        }

        return initialized;
    }

    /// <summary>The static that a chain of struct members starts at, or null.</summary>
    private static ISymbol? RootStatic(IOperation target) => target switch
    {
        IMemberReferenceOperation { Instance: null, Member: { IsStatic: true } and (IFieldSymbol or IPropertySymbol) } root => root.Member,
        IFieldReferenceOperation { Instance: { } instance } => RootStatic(instance),
        _ => null,
    };

    /// <summary>Only into such a struct does the compiler write addresses that the linker fills in.</summary>
    private static bool IsAllFunctionPointers(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Struct && TypeContents.Leaves(type).All(static leaf => leaf is IFunctionPointerTypeSymbol);
}

// RF1007: some values are obligations, such as what must be flushed from a TLB after an edit. Dropping one is a bug that
// shows long after; so neither a bare call nor `_ =` nor an unread variable gets rid of it. Holds in every world.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Ringfence.Analyzers.Metal;

namespace Ringfence.Analyzers;

/// <summary>
/// RF1007: the value of a type or method marked with an attribute named <c>MustUseReturnValueAttribute</c>, of any namespace, is dropped. Where a marked type has properties
/// of marked types, as an outcome has what is owed beside whether it worked, reading others alone drops those.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MustUseReturnValueAnalyzer : DiagnosticAnalyzer
{
    private const string AttributeName = "MustUseReturnValueAttribute";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.DroppedValue];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(CheckStatement, OperationKind.ExpressionStatement);
        context.RegisterOperationAction(CheckDiscard, OperationKind.Discard);
        context.RegisterOperationAction(CheckPart, OperationKind.PropertyReference);
        context.RegisterOperationBlockAction(CheckVariables);
    }

    private static void CheckStatement(OperationAnalysisContext context)
    {
        IOperation value = ((IExpressionStatementOperation)context.Operation).Operation;

        // An assignment has a value too, but it has been stored.
        if (value is not (IAssignmentOperation or IIncrementOrDecrementOperation) && Obligation(value) is { } name)
        {
            Report(context.ReportDiagnostic, value.Syntax, name, "this statement drops it");
        }
    }

    private static void CheckDiscard(OperationAnalysisContext context)
    {
        IOperation discard = context.Operation;
        string? name = discard.Parent is ISimpleAssignmentOperation assignment && assignment.Target == discard
            ? Obligation(assignment.Value)
            : ObligationOfType(discard.Type);
        if (name is not null)
        {
            Report(context.ReportDiagnostic, discard.Syntax, name, "a discard drops it");
        }
    }

    private static void CheckPart(OperationAnalysisContext context)
    {
        var property = (IPropertyReferenceOperation)context.Operation;
        if (property.Instance?.WithoutConversions() is IInvocationOperation call && IsBesideTheObligation(property))
        {
            Report(context.ReportDiagnostic, property.Syntax, ObligationOfType(call.Type)!, $"only its '{property.Property.Name}' is read");
        }
    }

    private static void CheckVariables(OperationBlockAnalysisContext context)
    {
        Dictionary<ILocalSymbol, SyntaxNode> unread = new(SymbolEqualityComparer.Default);
        HashSet<ILocalSymbol> readInPart = new(SymbolEqualityComparer.Default);
        IEnumerable<IOperation> operations = context.OperationBlocks.SelectMany(static block => block.DescendantsAndSelf());
        foreach (IOperation operation in operations)
        {
            ILocalSymbol? local = operation switch
            {
                IVariableDeclaratorOperation declarator when !IsInUsing(declarator) => declarator.Symbol,
                ILocalReferenceOperation { IsDeclaration: true } declaration => declaration.Local,
                _ => null,
            };
            if (local is not null && ObligationOfType(local.Type) is not null)
            {
                unread[local] = operation.Syntax;
            }
        }

        if (unread.Count == 0)
        {
            return;
        }

        foreach (ILocalReferenceOperation reference in operations.OfType<ILocalReferenceOperation>().Where(static reference => !IsWrite(reference)))
        {
            if (reference.Parent is IPropertyReferenceOperation property && property.Instance == reference && IsBesideTheObligation(property))
            {
                readInPart.Add(reference.Local);
            }
            else
            {
                unread.Remove(reference.Local);
            }
        }

        foreach (KeyValuePair<ILocalSymbol, SyntaxNode> pair in unread)
        {
            string how = readInPart.Contains(pair.Key) ? $"of the variable '{pair.Key.Name}' only what owes nothing is read" : $"the variable '{pair.Key.Name}' is never read";
            Report(context.ReportDiagnostic, pair.Value, ObligationOfType(pair.Key.Type)!, how);
        }
    }

    private static bool IsWrite(ILocalReferenceOperation reference) => reference.IsDeclaration || reference.Parent switch
    {
        ISimpleAssignmentOperation assignment => assignment.Target == reference && !assignment.IsRef,
        IArgumentOperation argument => argument.Parameter?.RefKind == RefKind.Out,
        _ => false,
    };

    /// <summary>Whether the property is one of a marked type that owes nothing, while another property of that type does.</summary>
    private static bool IsBesideTheObligation(IPropertyReferenceOperation property) =>
        ObligationOfType(property.Instance!.Type) is not null
        && ObligationOfType(property.Type) is null
        && property.Instance.Type!.OriginalDefinition.GetMembers().OfType<IPropertySymbol>()
            .Any(static part => !part.IsStatic && part.DeclaredAccessibility == Accessibility.Public && ObligationOfType(part.Type) is not null);

    /// <summary>Disposing is a use; and the variable of a foreach is declared by the loop, one item after another.</summary>
    private static bool IsInUsing(IVariableDeclaratorOperation declarator)
    {
        IOperation? step = declarator.Parent;
        while (step is IVariableDeclarationOperation or IVariableDeclarationGroupOperation)
        {
            step = step.Parent;
        }

        return step is IUsingDeclarationOperation or IUsingOperation or IForEachLoopOperation;
    }

    /// <summary>The name to report if the operation's value must be used, or null.</summary>
    private static string? Obligation(IOperation operation)
    {
        IOperation value = operation.WithoutConversions();
        if (value is IConditionalAccessOperation access)
        {
            return Obligation(access.WhenNotNull);
        }

        return value is IInvocationOperation call && IsMarked(call.TargetMethod)
            ? call.TargetMethod.Name
            : ObligationOfType(value.Type);
    }

    private static string? ObligationOfType(ITypeSymbol? type)
    {
        for (ITypeSymbol? step = type; step is not null; step = step.BaseType)
        {
            if (HasAttribute(step.OriginalDefinition))
            {
                return type!.Name;
            }
        }

        // A tuple or a nullable is its parts.
        return type is INamedTypeSymbol named && (named.IsTupleType || named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            ? named.TypeArguments.Select(ObligationOfType).FirstOrDefault(static name => name is not null)
            : null;
    }

    private static bool IsMarked(IMethodSymbol method)
    {
        for (IMethodSymbol? step = method; step is not null; step = step.OverriddenMethod)
        {
            if (HasAttribute(step.OriginalDefinition))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasAttribute(ISymbol symbol) =>
        symbol.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name == AttributeName);

    private static void Report(Action<Diagnostic> report, SyntaxNode place, string name, string how) =>
        report(Diagnostic.Create(MetalRules.DroppedValue, place.GetLocation(), name, how));
}

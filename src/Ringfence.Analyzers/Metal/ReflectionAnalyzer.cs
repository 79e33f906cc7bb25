// RF1009: images carry no type descriptions. Comparing typeof(A) == typeof(B) is folded by the compiler and allowed.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1009: a member of a type object, <c>GetType</c>, or <c>dynamic</c>.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReflectionAnalyzer : MetalAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.Reflection];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        INamedTypeSymbol? typeObject = start.Compilation.GetTypeByMetadataName("System.Type");
        INamedTypeSymbol? member = start.Compilation.GetTypeByMetadataName("System.Reflection.MemberInfo");

        start.RegisterOperationAction(
            context =>
            {
                (IOperation? instance, ISymbol used) = context.Operation switch
                {
                    IInvocationOperation call => (call.Instance, call.TargetMethod),
                    IMemberReferenceOperation reference => (reference.Instance, reference.Member),
                    _ => (null, null!),
                };
                if (instance is null || context.Operation.InAttribute())
                {
                    return;
                }

                bool isGetType = used is { Name: nameof(GetType), ContainingType.SpecialType: SpecialType.System_Object };
                if (isGetType || IsOrDerives(instance.Type, typeObject) || IsOrDerives(instance.Type, member))
                {
                    context.ReportDiagnostic(Diagnostic.Create(
                        MetalRules.Reflection, context.Operation.Syntax.GetLocation(), $"'{used.ContainingType.Name}.{used.Name}'"));
                }
            },
            OperationKind.Invocation,
            OperationKind.PropertyReference,
            OperationKind.MethodReference);

        start.RegisterSyntaxNodeAction(
            static context =>
            {
                IdentifierNameSyntax name = (IdentifierNameSyntax)context.Node;
                if (name.Identifier.ValueText == "dynamic"
                    && context.SemanticModel.GetSymbolInfo(name, context.CancellationToken).Symbol is ITypeSymbol { TypeKind: TypeKind.Dynamic })
                {
                    context.ReportDiagnostic(Diagnostic.Create(MetalRules.Reflection, name.GetLocation(), "'dynamic'"));
                }
            },
            SyntaxKind.IdentifierName);
    }

    private static bool IsOrDerives(ITypeSymbol? type, INamedTypeSymbol? ancestor)
    {
        for (ITypeSymbol? step = ancestor is null ? null : type; step is not null; step = step.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(step, ancestor))
            {
                return true;
            }
        }

        return false;
    }
}

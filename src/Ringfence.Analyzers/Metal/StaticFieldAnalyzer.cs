// RF1004 and RF1006: statics are the private partition of a component, laid out by the compiler as plain bytes.
// References in them would need a runtime that creates their cells; thread statics one that keeps a copy for each thread.

using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Ringfence.Analyzers.Metal;

/// <summary>RF1004: a static that holds references. RF1006: a thread static.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticFieldAnalyzer : MetalAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [MetalRules.ReferenceStatic, MetalRules.ThreadStatic];

    /// <inheritdoc/>
    protected override void Register(CompilationStartAnalysisContext start)
    {
        INamedTypeSymbol? threadStatic = start.Compilation.GetTypeByMetadataName("System.ThreadStaticAttribute");
        start.RegisterSymbolAction(context => Check(context, threadStatic), SymbolKind.NamedType);
    }

    private static void Check(SymbolAnalysisContext context, INamedTypeSymbol? threadStatic)
    {
        // By type, not by field: the fields behind automatic properties and events have no declaration of their own.
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind == TypeKind.Enum)
        {
            return;
        }

        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>().Where(static field => field is { IsStatic: true, IsConst: false }))
        {
            ISymbol declared = field.AssociatedSymbol ?? field;
            if (TypeContents.HoldsReferences(field.Type))
            {
                Report(MetalRules.ReferenceStatic, declared, declared.Name, field.Type.ToDisplayString());
            }

            if (threadStatic is not null
                && field.GetAttributes().Any(attribute => SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, threadStatic)))
            {
                Report(MetalRules.ThreadStatic, declared, declared.Name);
            }
        }

        foreach (IEventSymbol declared in type.GetMembers().OfType<IEventSymbol>().Where(IsStaticFieldLike))
        {
            Report(MetalRules.ReferenceStatic, declared, declared.Name, declared.Type.ToDisplayString());
        }

        void Report(DiagnosticDescriptor rule, ISymbol declared, params object[] arguments) =>
            context.ReportDiagnostic(Diagnostic.Create(rule, declared.Locations.FirstOrDefault(), arguments));
    }

    /// <summary>The compiler lists no field for an event; its accessors are implicit where there is one.</summary>
    private static bool IsStaticFieldLike(IEventSymbol declared) =>
        declared is { IsStatic: true, IsAbstract: false, AddMethod.IsImplicitlyDeclared: true };
}

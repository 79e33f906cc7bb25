// A diagnostic on its way through the incremental pipeline. A Diagnostic or Location would keep a whole syntax tree alive
// and never compare equal to the one of the next run.

using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Ringfence.Analyzers.Generation;

/// <summary>A place in a source file, by value.</summary>
internal sealed record SourcePlace(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static SourcePlace? Of(Location? location) =>
        location is { SourceTree: { } tree } ? new SourcePlace(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span) : null;

    public static SourcePlace? Of(ISymbol symbol) => Of(symbol.Locations.FirstOrDefault());

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

/// <summary>A diagnostic, by value.</summary>
internal sealed record DiagnosticRecord(DiagnosticDescriptor Rule, SourcePlace? Place, EquatableArray<string> Arguments)
{
    public DiagnosticRecord(DiagnosticDescriptor rule, SourcePlace? place, params string[] arguments)
        : this(rule, place, new EquatableArray<string>(arguments))
    {
    }

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Rule, Place?.ToLocation() ?? Location.None, Arguments.ToArray<object>());
}

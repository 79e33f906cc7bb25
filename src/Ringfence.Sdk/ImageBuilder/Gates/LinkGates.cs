// What must not get into an image, found in the objects: the C# compiler lets it pass, and on the bare machine it would fail at
// run time, or worse, not fail. Each finding names the method.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Gates;

/// <summary>Checks one scope.</summary>
internal sealed partial class LinkGates(LinkScope scope)
{
    private readonly List<Diagnostic> _found = [];
    private readonly InstructionSearch _search = new(scope.Methods);

    /// <summary>Every diagnostic for the scope, each once.</summary>
    public static IReadOnlyList<Diagnostic> Check(LinkScope scope)
    {
        LinkGates gates = new(scope);
        gates.CheckStaticConstructors();
        gates.CheckUndefinedSymbols();
        gates.CheckReferenceStatics();
        gates.CheckExceptionHandling();
        gates.CheckSections();
        return [.. gates._found.Distinct()];
    }

    private void CheckUndefinedSymbols()
    {
        ReferenceGraph? graph = null;
        foreach (Fragment fragment in scope.LiveFragments.ToList())
        {
            foreach (Relocation relocation in fragment.Relocations.Where(relocation => scope.Resolve(relocation.Target) is null))
            {
                graph ??= new ReferenceGraph(scope);
                Report(graph, relocation.Target.Name, ReferenceGraph.PlaceAt(fragment, relocation.Offset));
            }
        }
    }

    private void Report(ReferenceGraph graph, string missing, Place place)
    {
        RefusedFeature? feature = RefusedFeature.Of(missing);
        string code = feature?.Code ?? "RF2005";
        IReadOnlyList<(MethodEntry Method, string Symbol)> blamed = graph.Blame(place);
        if (blamed.Count == 0)
        {
            graph.MethodAt(place, out string symbol);
            string referrer = symbol.Length != 0 ? symbol : $"{place.Fragment.Section} of {Path.GetFileName(place.Fragment.File.Path)}";
            _found.Add(new Diagnostic(
                code, scope.Owner, feature is null ? $"{referrer} refers to {missing}, which nothing defines" : $"{referrer} {feature.Text} ({missing})"));
        }

        foreach ((MethodEntry method, string symbol) in blamed)
        {
            // A class that the compiler has already explained needs no second line for each method that uses it.
            if (code == "RF2002" && _found.Any(static diagnostic => diagnostic.Code == "RF2002"))
            {
                continue;
            }

            string name = scope.Methods.DisplayName(symbol)!;
            if (feature is null)
            {
                AddAt(code, method, 0, $"Method {name} refers to {missing}, which nothing defines");
                continue;
            }

            IReadOnlyList<FoundInstruction> causes = _search.Find(method, feature.Instructions);
            foreach (FoundInstruction cause in causes)
            {
                string inlined = cause.Method == method ? "" : $", inlined into {name}";
                string culprit = cause.Method == method ? name : cause.Method.DisplayName;
                AddAt(code, cause.Method, cause.Offset, $"Method {culprit} {feature.TextFor(cause.Kind)} ({missing}{inlined})");
            }

            if (causes.Count == 0)
            {
                AddAt(code, method, 0, $"Method {name} {feature.Text} ({missing})");
            }
        }
    }

    // "Could not preinitialize '[Assembly]Type': reason": such a class's constructor is never run, and its statics would read zero.
    private void CheckStaticConstructors()
    {
        foreach (Match match in PreinitializationPattern().Matches(scope.CompilerLog))
        {
            string type = match.Groups[1].Value.Replace('+', '.');
            string text = $"The statics of {type} need code to run before first use, and nothing runs it: {match.Groups[2].Value.Trim()}";
            if (scope.Methods.FindByDisplayName(type + ".cctor") is { } constructor)
            {
                AddAt("RF2002", constructor, 0, text);
            }
            else
            {
                _found.Add(new Diagnostic("RF2002", scope.Owner, text));
            }
        }
    }

    private void CheckReferenceStatics()
    {
        foreach (Symbol symbol in scope.LiveFragments.SelectMany(static fragment => fragment.Symbols))
        {
            if (ReferenceStaticsPattern().Match(symbol.Name) is { Success: true } match)
            {
                string mangled = match.Groups[1].Value;
                string type = scope.Methods.FindType(mangled) ?? mangled;
                _found.Add(new Diagnostic("RF2004", scope.Owner, $"{type} has a static field that holds a reference; nothing here sets such fields up"));
            }
        }
    }

    private void CheckExceptionHandling()
    {
        const string Prefix = "__ehinfo_";
        IEnumerable<Symbol> symbols = scope.Files.SelectMany(static file => file.Symbols);
        foreach (Symbol symbol in symbols.Where(static symbol => symbol.Name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string name = symbol.Name[Prefix.Length..];
            MethodEntry? method = scope.Methods.Find(name);
            // A component's finally block runs when its try block ends; only what waits for an exception waits in vain.
            if (method is null || scope.IsKernel || Catches(method))
            {
                string text = $"Method {scope.Methods.DisplayName(name) ?? name} handles exceptions, and none is ever thrown here";
                AddAt("RF2003", method, 0, text);
            }
        }
    }

    private void CheckSections()
    {
        foreach (Fragment fragment in scope.LiveFragments.Where(static fragment =>
            fragment.Size != 0 && fragment.Kind is SectionKind.Unknown or SectionKind.ThreadLocal or SectionKind.Discarded))
        {
            string what = fragment.Kind == SectionKind.ThreadLocal
                ? "holds thread-local data, which no thread here has"
                : "asks for memory, and no region is planned for it";
            _found.Add(new Diagnostic("RF2006", scope.Owner, $"Section {fragment.Section} of {Path.GetFileName(fragment.File.Path)} {what}"));
        }
    }

    private void AddAt(string code, MethodEntry? method, int offset, string text) =>
        _found.Add(method is not null && SourceLines.Of(method, offset) is { } line
            ? new Diagnostic(code, line.File, line.Line, text)
            : new Diagnostic(code, scope.Owner, text));

    private static bool Catches(MethodEntry method)
    {
        using FileStream stream = File.OpenRead(method.Assembly);
        using PEReader image = new(stream);
        int address = image.GetMetadataReader().GetMethodDefinition(method.Handle).RelativeVirtualAddress;
        return address == 0
            || image.GetMethodBody(address).ExceptionRegions.Any(static region => region.Kind is ExceptionRegionKind.Catch or ExceptionRegionKind.Filter);
    }

    [GeneratedRegex(@"Could not preinitialize '(?:\[[^\]]*\])?([^']*)': (.*)")]
    private static partial Regex PreinitializationPattern();

    [GeneratedRegex(@"^\??__GCSTATICS@?(.*?)(?:@@)?$")]
    private static partial Regex ReferenceStaticsPattern();
}

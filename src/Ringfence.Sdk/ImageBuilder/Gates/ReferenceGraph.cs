// Who refers to what, backwards: a helper that is missing must be blamed on the C# method that needs it, however many of the core
// library's own methods lie between.

using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Gates;

/// <summary>A function or a piece of data: a fragment from one of its symbols to the next.</summary>
internal readonly record struct Place(Fragment Fragment, int Start);

/// <summary>References among the live fragments of a scope.</summary>
internal sealed class ReferenceGraph
{
    private readonly Dictionary<Place, List<Place>> _referrers = [];
    private readonly LinkScope _scope;

    public ReferenceGraph(LinkScope scope)
    {
        _scope = scope;
        foreach (Fragment fragment in scope.LiveFragments)
        {
            foreach (Relocation relocation in fragment.Relocations)
            {
                if (scope.Resolve(relocation.Target) is { Fragment: { } target } symbol)
                {
                    Place to = PlaceAt(target, symbol.Offset);
                    if (!_referrers.TryGetValue(to, out List<Place>? from))
                    {
                        _referrers.Add(to, from = []);
                    }

                    from.Add(PlaceAt(fragment, relocation.Offset));
                }
            }
        }
    }

    /// <summary>The function or data that holds an offset.</summary>
    public static Place PlaceAt(Fragment fragment, int offset)
    {
        int start = 0;
        foreach (Symbol symbol in fragment.Symbols)
        {
            if (symbol.Offset > offset)
            {
                break;
            }

            start = symbol.Offset;
        }

        return new Place(fragment, start);
    }

    /// <summary>The method whose code a place is, if it is one's.</summary>
    public MethodEntry? MethodAt(Place place, out string symbol)
    {
        symbol = "";
        foreach (Symbol candidate in place.Fragment.Symbols.Where(candidate => candidate.Offset == place.Start && candidate.Name.Length != 0))
        {
            symbol = candidate.Name;
            if (_scope.Methods.Find(candidate.Name) is { } method)
            {
                return method;
            }
        }

        return null;
    }

    /// <summary>The nearest methods outside the core library from which a place is reached, with their symbols; itself if it is one.</summary>
    public IReadOnlyList<(MethodEntry Method, string Symbol)> Blame(Place place)
    {
        HashSet<Place> seen = [place];
        Queue<Place> pending = new([place]);
        List<(MethodEntry, string)> blamed = [];
        while (pending.TryDequeue(out Place current))
        {
            if (MethodAt(current, out string symbol) is { } method && !IsCore(method))
            {
                blamed.Add((method, symbol));
                continue;
            }

            foreach (Place referrer in _referrers.GetValueOrDefault(current, []).Where(seen.Add))
            {
                pending.Enqueue(referrer);
            }
        }

        return blamed;
    }

    private static bool IsCore(MethodEntry method) => Path.GetFileNameWithoutExtension(method.Assembly) == "System.Private.CoreLib";
}

// Functions that call each other in a circle: the strongly connected components of the graph of calls, found by Tarjan's algorithm. A single function that doesn't call itself is a group, too.

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>A group. Groups are found after those that they call.</summary>
internal sealed class RecursionGroup
{
    private sealed class Search(Func<WalkKey, WalkSummary> summaryOf, Dictionary<WalkKey, RecursionGroup> groups, Action<RecursionGroup> close)
    {
        private readonly Dictionary<WalkKey, int> _numbers = [];
        private readonly Stack<WalkKey> _open = [];

        // Returns the lowest number that is reached.
        public int Visit(WalkKey key)
        {
            int number = _numbers.Count;
            int lowest = number;
            _numbers.Add(key, number);
            _open.Push(key);
            foreach (WalkedCall call in summaryOf(key).Calls)
            {
                if (!groups.ContainsKey(call.Callee))
                {
                    lowest = Math.Min(lowest, _numbers.TryGetValue(call.Callee, out int seen) ? seen : Visit(call.Callee));
                }
            }

            if (lowest == number)
            {
                RecursionGroup group = new(summaryOf);
                WalkKey member;
                do
                {
                    member = _open.Pop();
                    group._members.Add(member);
                    groups.Add(member, group);
                }
                while (!member.Equals(key));
                close(group);
            }

            return lowest;
        }
    }

    private readonly Func<WalkKey, WalkSummary> _summaryOf;
    private readonly HashSet<WalkKey> _members = [];
    private HashSet<WalkKey> _limited = [];
    private List<WalkKey>? _order;

    private RecursionGroup(Func<WalkKey, WalkSummary> summaryOf) => _summaryOf = summaryOf;

    /// <summary>Whether a member can be entered again before it has returned.</summary>
    public bool IsRecursive => _members.Any(member => Inside(member).Any());

    /// <summary>The members, each after those of the group that it calls without a return to a limited function.</summary>
    public IReadOnlyList<WalkKey> InOrder => _order ?? [.. _members];

    /// <summary>Finds the groups of all that a call reaches.</summary>
    /// <param name="key">The call.</param>
    /// <param name="summaryOf">What a call does.</param>
    /// <param name="groups">The groups so far.</param>
    /// <param name="close">Called with each new group.</param>
    public static void Find(WalkKey key, Func<WalkKey, WalkSummary> summaryOf, Dictionary<WalkKey, RecursionGroup> groups, Action<RecursionGroup> close) =>
        new Search(summaryOf, groups, close).Visit(key);

    /// <summary>The circle that no limit breaks, in words; null if there is none.</summary>
    public string? Unbounded(IReadOnlyDictionary<CodeFunction, int> limits)
    {
        _limited = [.. _members.Where(member => limits.ContainsKey(member.Function))];
        List<WalkKey> order = [];
        HashSet<WalkKey> seen = [];
        foreach (WalkKey member in _members)
        {
            if (Circle(member, [], seen, order) is { } circle)
            {
                // From its lowest address on, so that it is always the same.
                int first = circle.IndexOf(circle.MinBy(static key => key.Function.Address)!);
                return "recursion without a limit: " + string.Join(" -> ", circle.Concat(circle).Skip(first).Take(circle.Count + 1).Select(static key => key.Function.Name));
            }
        }

        _order = order;
        return null;
    }

    /// <summary>Whether a call leads back to a limited function of the group. Where there is no limit, every call inside the group counts as one.</summary>
    public bool IsReturn(WalkedCall call) => _members.Contains(call.Callee) && (_order is null || _limited.Contains(call.Callee));

    /// <summary>The most bytes from the entry of a member to that of a limited one.</summary>
    public long LongestReturn()
    {
        Dictionary<WalkKey, long> longest = [];
        foreach (WalkKey member in InOrder)
        {
            longest[member] = Inside(member).Select(call => call.Depth + (IsReturn(call) ? 0 : longest[call.Callee])).DefaultIfEmpty(0).Max();
        }

        return longest.Values.Max();
    }

    /// <summary>How often a limited function may be entered once a member has been.</summary>
    public int Turns(WalkKey member, IReadOnlyDictionary<CodeFunction, int> limits) =>
        _limited.Select(static key => key.Function).Distinct().Sum(function => limits[function]) - (_limited.Contains(member) ? 1 : 0);

    private IEnumerable<WalkedCall> Inside(WalkKey member) =>
        _summaryOf(member).Calls.Where(call => call.Root == StackRoot.Entry && _members.Contains(call.Callee));

    private List<WalkKey>? Circle(WalkKey member, List<WalkKey> path, HashSet<WalkKey> seen, List<WalkKey> order)
    {
        int open = path.IndexOf(member);
        if (open >= 0)
        {
            return path[open..];
        }

        if (!seen.Add(member))
        {
            return null;
        }

        path.Add(member);
        foreach (WalkedCall call in Inside(member).Where(call => !_limited.Contains(call.Callee)))
        {
            if (Circle(call.Callee, path, seen, order) is { } circle)
            {
                return circle;
            }
        }

        path.RemoveAt(path.Count - 1);
        order.Add(member);
        return null;
    }
}

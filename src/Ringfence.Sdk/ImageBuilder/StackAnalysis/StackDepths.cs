// The deepest that a call goes, from the summaries of all functions below it, with the calls that lead there.

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>A function of a chain of calls.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Bytes of stack in use when it begins.</param>
internal sealed record ChainLink(string Name, long Bytes);

/// <summary>A depth, and what leads to it.</summary>
/// <param name="Bytes">Bytes below the root.</param>
/// <param name="Chain">The functions on the way, the first one first.</param>
/// <param name="Problems">What could not be followed; the depth is one only if there is nothing.</param>
internal sealed record StackDepth(long Bytes, IReadOnlyList<ChainLink> Chain, IReadOnlyList<string> Problems)
{
    /// <summary>The same, counted from another place: so many bytes above the root.</summary>
    public StackDepth From(long above) => above == 0 ? this : new StackDepth(
        Bytes + above, [.. Chain.Select((link, index) => link with { Bytes = index == 0 ? 0 : link.Bytes + above })], Problems);
}

/// <summary>Which places of the code count.</summary>
internal enum StackMoment
{
    /// <summary>All.</summary>
    Any = 0,

    /// <summary>Those at which interrupts are on.</summary>
    Interruptible,

    /// <summary>Of these, those that aren't in a function that lets interrupts in.</summary>
    Ordinary,

    /// <summary>Of these, those that are.</summary>
    LetIn,
}

/// <summary>Walks functions when they are asked for, and adds up.</summary>
/// <param name="world">The code.</param>
/// <param name="letsIn">Whether a function lets interrupts in whose handlers do less than others; null for none.</param>
internal sealed class StackDepths(CodeWorld world, Func<CodeFunction, bool>? letsIn = null)
{
    private static readonly StackMoment[] s_moments = Enum.GetValues<StackMoment>();

    private readonly record struct Sum(long Bytes, WalkedCall? Next);

    // A chain through a recursion goes round once.
    private const int MaximumChain = 100;

    private readonly StackBases _bases = new();
    private readonly Dictionary<WalkKey, WalkSummary> _summaries = [];
    private readonly HashSet<CodeFunction> _walked = [];

    // The order in which summaries were completed, and what was presumed of a recursion: whether it may return in any way.
    private readonly List<WalkKey> _order = [];
    private readonly Dictionary<(CodeFunction Function, bool InterruptsOn), bool> _presumed = [];
    private readonly Dictionary<(WalkKey Key, StackMoment Moment), Sum?> _sums = [];
    private readonly Dictionary<WalkKey, string> _recursions = [];
    private readonly Dictionary<WalkKey, RecursionGroup> _groups = [];

    /// <summary>The code.</summary>
    public CodeWorld World => world;

    /// <summary>The summary of a call.</summary>
    public WalkSummary SummaryOf(WalkKey key)
    {
        if (_summaries.TryGetValue(key, out WalkSummary? done))
        {
            return done;
        }

        // It is being walked: the depth of recursion is a matter of sums.
        if (!_walked.Add(key.Function))
        {
            return key.HasFacts ? SummaryOf(WalkKey.Plain(key.Function, key.Entry.InterruptsOn)) : Presumed(key);
        }

        int known = _order.Count;
        WalkSummary summary = FunctionWalk.Run(world, _bases, key, SummaryOf);
        while (_presumed.TryGetValue((key.Function, key.Entry.InterruptsOn), out bool isAnyWay) && !isAnyWay && ReturnsOtherwise(summary))
        {
            // It was presumed to leave interrupts as it found them, and it doesn't: all that relied on it is walked again.
            _presumed[(key.Function, key.Entry.InterruptsOn)] = true;
            foreach (WalkKey relying in _order[known..])
            {
                _summaries.Remove(relying);
            }

            _order.RemoveRange(known, _order.Count - known);
            summary = FunctionWalk.Run(world, _bases, key, SummaryOf);
        }

        _walked.Remove(key.Function);
        _summaries.Add(key, summary);
        _order.Add(key);
        return summary;

        static bool ReturnsOtherwise(WalkSummary summary) => summary.Key.Entry.InterruptsOn ? summary.ReturnsOff : summary.ReturnsOn;
    }

    /// <summary>The deepest of a call on one of the stacks that it uses.</summary>
    /// <param name="key">The call.</param>
    /// <param name="root">The stack.</param>
    /// <param name="moment">Which places count.</param>
    /// <returns>The depth; null if it never uses that stack, or not at such a place.</returns>
    public StackDepth? DepthOf(WalkKey key, StackRoot root, StackMoment moment = StackMoment.Any)
    {
        if (SumOf(key, root, moment) is not { } sum)
        {
            return null;
        }

        List<ChainLink> chain = [];
        long bytes = 0;
        for ((WalkKey at, Sum? current) = (key, sum); current is { } here;)
        {
            moment = Within(at, moment) ?? moment;
            chain.Add(new ChainLink(at.Function.Name, bytes));
            if (here.Next is not { } call)
            {
                break;
            }

            bytes += call.Depth;
            at = call.Callee;
            current = chain.Count <= MaximumChain ? SumOf(at, StackRoot.Entry, moment) : null;
        }

        return new StackDepth(sum.Bytes, chain, ProblemsOf(key));
    }

    /// <summary>Everything below a call that could not be followed.</summary>
    public IReadOnlyList<string> ProblemsOf(WalkKey key)
    {
        SortedSet<string> problems = new(StringComparer.Ordinal);
        foreach (WalkKey reached in ReachedFrom(key))
        {
            problems.UnionWith(SummaryOf(reached).Problems);
            if (_recursions.TryGetValue(reached, out string? recursion))
            {
                problems.Add(recursion);
            }
        }

        return [.. problems];
    }

    /// <summary>A call and all below it.</summary>
    /// <param name="key">The call.</param>
    /// <param name="isPassed">Which functions to go below of; null for all.</param>
    public IEnumerable<WalkKey> ReachedFrom(WalkKey key, Func<CodeFunction, bool>? isPassed = null)
    {
        HashSet<WalkKey> seen = [key];
        Queue<WalkKey> pending = new([key]);
        while (pending.TryDequeue(out WalkKey? current))
        {
            if (isPassed is not null && !isPassed(current.Function))
            {
                continue;
            }

            yield return current;
            foreach (WalkKey callee in SummaryOf(current).Calls.Select(static call => call.Callee).Where(seen.Add))
            {
                pending.Enqueue(callee);
            }
        }
    }

    // On the stack that a call was entered on; other stacks are left by whoever comes upon them.
    private Sum? SumOf(WalkKey key, StackRoot root, StackMoment moment)
    {
        if (root == StackRoot.Entry)
        {
            if (!_groups.ContainsKey(key))
            {
                RecursionGroup.Find(key, SummaryOf, _groups, Close);
            }

            return _sums[(key, moment)];
        }

        foreach (WalkedCall call in SummaryOf(key).Calls)
        {
            _ = SumOf(call.Callee, StackRoot.Entry, moment);
        }

        return Deepest(key, root, moment, static _ => true);
    }

    // All that a group calls outside itself is closed already.
    private void Close(RecursionGroup group)
    {
        string? recursion = group.Unbounded(world.RecursionLimits);
        foreach (WalkKey key in group.InOrder)
        {
            foreach (StackMoment moment in s_moments)
            {
                _sums[(key, moment)] = Deepest(key, StackRoot.Entry, moment, call => !group.IsReturn(call));
            }

            if (recursion is not null)
            {
                _recursions[key] = recursion;
            }
        }

        if (!group.IsRecursive || recursion is not null)
        {
            return;
        }

        // As often as the limit says, the longest way from one limited function to the next; then whatever is deepest.
        long turn = group.LongestReturn();
        foreach (StackMoment moment in s_moments)
        {
            long? deepest = group.InOrder.Max(key => _sums[(key, moment)]?.Bytes);
            foreach (WalkKey key in group.InOrder)
            {
                int turns = group.Turns(key, world.RecursionLimits);
                _sums[(key, moment)] = deepest is { } bytes ? new Sum(bytes + (turns * turn), _sums[(key, moment)]?.Next) : null;
            }
        }
    }

    private Sum? Deepest(WalkKey key, StackRoot root, StackMoment moment, Func<WalkedCall, bool> counts)
    {
        if (Within(key, moment) is not { } within)
        {
            return null;
        }

        moment = within;
        WalkSummary summary = SummaryOf(key);
        Sum? deepest = null;
        if (summary.Roots.Contains(root))
        {
            LocalDepth local = summary.DepthOn(root);
            long? own = moment switch
            {
                StackMoment.Any => local.Bytes,
                StackMoment.LetIn => null,
                _ => local.BytesInterruptible,
            };
            deepest = own is { } bytes ? new Sum(bytes, null) : null;
        }

        foreach (WalkedCall call in summary.Calls.Where(call => call.Root == root && counts(call)))
        {
            if (_sums.GetValueOrDefault((call.Callee, moment)) is { } below && call.Depth + below.Bytes >= (deepest?.Bytes ?? long.MinValue))
            {
                deepest = new Sum(call.Depth + below.Bytes, call);
            }
        }

        return deepest;
    }

    // In a function that lets interrupts in, and below it, all places at which they are on are of one kind. Null if none of the other kind counts there.
    private StackMoment? Within(WalkKey key, StackMoment moment) => letsIn is null || !letsIn(key.Function) ? moment : moment switch
    {
        StackMoment.Ordinary => null,
        StackMoment.LetIn => StackMoment.Interruptible,
        _ => moment,
    };

    // Until it has been seen to return, it returns with interrupts as they were, or in any way if that has turned out wrong.
    private WalkSummary Presumed(WalkKey key)
    {
        WalkSummary presumed = new(key);
        _ = _presumed.TryAdd((key.Function, key.Entry.InterruptsOn), false);
        bool isAnyWay = _presumed[(key.Function, key.Entry.InterruptsOn)];
        presumed.ReturnsOn = isAnyWay || key.Entry.InterruptsOn;
        presumed.ReturnsOff = isAnyWay || !key.Entry.InterruptsOn;
        foreach (Iced.Intel.Instruction instruction in world.InstructionsOf(key.Function))
        {
            if (instruction is { Mnemonic: Iced.Intel.Mnemonic.Ret, OpCount: 1 })
            {
                presumed.PoppedBytes = instruction.Immediate16;
            }
        }

        return presumed;
    }
}

// What walking through a function has shown.

using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>A call, or a jump to another function.</summary>
/// <param name="Place">The instruction.</param>
/// <param name="Root">The stack in use.</param>
/// <param name="Depth">Bytes below its root when the callee begins, the return address included.</param>
/// <param name="InterruptsOn">Whether an interrupt may come there.</param>
/// <param name="Callee">What is called.</param>
/// <param name="IsThroughPointer">Whether the callee is known from an annotation alone.</param>
internal readonly record struct WalkedCall(ulong Place, StackRoot Root, long Depth, bool InterruptsOn, WalkKey Callee, bool IsThroughPointer);

/// <summary>The deepest that code of one function goes by itself.</summary>
internal struct LocalDepth
{
    public long Bytes { get; set; }

    /// <summary>The same while interrupts are on; null if they never are.</summary>
    public long? BytesInterruptible { get; set; }
}

/// <summary>The result of a walk.</summary>
internal sealed class WalkSummary(WalkKey key)
{
    private readonly Dictionary<StackRoot, LocalDepth> _depths = [];
    private readonly HashSet<string> _seenProblems = new(StringComparer.Ordinal);

    public WalkKey Key { get; } = key;

    public HashSet<WalkedCall> Calls { get; } = [];

    /// <summary>What could not be followed, each by name.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Bytes of arguments that the return takes off the stack.</summary>
    public int PoppedBytes { get; set; }

    /// <summary>Whether it returns with interrupts on, and whether with interrupts off.</summary>
    public bool ReturnsOn { get; set; }

    /// <inheritdoc cref="ReturnsOn"/>
    public bool ReturnsOff { get; set; }

    public bool Returns => ReturnsOn || ReturnsOff;

    /// <summary>What it returns; unknown if that differs.</summary>
    public StackValue? Result { get; private set; }

    // What an assembly source says of the registers that it keeps isn't the compiler's convention: the probe of large frames keeps the new stack pointer in one that others change.
    private readonly HashSet<Register> _written = [];
    private bool _callsOthers;

    /// <summary>Registers that the function doesn't change, beyond those that none may; null if only those are known.</summary>
    public Func<Register, bool>? KeptRegisters => Key.Function.IsCompiled || _callsOthers ? null : register => !_written.Contains(register.GetFullRegister());

    /// <summary>The function calls another one, or is left for it.</summary>
    public void KeepsNothing() => _callsOthers = true;

    /// <summary>An instruction of the function.</summary>
    public void NoteWrites(in Instruction instruction, CodeWorld world)
    {
        if (!Key.Function.IsCompiled)
        {
            _written.UnionWith(world.EffectsAt(instruction).WrittenRegisters.Select(static register => register.GetFullRegister()));
        }
    }

    /// <summary>The stacks that it is on at some instruction.</summary>
    public IEnumerable<StackRoot> Roots => _depths.Keys;

    /// <summary>The deepest on a stack.</summary>
    public LocalDepth DepthOn(StackRoot root) => _depths.GetValueOrDefault(root);

    public void Reach(StackRoot root, long depth, bool interruptsOn)
    {
        bool isFirst = !_depths.TryGetValue(root, out LocalDepth local);
        local.Bytes = isFirst ? depth : Math.Max(local.Bytes, depth);
        if (interruptsOn)
        {
            local.BytesInterruptible = Math.Max(local.BytesInterruptible ?? depth, depth);
        }

        _depths[root] = local;
    }

    public void Return(bool interruptsOn, StackValue result)
    {
        ReturnsOn |= interruptsOn;
        ReturnsOff |= !interruptsOn;
        Result = Result is null || Result == result ? result : StackValue.Unknown;
    }

    public void Report(string problem)
    {
        if (_seenProblems.Add(problem))
        {
            Problems.Add(problem);
        }
    }
}

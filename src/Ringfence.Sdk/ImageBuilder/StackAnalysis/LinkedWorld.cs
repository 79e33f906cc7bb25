// The code of an image's kernel or of one of its components, for the analysis: from the linker's fragments, symbols and references.

using Iced.Intel;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Makes a <see cref="CodeWorld"/> of what was linked.</summary>
internal sealed class LinkedWorld : IDisposable
{
    private const string NoteSection = ".stack";
    private const int NoteBytes = 8;

    private readonly LinkScope _scope;
    private readonly MethodAnnotations _annotations;
    private readonly MethodSignatures _signatures = new();
    private readonly Dictionary<ulong, CodeFunction> _functions = [];
    private readonly Dictionary<ulong, StackNote> _notes = [];
    private readonly Dictionary<string, List<CodeFunction>> _addressTaken = new(StringComparer.Ordinal);
    private readonly Dictionary<CodeFunction, IReadOnlyList<CodeFunction>?> _targets = [];

    /// <summary>Takes in a scope.</summary>
    /// <param name="scope">The kernel or a component.</param>
    /// <param name="bits">32 or 64.</param>
    /// <param name="regions">Its text and read-only data.</param>
    public LinkedWorld(LinkScope scope, int bits, IEnumerable<Region> regions)
    {
        _scope = scope;
        _annotations = new MethodAnnotations(scope.Methods);
        foreach (Fragment fragment in scope.LiveFragments.Where(static fragment => fragment.Kind == SectionKind.Text))
        {
            AddFunctions(fragment);
        }

        foreach (Fragment fragment in scope.Files.SelectMany(static file => file.Fragments).Where(static fragment => fragment.Section == NoteSection))
        {
            AddNotes(fragment);
        }

        Code = new CodeWorld(
            bits, regions.Select(static region => (region.StartAddress, region.Content, region.Rights == RegionRights.ReadExecute)), _functions.Values)
        {
            IsUserMode = !scope.IsKernel,
            Notes = _notes,
            MachineEnds = Functions(method => _annotations.EndsTheMachine(method)).ToHashSet(),
            RecursionLimits = Functions(method => _annotations.RecursionLimit(method) is not null)
                .ToDictionary(static function => function, function => _annotations.RecursionLimit(function.Method!)!.Value),
            PointerTargets = PointerTargets,
        };
        foreach (Fragment fragment in scope.LiveFragments.Where(static fragment => fragment.Kind is SectionKind.ReadOnly or SectionKind.Data))
        {
            AddTakenAddresses(fragment);
        }

        foreach (CodeFunction function in _functions.Values)
        {
            AddTakenAddresses(function);
        }
    }

    public CodeWorld Code { get; }

    /// <summary>The functions that a thread may have as its body: those of this signature whose address is taken.</summary>
    public IReadOnlyList<CodeFunction> ThreadBodies => _addressTaken.GetValueOrDefault(MethodSignatures.ThreadBody, []);

    public void Dispose() => _signatures.Dispose();

    private IEnumerable<CodeFunction> Functions(Func<MethodEntry, bool> isMeant) =>
        _functions.Values.Where(function => function.Method is { } method && isMeant(method));

    private void AddFunctions(Fragment fragment)
    {
        bool isCompiled = fragment.Symbols.Any(symbol => MethodOf(symbol) is not null);
        List<IGrouping<int, Symbol>> places = [.. fragment.Symbols.Where(static symbol => symbol.Name.Length != 0).GroupBy(static symbol => symbol.Offset)];
        for (int index = 0; index < places.Count; index++)
        {
            // The label by which a source calls it, rather than one inside a macro or of a branch.
            Symbol symbol = places[index].OrderBy(symbol => MethodOf(symbol) is null).ThenBy(static symbol => symbol.Name.StartsWith("..@", StringComparison.Ordinal)).First();
            MethodEntry? method = MethodOf(symbol);
            int next = index + 1 < places.Count ? places[index + 1].Key : fragment.Size;
            int size = places[index].Max(static symbol => symbol.Size);
            string name = _scope.Methods.DisplayName(symbol.Name) ?? method?.DisplayName ?? symbol.Name;
            _functions.TryAdd(symbol.Address, new CodeFunction(symbol.Address, size != 0 ? size : next - places[index].Key, name, isCompiled, method));
        }
    }

    private MethodEntry? MethodOf(Symbol symbol) => _scope.Methods.Find(symbol.Name) ?? _annotations.FindExport(symbol.Name);

    private void AddTakenAddresses(Fragment fragment)
    {
        foreach (Relocation relocation in fragment.Relocations)
        {
            if (_scope.Resolve(relocation.Target) is { Fragment.Kind: SectionKind.Text } target)
            {
                AddTaken(target.Address + (ulong)relocation.Addend);
            }
        }
    }

    // In code, an address that isn't called or jumped to. The compiler resolves distances within its object itself, so there are no references to go by.
    private void AddTakenAddresses(CodeFunction function)
    {
        foreach (Instruction instruction in Code.InstructionsOf(function))
        {
            if (instruction.Mnemonic == Mnemonic.Lea && JumpTable.AbsoluteAddress(instruction) is { } address)
            {
                AddTaken(address);
            }
            else if (instruction.Mnemonic is Mnemonic.Mov or Mnemonic.Push && instruction.GetOpKind(instruction.OpCount - 1) is >= OpKind.Immediate8 and <= OpKind.Immediate32to64)
            {
                AddTaken(instruction.GetImmediate(instruction.OpCount - 1));
            }
        }
    }

    private void AddTaken(ulong address)
    {
        if (_functions.GetValueOrDefault(address) is { Method: { } method } function && _signatures.Of(method) is { } signature)
        {
            if (!_addressTaken.TryGetValue(signature, out List<CodeFunction>? taken))
            {
                _addressTaken.Add(signature, taken = []);
            }

            if (!taken.Contains(function))
            {
                taken.Add(function);
            }
        }
    }

    // The address that a note is about, and which it is (src/Ringfence.Machine/common/stack.inc).
    private void AddNotes(Fragment fragment)
    {
        foreach (Relocation relocation in fragment.Relocations)
        {
            if (_scope.Resolve(relocation.Target) is { } place)
            {
                byte[] content = fragment.Content.Span.Slice(relocation.Offset, NoteBytes).ToArray();
                _notes[place.Address + (ulong)relocation.Addend] = (StackNote)BitConverter.ToInt32(content, sizeof(int));
            }
        }
    }

    // All calls through pointers that may be in a function, methods inlined into it included, must be in methods that say so.
    private IReadOnlyList<CodeFunction>? PointerTargets(CodeFunction function)
    {
        if (!_targets.TryGetValue(function, out IReadOnlyList<CodeFunction>? targets))
        {
            targets = function.Method is { } method ? PointerTargets(method) : null;
            _targets.Add(function, targets);
        }

        return targets;
    }

    private List<CodeFunction>? PointerTargets(MethodEntry method)
    {
        IReadOnlyList<FoundInstruction> calls = new InstructionSearch(_scope.Methods).FindAll(method, InstructionKinds.PointerCall);
        List<string?> signatures = [.. calls.Select(_signatures.Of).Distinct()];
        return calls.Count == 0 || signatures.Contains(null) || !calls.All(call => _annotations.SaysWhatPointersReach(call.Method))
            ? null
            : [.. signatures.SelectMany(signature => _addressTaken.GetValueOrDefault(signature!, [])).Distinct()];
    }
}

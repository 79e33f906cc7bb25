// Small functions in machine code, so that each rule of the analysis of stacks has code in which nothing else happens.

using Iced.Intel;
using Ringfence.ImageBuilder.StackAnalysis;

namespace Ringfence.Sdk.Tests;

/// <summary>Functions being assembled, one after the other.</summary>
internal sealed class AssembledCode
{
    private const ulong Start = 0x10_0000;
    private const ulong Data = 0x20_0000;

    private readonly List<(string Name, Label Label, bool IsCompiled)> _functions = [];
    private readonly List<(Label Label, StackNote Note)> _notes = [];
    private readonly HashSet<string> _ends = [];
    private readonly Dictionary<string, int> _limits = [];
    private Func<string, IReadOnlyList<string>?> _targets = static _ => null;
    private byte[] _data = [];

    public AssembledCode(int bits)
    {
        Bits = bits;
        Assembler = new Assembler(bits);
    }

    public int Bits { get; }

    public Assembler Assembler { get; }

    /// <summary>Whether it is a component's.</summary>
    public bool IsUserMode { get; init; }

    /// <summary>Where data that nothing writes lies.</summary>
    public static ulong DataAddress => Data;

    /// <summary>Begins a function, as the compiler makes them or as an assembly source has them.</summary>
    public AssembledCode Function(string name, Action<Assembler> body, bool isCompiled = true)
    {
        Label label = Label(name);
        Assembler assembler = Assembler;
        assembler.Label(ref label);
        _functions[_functions.FindIndex(function => function.Name == name)] = (name, label, isCompiled);
        body(assembler);
        return this;
    }

    /// <summary>The label of a function, which may follow.</summary>
    public Label Label(string name)
    {
        int index = _functions.FindIndex(function => function.Name == name);
        if (index < 0)
        {
            index = _functions.Count;
            _functions.Add((name, Assembler.CreateLabel(name), true));
        }

        return _functions[index].Label;
    }

    /// <summary>Says something of the instruction that follows.</summary>
    public void Note(StackNote note)
    {
        Label label = Assembler.CreateLabel();
        Assembler.Label(ref label);
        _notes.Add((label, note));
    }

    public AssembledCode Ends(string name)
    {
        _ends.Add(name);
        return this;
    }

    public AssembledCode Limit(string name, int calls)
    {
        _limits.Add(name, calls);
        return this;
    }

    public AssembledCode Targets(Func<string, IReadOnlyList<string>?> targets)
    {
        _targets = targets;
        return this;
    }

    /// <summary>Data made once the addresses of labels are known.</summary>
    public StackDepths Analyse(Func<Func<Label, ulong>, int[]>? table = null)
    {
        MemoryStream stream = new();
        AssemblerResult result = Assembler.Assemble(new StreamCodeWriter(stream), Start, BlockEncoderOptions.ReturnNewInstructionOffsets);
        byte[] code = stream.ToArray();
        if (table is not null)
        {
            int[] entries = table(label => result.GetLabelRIP(label));
            _data = new byte[entries.Length * sizeof(int)];
            Buffer.BlockCopy(entries, 0, _data, 0, _data.Length);
        }

        ulong[] starts = [.. _functions.Select(function => result.GetLabelRIP(function.Label)).Append(Start + (ulong)code.Length).Order()];
        Dictionary<string, CodeFunction> functions = _functions.ToDictionary(static function => function.Name, function =>
        {
            ulong address = result.GetLabelRIP(function.Label);
            return new CodeFunction(address, (int)(starts[Array.IndexOf(starts, address) + 1] - address), function.Name, function.IsCompiled);
        });
        return new StackDepths(new CodeWorld(Bits, [(Start, code, true), (Data, _data, false)], functions.Values)
        {
            IsUserMode = IsUserMode,
            Notes = _notes.ToDictionary(note => result.GetLabelRIP(note.Label), static note => note.Note),
            MachineEnds = _ends.Select(name => functions[name]).ToHashSet(),
            RecursionLimits = _limits.ToDictionary(limit => functions[limit.Key], static limit => limit.Value),
            PointerTargets = function => _targets(function.Name)?.Select(name => functions[name]).ToList(),
        });
    }
}

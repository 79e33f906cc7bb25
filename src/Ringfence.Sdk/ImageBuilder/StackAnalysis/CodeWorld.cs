// The code of one closed world as the analysis of stacks sees it: bytes at their final addresses, functions, and what annotations say of them.

using System.Buffers.Binary;
using Iced.Intel;
using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>A function: the code from one symbol to the next.</summary>
/// <param name="Address">Its first instruction.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Name">Its C# name, or its symbol.</param>
/// <param name="IsCompiled">Whether it was compiled from C#. What was assembled goes on where the next label begins.</param>
/// <param name="Method">The method that it is the code of, if it is one's.</param>
internal sealed record CodeFunction(ulong Address, int Size, string Name, bool IsCompiled, MethodEntry? Method = null)
{
    public ulong End => Address + (ulong)Size;

    public bool Equals(CodeFunction? other) => other is not null && Address == other.Address;

    public override int GetHashCode() => Address.GetHashCode();
}

/// <summary>What an assembly source says of the instruction that follows, which changes the stack pointer to what can't be computed.</summary>
internal enum StackNote
{
    /// <summary>It goes to another stack, on which it is as deep as it was: a switch of threads.</summary>
    SameDepth = 1,

    /// <summary>It goes to the top of a thread's kernel stack.</summary>
    KernelStackTop = 2,

    /// <summary>It goes to the top of the stack of an exception that has one of its own.</summary>
    SeparateStackTop = 3,
}

/// <summary>A closed world.</summary>
internal sealed class CodeWorld
{
    private readonly List<(ulong Start, byte[] Content, bool IsText)> _memory = [];
    private readonly SortedList<ulong, CodeFunction> _functions = [];
    private readonly Dictionary<ulong, Instruction> _instructions = [];
    private readonly Dictionary<ulong, InstructionEffects> _effects = [];
    private readonly InstructionInfoFactory _information = new();

    public CodeWorld(int bits, IEnumerable<(ulong Start, byte[] Content, bool IsText)> memory, IEnumerable<CodeFunction> functions)
    {
        Bits = bits;
        _memory.AddRange(memory);
        foreach (CodeFunction function in functions)
        {
            _functions.TryAdd(function.Address, function);
        }
    }

    /// <summary>32 or 64.</summary>
    public int Bits { get; }

    /// <summary>Whether it runs in user mode, where what lies below a stack pointer is nobody's business: interrupts and calls of the kernel use another stack.</summary>
    public bool IsUserMode { get; init; }

    /// <summary>Bytes of a word.</summary>
    public int WordBytes => Bits / 8;

    public IEnumerable<CodeFunction> Functions => _functions.Values;

    /// <summary>Notes of assembly sources, by the instruction that they are about.</summary>
    public IReadOnlyDictionary<ulong, StackNote> Notes { get; init; } = new Dictionary<ulong, StackNote>();

    /// <summary>Functions that end the machine: what they need isn't counted.</summary>
    public IReadOnlySet<CodeFunction> MachineEnds { get; init; } = new HashSet<CodeFunction>();

    /// <summary>How many calls of a function may be open at once, where the code says so.</summary>
    public IReadOnlyDictionary<CodeFunction, int> RecursionLimits { get; init; } = new Dictionary<CodeFunction, int>();

    /// <summary>What the calls through pointers in a function reach, or null if nothing says so.</summary>
    public Func<CodeFunction, IReadOnlyList<CodeFunction>?> PointerTargets { get; init; } = static _ => null;

    /// <summary>The same code, where some functions are never called.</summary>
    public CodeWorld Without(params string[] names) => Ending(function => MachineEnds.Contains(function) || names.Contains(function.Name));

    /// <summary>The same code, of which other functions are taken to end the machine.</summary>
    public CodeWorld Ending(Func<CodeFunction, bool> isEnd) => new(Bits, _memory, _functions.Values)
    {
        IsUserMode = IsUserMode,
        Notes = Notes,
        MachineEnds = Functions.Where(isEnd).ToHashSet(),
        RecursionLimits = RecursionLimits,
        PointerTargets = PointerTargets,
    };

    /// <summary>The function that starts at an address, or null.</summary>
    public CodeFunction? FunctionAt(ulong address) => _functions.GetValueOrDefault(address);

    /// <summary>The function of a name.</summary>
    public CodeFunction? Find(string name) => _functions.Values.FirstOrDefault(function => function.Name == name);

    /// <summary>The function that an address lies in.</summary>
    public CodeFunction? FunctionOf(ulong address)
    {
        int low = 0;
        int high = _functions.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_functions.Values[middle].Address > address)
            {
                high = middle - 1;
            }
            else
            {
                low = middle + 1;
            }
        }

        return high >= 0 && address < _functions.Values[high].End ? _functions.Values[high] : null;
    }

    /// <summary>Whether an address is code's.</summary>
    public bool IsText(ulong address) => Holding(address, 1) is { IsText: true };

    /// <summary>The instruction at an address; <see cref="Code.INVALID"/> where there is none.</summary>
    public Instruction InstructionAt(ulong address)
    {
        if (!_instructions.TryGetValue(address, out Instruction instruction))
        {
            if (Holding(address, 1) is { IsText: true } memory)
            {
                int offset = (int)(address - memory.Start);
                ByteArrayCodeReader reader = new(memory.Content, offset, memory.Content.Length - offset);
                instruction = Decoder.Create(Bits, reader, address).Decode();
            }

            _instructions.Add(address, instruction);
        }

        return instruction;
    }

    /// <summary>What an instruction of this world changes.</summary>
    public InstructionEffects EffectsAt(in Instruction instruction)
    {
        if (!_effects.TryGetValue(instruction.IP, out InstructionEffects? effects))
        {
            effects = InstructionEffects.Of(_information.GetInfo(instruction), instruction.StackPointerIncrement != 0);
            _effects.Add(instruction.IP, effects);
        }

        return effects;
    }

    /// <summary>The instructions of a compiled function, in order of their addresses.</summary>
    public IEnumerable<Instruction> InstructionsOf(CodeFunction function)
    {
        for (ulong address = function.Address; address < function.End;)
        {
            Instruction instruction = InstructionAt(address);
            if (instruction.IsInvalid)
            {
                yield break;
            }

            yield return instruction;
            address = instruction.NextIP;
        }
    }

    /// <summary>Four bytes of code or of data that nothing writes.</summary>
    public bool TryRead(ulong address, out int value)
    {
        if (Holding(address, sizeof(int)) is not { } memory)
        {
            value = 0;
            return false;
        }

        value = BinaryPrimitives.ReadInt32LittleEndian(memory.Content.AsSpan((int)(address - memory.Start)));
        return true;
    }

    /// <summary>An address in code or in data that nothing writes; images lie below 4 GiB.</summary>
    public bool TryReadPointer(ulong address, out ulong value)
    {
        bool isRead = TryRead(address, out int low);
        value = (uint)low;
        return isRead;
    }

    private (ulong Start, byte[] Content, bool IsText)? Holding(ulong address, int bytes)
    {
        foreach ((ulong Start, byte[] Content, bool IsText) memory in _memory)
        {
            if (address >= memory.Start && address + (ulong)bytes <= memory.Start + (ulong)memory.Content.Length)
            {
                return memory;
            }
        }

        return null;
    }
}

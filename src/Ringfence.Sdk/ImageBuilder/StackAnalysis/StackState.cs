// Everything that is known at one instruction: of the general registers, of words on stacks, of the last comparison, and whether interrupts are on.

using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Operands of the comparison that the flags stand for.</summary>
/// <param name="Left">The first.</param>
/// <param name="Right">The second.</param>
/// <param name="Bits">Their width.</param>
/// <param name="IsTest">Whether it was TEST and not CMP.</param>
internal readonly record struct Comparison(long Left, long Right, int Bits, bool IsTest);

/// <summary>A word of a stack that is known.</summary>
/// <param name="Base">The base that its address is counted from.</param>
/// <param name="Offset">How far.</param>
/// <param name="Value">What it holds.</param>
internal readonly record struct StackWord(int Base, long Offset, StackValue Value);

/// <summary>A state, compared by value.</summary>
internal sealed class StackState : IEquatable<StackState>
{
    private const int RegisterCount = 16;

    private readonly StackValue[] _registers = new StackValue[RegisterCount];

    // By address; shared between copies until one of them changes it.
    private StackWord[] _words = [];

    public StackState()
    {
    }

    private StackState(StackState other)
    {
        other._registers.CopyTo(_registers, 0);
        _words = other._words;
        InterruptsOn = other.InterruptsOn;
        Compared = other.Compared;
    }

    public bool InterruptsOn { get; set; }

    /// <summary>The last comparison, if its operands were known.</summary>
    public Comparison? Compared { get; set; }

    /// <summary>The stack pointer.</summary>
    public StackValue Pointer
    {
        get => _registers[Index(Register.RSP)];
        set => _registers[Index(Register.RSP)] = value;
    }

    /// <summary>The words that are known, by address.</summary>
    public IReadOnlyList<StackWord> Words => _words;

    public StackState Copy() => new(this);

    /// <summary>Place of a general register, of any width, in the state; -1 for others.</summary>
    public static int Index(Register register)
    {
        Register full = register.GetFullRegister();
        return full is >= Register.RAX and <= Register.R15 ? full - Register.RAX : -1;
    }

    /// <summary>What a general register of any width holds.</summary>
    public StackValue Read(Register register)
    {
        int index = Index(register);
        if (index < 0)
        {
            return StackValue.Unknown;
        }

        StackValue value = _registers[index];
        return register.GetSize() switch
        {
            1 when register is Register.AH or Register.BH or Register.CH or Register.DH => StackValue.Unknown,
            1 => value.Kind is StackValueKind.Number or StackValueKind.Byte ? StackValue.Of(value.Number & 0xFF) : StackValue.Unknown,
            2 => value.IsNumber ? StackValue.Of(value.Number & 0xFFFF) : StackValue.Unknown,
            4 when value.IsNumber => StackValue.Of(value.Number & 0xFFFF_FFFF),
            _ => value.Kind == StackValueKind.Byte ? StackValue.Unknown : value,
        };
    }

    /// <summary>Changes a general register of any width.</summary>
    public void Write(Register register, StackValue value)
    {
        int index = Index(register);
        if (index >= 0)
        {
            _registers[index] = register.GetSize() switch
            {
                1 when register is Register.AH or Register.BH or Register.CH or Register.DH => StackValue.Unknown,
                1 => value.IsNumber ? new StackValue(StackValueKind.Byte, 0, value.Number & 0xFF) : StackValue.Unknown,
                2 => StackValue.Unknown,
                4 when value.IsNumber => StackValue.Of(value.Number & 0xFFFF_FFFF),
                _ => value,
            };
        }
    }

    /// <summary>The word at an address.</summary>
    public StackValue ReadWord(StackValue address)
    {
        int found = address.IsStack ? IndexOf(address.Base, address.Number) : -1;
        return found >= 0 ? _words[found].Value : StackValue.Unknown;
    }

    /// <summary>Changes the word at an address on a stack.</summary>
    public void WriteWord(StackValue address, StackValue value)
    {
        int found = IndexOf(address.Base, address.Number);
        if (!value.IsKnown)
        {
            _words = found >= 0 ? [.. _words[..found], .. _words[(found + 1)..]] : _words;
        }
        else if (address.IsStack && (found < 0 || _words[found].Value != value))
        {
            int place = found >= 0 ? found : ~found;
            _words = [.. _words[..place], new StackWord(address.Base, address.Number, value), .. _words[(found >= 0 ? place + 1 : place)..]];
        }
    }

    /// <summary>Forgets what lies below the stack pointer: the next push or interrupt overwrites it.</summary>
    public void ForgetBelowPointer()
    {
        StackValue pointer = Pointer;
        if (pointer.IsStack && Array.Exists(_words, word => word.Base == pointer.Base && word.Offset < pointer.Number))
        {
            _words = [.. _words.Where(word => word.Base != pointer.Base || word.Offset >= pointer.Number)];
        }
    }

    /// <summary>Forgets what the two states don't agree on, but for the stack pointer; false if that differs.</summary>
    public bool TryJoin(StackState other)
    {
        if (Pointer != other.Pointer || InterruptsOn != other.InterruptsOn)
        {
            return false;
        }

        for (int index = 0; index < RegisterCount; index++)
        {
            _registers[index] = _registers[index] == other._registers[index] ? _registers[index] : StackValue.Unknown;
        }

        _words = [.. _words.Where(word => other._words.Contains(word))];
        Compared = Compared == other.Compared ? Compared : null;
        return true;
    }

    public bool Equals(StackState? other) =>
        other is not null && InterruptsOn == other.InterruptsOn && Compared == other.Compared
        && _registers.AsSpan().SequenceEqual(other._registers) && (_words == other._words || _words.AsSpan().SequenceEqual(other._words));

    public override bool Equals(object? obj) => Equals(obj as StackState);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(InterruptsOn);
        hash.Add(Compared);
        foreach (StackValue register in _registers)
        {
            hash.Add(register);
        }

        hash.Add(_words.Length);
        return hash.ToHashCode();
    }

    // The index of a word, or the complement of where it would be.
    private int IndexOf(int stackBase, long offset)
    {
        int index = 0;
        while (index < _words.Length && (_words[index].Base < stackBase || (_words[index].Base == stackBase && _words[index].Offset < offset)))
        {
            index++;
        }

        return index < _words.Length && _words[index].Base == stackBase && _words[index].Offset == offset ? index : ~index;
    }
}

// What an instruction changes, as the disassembler's library says it; kept, because every way through a function asks again.

using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>The general registers and words of memory that an instruction writes.</summary>
/// <param name="WrittenRegisters">Registers; not the stack pointer where a push or pop moves it.</param>
/// <param name="WrittenWords">Words at a distance from one register.</param>
internal sealed record InstructionEffects(Register[] WrittenRegisters, (Register From, long Displacement)[] WrittenWords)
{
    /// <summary>Takes them from the library's answer.</summary>
    /// <param name="information">The answer.</param>
    /// <param name="movesPointer">Whether the instruction pushes or pops.</param>
    public static InstructionEffects Of(InstructionInfo information, bool movesPointer)
    {
        List<Register> registers = [];
        foreach (UsedRegister used in information.GetUsedRegisters())
        {
            if (IsWrite(used.Access) && StackState.Index(used.Register) >= 0 && !(movesPointer && IsPointer(used.Register)))
            {
                registers.Add(used.Register);
            }
        }

        List<(Register, long)> words = [];
        foreach (UsedMemory used in information.GetUsedMemory())
        {
            if (IsWrite(used.Access) && used.Index == Register.None && StackState.Index(used.Base) >= 0 && !(movesPointer && IsPointer(used.Base)))
            {
                words.Add((used.Base, (long)used.Displacement));
            }
        }

        return new InstructionEffects([.. registers], [.. words]);
    }

    private static bool IsPointer(Register register) => register.GetFullRegister() == Register.RSP;

    private static bool IsWrite(OpAccess access) => access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite;
}

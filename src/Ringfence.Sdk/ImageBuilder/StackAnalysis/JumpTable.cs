// Where the jump of a switch goes. Compiled, it is on both architectures a load from a table of distances, an addition of the place that they are counted from, and a jump;
// before it the index is compared with the table's length.

using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Reads the tables of switches.</summary>
internal static class JumpTable
{
    private const int SearchedInstructions = 12;
    private const int EntryBytes = 4;

    /// <summary>The targets of an indirect jump; null if it is no switch's.</summary>
    /// <param name="world">The code.</param>
    /// <param name="function">The function that holds the jump.</param>
    /// <param name="jump">The jump.</param>
    /// <param name="index">The index, if it is known.</param>
    public static IReadOnlyList<ulong>? Targets(CodeWorld world, CodeFunction function, in Instruction jump, long? index)
    {
        ulong place = jump.IP;
        Instruction[] before = [.. world.InstructionsOf(function).TakeWhile(instruction => instruction.IP < place).TakeLast(SearchedInstructions)];
        ulong? table = null;
        ulong? start = null;
        int? count = null;
        for (int at = 0; at < before.Length; at++)
        {
            if (before[at].Mnemonic == Mnemonic.Lea && AbsoluteAddress(before[at]) is { } address)
            {
                if (world.IsText(address))
                {
                    start = address;
                }
                else
                {
                    table = address;
                }
            }
            else if (before[at].Mnemonic == Mnemonic.Cmp && before[at].Op0Kind == OpKind.Register && at + 1 < before.Length
                && before[at + 1].Mnemonic == Mnemonic.Ja && IsImmediate(before[at].Op1Kind))
            {
                count = (int)before[at].GetImmediate(1) + 1;
            }
        }

        if (table is null || start is null || (index is null && count is null))
        {
            return null;
        }

        List<ulong> targets = [];
        for (long entry = index ?? 0; entry < (index + 1 ?? count); entry++)
        {
            ulong target = world.TryRead(table.Value + (ulong)(entry * EntryBytes), out int distance) ? start.Value + (uint)distance : 0;
            target &= world.Bits == 32 ? uint.MaxValue : ulong.MaxValue;
            if (target < function.Address || target >= function.End)
            {
                return null;
            }

            targets.Add(target);
        }

        return targets;
    }

    /// <summary>The address that an operand in memory names without a register.</summary>
    public static ulong? AbsoluteAddress(in Instruction instruction) =>
        instruction.IsIPRelativeMemoryOperand ? instruction.IPRelativeMemoryAddress
        : instruction is { MemoryBase: Register.None, MemoryIndex: Register.None } ? instruction.MemoryDisplacement64
        : null;

    private static bool IsImmediate(OpKind kind) => kind is >= OpKind.Immediate8 and <= OpKind.Immediate32to64;
}

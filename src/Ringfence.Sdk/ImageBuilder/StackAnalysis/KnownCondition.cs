// Whether a condition holds, where the operands of the comparison before it are known.

using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Evaluates conditions.</summary>
internal static class KnownCondition
{
    /// <summary>Whether the condition holds; null if that isn't known.</summary>
    public static bool? Of(ConditionCode condition, Comparison? comparison)
    {
        if (comparison is not { } compared)
        {
            return null;
        }

        long left = Extend(compared.Left, compared.Bits);
        long right = Extend(compared.Right, compared.Bits);
        if (compared.IsTest)
        {
            left &= right;
            right = 0;
        }

        bool below = !compared.IsTest && Narrow(compared.Left, compared.Bits) < Narrow(compared.Right, compared.Bits);
        bool equal = left == right;
        return condition switch
        {
            ConditionCode.e => equal,
            ConditionCode.ne => !equal,
            ConditionCode.b => below,
            ConditionCode.ae => !below,
            ConditionCode.be => below || equal,
            ConditionCode.a => !below && !equal,
            ConditionCode.l => left < right,
            ConditionCode.ge => left >= right,
            ConditionCode.le => left <= right,
            ConditionCode.g => left > right,
            _ => null,
        };
    }

    private static long Extend(long value, int bits) => value << (64 - bits) >> (64 - bits);

    private static ulong Narrow(long value, int bits) => (ulong)value << (64 - bits) >> (64 - bits);
}

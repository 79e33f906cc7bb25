// Counts what was predicted and what differed, by class: the access, how it was to end and at which level, and what differed. An emulator's known
// differences are classes; which are known is the host's knowledge.
//   @predicted ENDING LEVEL COUNT*8 (one an access, in the order of Name below)
//   @difference ACCESS ENDING LEVEL DIFFERENCE COUNT
//   @example ACCESS ENDING LEVEL DIFFERENCE STATE predicted CODE found VECTOR CODE CR2 VALUE entries ENTRY* (highest level first; the first of each class)

using System;
using System.Runtime.CompilerServices;
using Ringfence.Kernel;
using Ringfence.Simulator.Prediction;

namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>The counts since the last report.</summary>
internal static class DifferenceLog
{
    private const int AccessCount = 8;
    private const int LevelCount = 5; // 1 to 4; 0 for none
    private const int PlaceCount = (int)Ending.Count * LevelCount;
    private const int ClassCount = PlaceCount * AccessCount;

    // An example of the class has been given.
    private const uint HasExample = 1u << 31;

    private static Predicted s_predicted;
    private static Differences s_differences;

    /// <summary>Counts a prediction.</summary>
    public static void CountPrediction(AccessState state, Ending ending, int level) => s_predicted[Class(Access(state), ending, level)]++;

    /// <summary>Counts a difference.</summary>
    /// <returns>Whether it is the first of its class.</returns>
    public static bool CountDifference(AccessState state, Ending ending, int level, Difference difference)
    {
        ref uint count = ref s_differences[(Class(Access(state), ending, level) * (int)Difference.Count) + (int)difference];
        bool isFirst = (count & HasExample) == 0;
        count = (count | HasExample) + 1;
        return isFirst;
    }

    /// <summary>Writes all counts and starts them anew.</summary>
    public static void Report()
    {
        for (int place = 0; place < PlaceCount; place++)
        {
            ReportPredicted(place);
        }

        for (int index = 0; index < ClassCount; index++)
        {
            for (int difference = 0; difference < (int)Difference.Count; difference++)
            {
                ref uint count = ref s_differences[(index * (int)Difference.Count) + difference];
                uint number = count & ~HasExample;
                if (number != 0)
                {
                    KernelConsole.Write("@difference "u8);
                    WriteClass(index % AccessCount, (Ending)(index / AccessCount / LevelCount), index / AccessCount % LevelCount, (Difference)difference);
                    KernelConsole.Write(" "u8);
                    KernelConsole.WriteDecimal((ulong)number);
                    KernelConsole.Write("\n"u8);
                    count &= HasExample;
                }
            }
        }
    }

    /// <summary>Writes the name of a class.</summary>
    public static void WriteClass(AccessState state, Ending ending, int level, Difference difference) =>
        WriteClass(Access(state), ending, level, difference);

    private static void WriteClass(int access, Ending ending, int level, Difference difference)
    {
        KernelConsole.Write(Name(access));
        KernelConsole.Write(" "u8);
        KernelConsole.Write(Name(ending));
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(level);
        KernelConsole.Write(" "u8);
        WriteName(difference);
    }

    private static void ReportPredicted(int place)
    {
        uint sum = 0;
        for (int access = 0; access < AccessCount; access++)
        {
            sum |= s_predicted[(place * AccessCount) + access];
        }

        if (sum == 0)
        {
            return;
        }

        KernelConsole.Write("@predicted "u8);
        KernelConsole.Write(Name((Ending)(place / LevelCount)));
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(place % LevelCount);
        for (int access = 0; access < AccessCount; access++)
        {
            ref uint count = ref s_predicted[(place * AccessCount) + access];
            KernelConsole.Write(" "u8);
            KernelConsole.WriteDecimal((ulong)count);
            count = 0;
        }

        KernelConsole.Write("\n"u8);
    }

    // EFLAGS.AC is told apart for the one access that it must not matter to; no guest makes implicit writes, whose place that takes.
    private static int Access(AccessState state)
    {
        bool isIgnored = state.Probe == Probe.ImplicitRead && (state.Conditions & Conditions.AlignmentCheckFlag) != 0;
        return isIgnored ? AccessCount - 1 : (int)state.Probe;
    }

    private static int Class(int access, Ending ending, int level) => ((((int)ending * LevelCount) + level) * AccessCount) + access;

    private static ReadOnlySpan<byte> Name(int access) => (Probe)access switch
    {
        Probe.UserRead => "user-read"u8,
        Probe.UserWrite => "user-write"u8,
        Probe.UserFetch => "user-fetch"u8,
        Probe.SupervisorRead => "supervisor-read"u8,
        Probe.SupervisorWrite => "supervisor-write"u8,
        Probe.SupervisorFetch => "supervisor-fetch"u8,
        Probe.ImplicitRead => "implicit-read"u8,
        _ => "implicit-read-AC"u8,
    };

    private static ReadOnlySpan<byte> Name(Ending ending) => ending switch
    {
        Ending.Done => "done"u8,
        Ending.Absent => "absent"u8,
        Ending.Reserved => "reserved"u8,
        Ending.Denied => "denied"u8,
        Ending.LoadFault => "load-fault"u8,
        Ending.BeyondWidth => "beyond-width"u8,
        _ => "held"u8,
    };

    private static void WriteName(Difference difference)
    {
        switch (difference)
        {
            case Difference.Succeeded:
                KernelConsole.Write("succeeded"u8);
                break;
            case Difference.Faulted:
                KernelConsole.Write("faulted"u8);
                break;
            case Difference.OtherException:
                KernelConsole.Write("other-exception"u8);
                break;
            case Difference.FaultAddress:
                KernelConsole.Write("fault-address"u8);
                break;
            case Difference.Frame:
                KernelConsole.Write("frame"u8);
                break;
            case Difference.RootAccepted:
                KernelConsole.Write("root-accepted"u8);
                break;
            case Difference.RootRefused:
                KernelConsole.Write("root-refused"u8);
                break;
            case Difference.EntryChanged:
                KernelConsole.Write("entry-changed"u8);
                break;
            case < Difference.CodeHasPresent:
                KernelConsole.Write("code-lacks-"u8);
                KernelConsole.Write(CodeBit(difference - Difference.CodeLacksPresent));
                break;
            case < Difference.AccessedClear:
                KernelConsole.Write("code-has-"u8);
                KernelConsole.Write(CodeBit(difference - Difference.CodeHasPresent));
                break;
            case < Difference.AccessedSet:
                WriteWithLevel("accessed-clear-"u8, difference - Difference.AccessedClear);
                break;
            case < Difference.DirtyClear:
                WriteWithLevel("accessed-set-"u8, difference - Difference.AccessedSet);
                break;
            case < Difference.DirtySet:
                WriteWithLevel("dirty-clear-"u8, difference - Difference.DirtyClear);
                break;
            default:
                WriteWithLevel("dirty-set-"u8, difference - Difference.DirtySet);
                break;
        }
    }

    private static void WriteWithLevel(ReadOnlySpan<byte> name, int levelsAboveFirst)
    {
        KernelConsole.Write(name);
        KernelConsole.WriteDecimal(levelsAboveFirst + 1);
    }

    private static ReadOnlySpan<byte> CodeBit(int number) => number switch
    {
        0 => "P"u8,
        1 => "W"u8,
        2 => "U"u8,
        3 => "RSVD"u8,
        _ => "ID"u8,
    };

    [InlineArray(ClassCount)]
    private struct Predicted
    {
        private uint _count;
    }

    [InlineArray(ClassCount * (int)Difference.Count)]
    private struct Differences
    {
        private uint _count;
    }
}

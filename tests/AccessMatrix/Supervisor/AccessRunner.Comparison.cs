// Compares what came of an access with the prediction: fault, error code, CR2, A and D of every level, and the frame that was reached.

using Ringfence.Kernel;
using Ringfence.Simulator.Prediction;
#if FORMAT_IA32
using Entry = uint;
#else
using Entry = ulong;
#endif

namespace Ringfence.AccessMatrix.Supervisor;

internal static unsafe partial class AccessRunner
{
    private const uint AccessedAndDirty = 0x60;
    private const uint Accessed = 0x20;
    private const uint PresentCode = 1;
    private const uint ReservedCode = 8;

    private static void CompareSuccess(AccessState state, in Prediction prediction, in ProbeBlock block, Ending ending, int level)
    {
        if (prediction.Outcome != PredictedOutcome.Done)
        {
            Differ(state, in prediction, in block, ending, level, Difference.Succeeded);
            return;
        }

        bool isWrite = state.Probe is Probe.UserWrite or Probe.SupervisorWrite;
        bool isRight = isWrite
            ? MarkedFrames.Target(prediction.LeafLevel) == s_writeCount
            : (uint)block.Value == MarkedFrames.Mark(prediction.PhysicalAddress(MarkedFrames.LeafAddress(prediction.LeafLevel), ScratchTables.ProbePage));
        if (!isRight)
        {
            Differ(state, in prediction, in block, ending, level, Difference.Frame);
        }
    }

    private static void CompareFault(AccessState state, in Prediction prediction, in ProbeBlock block, Ending ending, int level)
    {
        if (prediction.Outcome == PredictedOutcome.Done)
        {
            Differ(state, in prediction, in block, ending, level, Difference.Faulted);
            return;
        }

        // A descriptor may be read in halves, in whatever order.
        bool isRightAddress = state.Probe == Probe.ImplicitRead
            ? (block.FaultAddress & ~(nuint)7) == ScratchTables.ProbePage + MarkedFrames.DescriptorOffset
            : block.FaultAddress == block.Address;
        if (!isRightAddress)
        {
            Differ(state, in prediction, in block, ending, level, Difference.FaultAddress);
        }

        uint found = (uint)block.ErrorCode;
        for (int bit = 0; bit < 5; bit++)
        {
            uint mask = 1u << bit;
            if (((found ^ prediction.ErrorCode) & mask) != 0)
            {
                Difference first = (found & mask) != 0 ? Difference.CodeHasPresent : Difference.CodeLacksPresent;
                Differ(state, in prediction, in block, ending, level, first + bit);
            }
        }
    }

    private static void CompareEntries(AccessState state, in Prediction prediction, in ProbeBlock block, Ending ending, int level)
    {
        for (int index = 1; index <= ScratchTables.LevelCount; index++)
        {
            Entry before = s_entries[index];
            Entry after = ScratchTables.ProbedEntry(index);
            Entry must = before | prediction.MustBeSet(index);
            Entry unexpected = (after ^ must) & ~(Entry)prediction.MayBeSet(index);
            if (unexpected != 0)
            {
                DifferInEntry(state, in prediction, in block, ending, level, index, (ulong)unexpected, (ulong)(before & ~after), (uint)after);
            }

            if (after != before)
            {
                ScratchTables.ProbedEntry(index) = before;
            }
        }
    }

    private static void DifferInEntry(
        AccessState state, in Prediction prediction, in ProbeBlock block, Ending ending, int level, int index, ulong unexpected, ulong lost, uint after)
    {
        if (lost != 0 || (unexpected & ~(ulong)AccessedAndDirty) != 0)
        {
            Differ(state, in prediction, in block, ending, level, Difference.EntryChanged);
            return;
        }

        if ((unexpected & Accessed) != 0)
        {
            Difference first = (after & Accessed) != 0 ? Difference.AccessedSet : Difference.AccessedClear;
            Differ(state, in prediction, in block, ending, level, first + (index - 1));
        }

        if ((unexpected & ~Accessed) != 0)
        {
            Difference first = (after & ~Accessed & AccessedAndDirty) != 0 ? Difference.DirtySet : Difference.DirtyClear;
            Differ(state, in prediction, in block, ending, level, first + (index - 1));
        }
    }

    private static Ending EndingOf(in Prediction prediction)
    {
        if (prediction.Outcome == PredictedOutcome.Done)
        {
            return Ending.Done;
        }

#if FORMAT_IA32
        if ((prediction.ErrorCode & ReservedCode) != 0 && (s_entries[2] & ReservedInLargePage) == 0)
        {
            return Ending.BeyondWidth;
        }

#endif
        if ((prediction.ErrorCode & ReservedCode) != 0)
        {
            return Ending.Reserved;
        }

        return (prediction.ErrorCode & PresentCode) != 0 ? Ending.Denied : Ending.Absent;
    }

    // The level that decides: the leaf's, or the one below the last that was passed.
    private static int Level(AccessState state, in Prediction prediction)
    {
        if (prediction.LeafLevel != 0)
        {
            return prediction.LeafLevel;
        }

        for (int level = 2; level <= ScratchTables.LevelCount; level++)
        {
            if (prediction.MayBeSet(level) != 0)
            {
                return level - 1;
            }
        }

#if FORMAT_PAE
        return (state.Flags(3) & EntryTraits.Present) != 0 ? 2 : 3;
#else
        return ScratchTables.LevelCount;
#endif
    }

    private static void Differ(AccessState state, in Prediction prediction, in ProbeBlock block, Ending ending, int level, Difference difference)
    {
        if (!DifferenceLog.CountDifference(state, ending, level, difference))
        {
            return;
        }

        KernelConsole.Write("@example "u8);
        DifferenceLog.WriteClass(state, ending, level, difference);
        WriteNumber(" "u8, state.Bits);
        WriteNumber(" predicted "u8, prediction.ErrorCode);
        WriteNumber(" found "u8, block.Vector);
        WriteNumber(" "u8, block.ErrorCode);
        WriteNumber(" "u8, block.FaultAddress);
        WriteNumber(" "u8, block.Value);
        KernelConsole.Write(" entries"u8);
        for (int index = ScratchTables.LevelCount; index > 0; index--)
        {
            WriteNumber(" "u8, s_entries[index]);
            WriteNumber("/"u8, ScratchTables.ProbedEntry(index));
        }

        KernelConsole.Write("\n"u8);
    }

    private static void WriteNumber(System.ReadOnlySpan<byte> before, ulong value)
    {
        KernelConsole.Write(before);
        nuint high = (nuint)(value >> 32);
        if (nuint.Size == 8 || high == 0)
        {
            KernelConsole.WriteShortHexadecimal((nuint)value);
            return;
        }

        KernelConsole.WriteShortHexadecimal(high);
        KernelConsole.Write("_"u8);
        KernelConsole.WriteHexadecimal((nuint)value);
    }
}

// Carries states out: writes the entries and makes the access on the processor. AccessRunner.Comparison.cs compares what came of it with the prediction.

using System.Runtime.CompilerServices;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Simulator.Prediction;
#if FORMAT_IA32
using Entry = uint;
#else
using Entry = ulong;
#endif

namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>Runs states between <see cref="Open"/> and <see cref="Close"/>, with interrupts off and on the scratch tables.</summary>
internal static unsafe partial class AccessRunner
{
    private const nuint FlagAlignmentCheck = 1u << 18;
    private const nuint FlagsAlwaysSet = 2;
    private const nuint PageFaultVector = 14;
#if FORMAT_IA32
    private const uint HighAddress = 0x1F_E000;    // bits 39:32 of the address of a 4 MiB page
    private const uint ReservedInLargePage = 0x20_0000;
#endif

    private static PredictedProcessor s_processor;
    private static nuint s_userCode;
    private static nuint s_kernelRoot;
    private static LevelEntries s_entries;
    private static uint s_writeCount;

    /// <summary>Accesses made so far, loads of CR3 that were to fail included.</summary>
    public static ulong StateCount { get; private set; }

    /// <summary>Builds what all states share; the kernel's tables are loaded.</summary>
    public static void Prepare(PredictedProcessor processor)
    {
        s_processor = processor;
        s_kernelRoot = Processor.ReadControl3();
        ScratchTables.Build();
        MarkedFrames.Prepare();
        nuint frame = ScratchTables.TakeFrame();
        nuint start = Prober.Address(ProbeCode.UserCode);
        KernelMemory.Bytes(start, Prober.Address(ProbeCode.UserCodeEnd) - start).CopyTo(KernelMemory.Bytes(frame, 4096));
        s_userCode = ScratchTables.Map(frame, isForUser: true) - start;
    }

    /// <summary>Goes over to the scratch tables. No entry of the probed page is present.</summary>
    public static void Open()
    {
        ControlRegisters.Open();
        Processor.WriteControl3(ScratchTables.Root);
        MarkedFrames.Fill();
        Prober.Open();
    }

    /// <summary>Goes back to the kernel's.</summary>
    public static void Close()
    {
        RemoveTables();
        Prober.Close();
        ControlRegisters.Close();
        Processor.WriteControl3(s_kernelRoot);
    }

    /// <summary>Puts control bits into force.</summary>
    public static void SetConditions(Conditions conditions)
    {
        RemoveTables();
        ControlRegisters.Set(conditions);
    }

    /// <summary>Makes every access of a state's tables under its control bits, which are in force.</summary>
    public static void RunTables(AccessState tables)
    {
        WriteEntries(tables);
#if FORMAT_PAE
        if (!LoadDirectoryPointers(tables))
        {
            return;
        }

#endif
        for (Probe probe = Probe.UserRead; probe <= Probe.ImplicitRead; probe++)
        {
            AccessState state = tables.With(tables.Conditions, probe);
            Prediction prediction = AccessPredictor.Predict(s_processor, state);
            if (CanRun(state, in prediction))
            {
                Run(state, in prediction, EndingOf(in prediction), Level(state, in prediction));
            }
        }
    }

#if FORMAT_PAE
    /// <summary>A change of a directory-pointer entry in memory changes nothing before CR3 is written: entries cleared, and entries set, behind the processor's back.</summary>
    public static void RunHeldDirectoryPointers(AccessState open)
    {
        AccessState closed = open.WithFlags(ScratchTables.LevelCount, EntryTraits.None);
        RunHeldDirectoryPointers(open, closed);
        RunHeldDirectoryPointers(closed, open);
    }

    private static void RunHeldDirectoryPointers(AccessState held, AccessState inMemory)
    {
        for (Probe probe = Probe.UserRead; probe <= Probe.ImplicitRead; probe++)
        {
            WriteEntries(held);
            if (LoadDirectoryPointers(held))
            {
                WriteEntries(inMemory);
                AccessState state = held.With(Conditions.None, probe);
                Prediction prediction = AccessPredictor.Predict(s_processor, state);
                Run(state, in prediction, Ending.Held, ScratchTables.LevelCount);
            }
        }
    }

    // The processor reads the four entries when CR3 is written, and not again (Intel SDM vol. 3A 4.4.1).
    private static bool LoadDirectoryPointers(AccessState tables)
    {
        ProbeBlock block = default;
        block.Address = ScratchTables.Root;
        block.Code = Prober.Address(ProbeCode.LoadRoot);
        block.Flags = FlagsAlwaysSet;
        Prober.Probe(&block);
        Prediction prediction = AccessPredictor.Predict(s_processor, tables);
        bool isRefused = prediction.Outcome == PredictedOutcome.LoadFault;
        if (isRefused)
        {
            StateCount++;
            DifferenceLog.CountPrediction(tables, Ending.LoadFault, ScratchTables.LevelCount);
        }

        if (isRefused != (block.Vector != 0))
        {
            Differ(tables, in prediction, in block, Ending.LoadFault, ScratchTables.LevelCount, isRefused ? Difference.RootAccepted : Difference.RootRefused);
        }

        return !isRefused && block.Vector == 0;
    }
#endif

    // In PAE some changes of CR4 load the directory-pointer registers as well, and refuse what CR3 would (Intel SDM vol. 3A 4.4.1).
    private static void RemoveTables() => ScratchTables.ProbedEntry(ScratchTables.LevelCount) = 0;

    private static void WriteEntries(AccessState tables)
    {
        for (int level = 1; level <= ScratchTables.LevelCount; level++)
        {
            nuint address = EntryEncoding.IsLeaf(s_processor, tables, level) ? MarkedFrames.LeafAddress(level) : ScratchTables.ProbedTable(level - 1);
            Entry entry = (Entry)EntryEncoding.Entry(s_processor, tables, level, address);
            s_entries[level] = entry;
            ScratchTables.ProbedEntry(level) = entry;
        }
    }

    // An address without memory behind it can't say what it is. And where an emulator doesn't fault, it must not execute what isn't there.
    private static bool CanRun(AccessState state, in Prediction prediction)
    {
        if (prediction.Outcome == PredictedOutcome.Done)
        {
            ulong page = MarkedFrames.LeafAddress(prediction.LeafLevel);
            return prediction.PhysicalAddress(page, 0) == page;
        }

#if FORMAT_IA32
        return state.Probe is not (Probe.UserFetch or Probe.SupervisorFetch)
            || !EntryEncoding.IsLeaf(s_processor, state, 2)
            || (s_entries[2] & HighAddress) == 0;
#else
        return true;
#endif
    }

    private static void Run(AccessState state, in Prediction prediction, Ending ending, int level)
    {
        ProbeBlock block = default;
        SetUp(ref block, state);
        Processor.InvalidatePage(ScratchTables.ProbePage);
        Prober.Probe(&block);
        StateCount++;
        DifferenceLog.CountPrediction(state, ending, level);
        if (block.Vector == 0)
        {
            CompareSuccess(state, in prediction, in block, ending, level);
        }
        else if (block.Vector != PageFaultVector)
        {
            Differ(state, in prediction, in block, ending, level, Difference.OtherException);
        }
        else
        {
            CompareFault(state, in prediction, in block, ending, level);
        }

        CompareEntries(state, in prediction, in block, ending, level);
    }

    private static void SetUp(ref ProbeBlock block, AccessState state)
    {
        bool isUser = state.Probe is Probe.UserRead or Probe.UserWrite or Probe.UserFetch;
        block.IsUser = isUser ? 1u : 0u;
        block.Flags = FlagsAlwaysSet | ((state.Conditions & Conditions.AlignmentCheckFlag) != 0 ? FlagAlignmentCheck : 0);
        nuint code = 0;
        switch (state.Probe)
        {
            case Probe.UserRead:
            case Probe.SupervisorRead:
                block.Address = ScratchTables.ProbePage + MarkedFrames.DataOffset;
                code = Prober.Address(ProbeCode.Read);
                break;
            case Probe.UserWrite:
            case Probe.SupervisorWrite:
                block.Address = ScratchTables.ProbePage + MarkedFrames.TargetOffset;
                block.Value = ++s_writeCount;
                code = Prober.Address(ProbeCode.Write);
                break;
            case Probe.ImplicitRead:
                block.Address = Prober.LocalSelector(MarkedFrames.DescriptorOffset);
                code = Prober.Address(ProbeCode.ImplicitRead);
                break;
            default:
                block.Address = block.Code = ScratchTables.ProbePage + MarkedFrames.CodeOffset;
                return;
        }

        block.Code = isUser ? code + s_userCode : code;
    }

    [InlineArray(ScratchTables.LevelCount + 1)]
    private struct LevelEntries
    {
        private Entry _entry;
    }
}

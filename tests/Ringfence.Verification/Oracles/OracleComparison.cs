// Builds the tables of a state, lets the strict MMU carry out the access, and compares everything there is to see with the prediction.

using System;
using Ringfence.Simulator;
using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

/// <summary>Both oracles on one processor. Not for several threads.</summary>
public sealed class OracleComparison
{
    private const int ProbeCount = 8;
    private const int MaximumLevelCount = 5;

    private readonly Placement _placement;
    private readonly PredictedProcessor _processor;
    private readonly PagingStructures? _structures;
    private readonly PhysicalMemory _memory;
    private readonly bool _isNarrow;
    private readonly int _levels;

    // A processor for each combination of control bits; EFLAGS.AC, the lowest condition, is the program's.
    private readonly StrictMmu?[] _processors = new StrictMmu?[32];

    /// <summary>Creates the comparison.</summary>
    /// <param name="placement">The processor, and where its tables are.</param>
    /// <param name="structures">What the walk believes; if null, what the manual says.</param>
    public OracleComparison(Placement placement, PagingStructures? structures = null)
    {
        _placement = placement;
        _processor = placement.Processor;
        _structures = structures;
        _memory = placement.Memory;
        _isNarrow = _processor.Format == TableFormat.Ia32;
        _levels = _processor.LevelCount;
    }

    /// <summary>Compares all accesses under some control bits on the same tables.</summary>
    /// <param name="tables">Gives the flags of all entries.</param>
    /// <param name="conditions">The control bits.</param>
    /// <param name="compareTranslation">Whether to compare also what a translation cache could hold, G with it. It takes a second walk.</param>
    /// <returns>The first state on which they differ, or null.</returns>
    public Disagreement? CompareProbes(AccessState tables, Conditions conditions, bool compareTranslation)
    {
        StrictMmu mmu = Processor(conditions);
        Span<ulong> entries = stackalloc ulong[MaximumLevelCount];
        AccessState state = tables.With(conditions, Probe.UserRead);
        Build(state, entries);
        bool isLoaded = _processor.Format == TableFormat.Pae ? mmu.LoadCr3(_placement.Cr3) : mmu.Cr3 != 0 || mmu.LoadCr3(_placement.Cr3);
        for (int probe = 0; probe < ProbeCount; probe++)
        {
            state = tables.With(conditions, (Probe)probe);
            if (Compare(mmu, state, entries, isLoaded, compareTranslation && probe == 0) is { } disagreement)
            {
                return disagreement;
            }
        }

        return null;
    }

    /// <summary>Compares one state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>The state and how they differ, or null.</returns>
    public Disagreement? Compare(AccessState state)
    {
        StrictMmu mmu = Processor(state.Conditions);
        Span<ulong> entries = stackalloc ulong[MaximumLevelCount];
        Build(state, entries);
        return Compare(mmu, state, entries, mmu.LoadCr3(_placement.Cr3), compareTranslation: true);
    }

    private Disagreement? Compare(StrictMmu mmu, AccessState state, ReadOnlySpan<ulong> entries, bool isLoaded, bool compareTranslation)
    {
        Prediction prediction = AccessPredictor.Predict(_processor, state);
        if (!isLoaded || prediction.Outcome == PredictedOutcome.LoadFault)
        {
            return isLoaded == (prediction.Outcome != PredictedOutcome.LoadFault)
                ? null
                : new Disagreement(_placement, state, default, isLoaded ? "CR3 was loaded" : "CR3 was not loaded");
        }

        ulong page = prediction.LeafLevel == 0 ? 0 : prediction.PhysicalAddress(_placement.Page(prediction.LeafLevel), _placement.Linear);
        if (compareTranslation && !TranslationIs(mmu, prediction, page))
        {
            return new Disagreement(_placement, state, default, "the translation differs");
        }

        AccessResult result = mmu.Access(AccessOf(state));
        bool isDone = prediction.Outcome == PredictedOutcome.Done;
        if (result.Succeeded != isDone || (uint)result.FaultCode != prediction.ErrorCode || (isDone && result.PhysicalAddress != page))
        {
            return new Disagreement(_placement, state, result, "the outcome differs");
        }

        return EntriesAreAsPredicted(prediction, entries) ? null : new Disagreement(_placement, state, result, "an entry differs afterwards");
    }

    // Restores what the access has changed.
    private bool EntriesAreAsPredicted(Prediction prediction, ReadOnlySpan<ulong> entries)
    {
        for (int level = 1; level <= _levels; level++)
        {
            ulong before = entries[level - 1];
            ulong after = Read(level);
            if (after != before)
            {
                Write(level, before);
            }

            // The strict processor sets A in every entry that it passes: of what may be set, all.
            if (after != (before | prediction.MustBeSet(level) | prediction.MayBeSet(level)))
            {
                Write(level, after);
                return false;
            }
        }

        return true;
    }

    private bool TranslationIs(StrictMmu mmu, Prediction prediction, ulong page) =>
        mmu.TryTranslate(_placement.Linear, out CachedTranslation translation) == (prediction.LeafLevel != 0)
        && (prediction.LeafLevel == 0 || (translation.Global == prediction.IsGlobal && translation.FrameAddress == (page & ~0xFFFul)));

    private MemoryAccess AccessOf(AccessState state)
    {
        Probe probe = state.Probe;
        AccessKind kind = probe switch
        {
            Probe.UserWrite or Probe.SupervisorWrite or Probe.ImplicitWrite => AccessKind.Write,
            Probe.UserFetch or Probe.SupervisorFetch => AccessKind.Fetch,
            _ => AccessKind.Read,
        };

        // An implicit access is made at some CPL; at 3 it could be taken for a user-mode one.
        bool isImplicit = probe >= Probe.ImplicitRead;
        return new MemoryAccess(
            _placement.Linear, kind, IsUser: probe <= Probe.UserFetch || isImplicit, (state.Conditions & Conditions.AlignmentCheckFlag) != 0, isImplicit);
    }

    private void Build(AccessState state, Span<ulong> entries)
    {
        for (int level = 1; level <= _levels; level++)
        {
            entries[level - 1] = _placement.Entry(state, level);
            Write(level, entries[level - 1]);
        }
    }

    private ulong Read(int level) =>
        _isNarrow ? _memory.Read32(_placement.EntryAddress(level)) : _memory.Read64(_placement.EntryAddress(level));

    private void Write(int level, ulong value)
    {
        if (_isNarrow)
        {
            _memory.Write32(_placement.EntryAddress(level), (uint)value);
        }
        else
        {
            _memory.Write64(_placement.EntryAddress(level), value);
        }
    }

    private StrictMmu Processor(Conditions conditions) => _processors[(int)conditions >> 1] ??= new StrictMmu(_memory, SettingsOf(conditions), _structures);

    private ProcessorSettings SettingsOf(Conditions conditions) => new()
    {
        Mode = _processor.Format switch
        {
            TableFormat.Ia32 => PagingMode.ThirtyTwoBit,
            TableFormat.Pae => PagingMode.Pae,
            TableFormat.FourLevel => PagingMode.FourLevel,
            _ => PagingMode.FiveLevel,
        },
        WriteProtect = (conditions & Conditions.WriteProtect) != 0,
        NoExecuteEnable = (conditions & Conditions.NoExecuteEnable) != 0,
        SupervisorExecutionPrevention = (conditions & Conditions.SupervisorExecutionPrevention) != 0,
        SupervisorAccessPrevention = (conditions & Conditions.SupervisorAccessPrevention) != 0,

        // Outside 32-bit paging CR4.PSE is ignored, whatever it is.
        PageSizeExtensions = _isNarrow ? (conditions & Conditions.PageSizeExtensions) != 0 : _placement.IsComplement,
        PhysicalAddressBits = _processor.PhysicalAddressBits,
        GibibytePages = _processor.HasGibibytePages || (_processor.Format == TableFormat.Pae && _placement.IsComplement),
    };
}

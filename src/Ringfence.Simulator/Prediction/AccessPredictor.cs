// The second opinion: what becomes of an access, read off the flags of a state. Nothing is walked and no table exists: each condition of all levels is one
// vector of bits, and the level that decides falls out of their union. It shares no code with the page walk that it is compared with.

namespace Ringfence.Simulator.Prediction;

/// <summary>Predicts fault, error code, A, D and physical address of a state (Intel SDM vol. 3A 4.4.1, 4.6 to 4.8).</summary>
public static class AccessPredictor
{
    // One bit a level, at the place of level 1's first flag and every stride further.
    private const ulong FiveLanes = 0x10_0804_0201;
    private const ulong Lane1 = 1;
    private const ulong Lane2 = 1ul << AccessState.LevelStride;
    private const ulong Lane3 = 1ul << (2 * AccessState.LevelStride);
    private const ulong Lanes4And5 = FiveLanes & ~(Lane1 | Lane2 | Lane3);

    private const uint PresentCode = 1;
    private const uint WriteCode = 2;
    private const uint UserCode = 4;
    private const uint ReservedCode = 8;
    private const uint FetchCode = 16;

    /// <summary>What is expected of the access of a state.</summary>
    /// <param name="processor">The processor.</param>
    /// <param name="state">A state of its format.</param>
    public static Prediction Predict(PredictedProcessor processor, AccessState state)
    {
        ulong lanes = FiveLanes & ((1ul << (AccessState.LevelStride * processor.LevelCount)) - 1);
        ulong flags = state.AllFlags;
        Conditions conditions = state.Conditions;
        bool isPae = processor.Format == TableFormat.Pae;
        bool hasExecuteDisable = processor.Format != TableFormat.Ia32;
        bool noExecute = hasExecuteDisable && (conditions & Conditions.NoExecuteEnable) != 0;

        ulong present = Lanes(flags, EntryTraits.Present, lanes);
        ulong size = Lanes(flags, EntryTraits.Size, lanes);
        ulong executeDisable = Lanes(flags, EntryTraits.ExecuteDisable, lanes);
        ulong large = size & ((processor.CanBeLarge(2, conditions) ? Lane2 : 0) | (processor.CanBeLarge(3, conditions) ? Lane3 : 0));
        ulong reserved = Reserved(processor, state, lanes, size, large) | (hasExecuteDisable && !noExecute ? executeDisable : 0);

        if (isPae)
        {
            // The registers above the two levels were loaded with CR3, and checked then. What a walk asks of them is P alone.
            const EntryTraits ReservedInRegister = EntryTraits.Writable | EntryTraits.User | EntryTraits.Size
                | EntryTraits.Accessed | EntryTraits.Dirty | EntryTraits.ExecuteDisable;
            if ((present & Lane3) != 0 && ((state.Flags(3) & ReservedInRegister) != 0 || (reserved & Lane3) != 0))
            {
                return new Prediction(PredictedOutcome.LoadFault, 0, 0, 0, 0, 0, 0, 0, false);
            }

            flags |= ((ulong)(EntryTraits.Writable | EntryTraits.User)) << (2 * AccessState.LevelStride);
        }

        // The walk ends at the highest entry that is absent, wrong, or a leaf.
        ulong stop = Highest((lanes & ~present) | reserved | large | Lane1);
        ulong passed = lanes & ~((stop << 1) - 1);
        ulong passedWithAccessed = isPae ? passed & ~Lane3 : passed;
        uint code = AccessCode(state, conditions, noExecute);
        if ((present & stop) == 0)
        {
            return Fault(code, passedWithAccessed);
        }

        if ((reserved & stop) != 0)
        {
            return Fault(code | PresentCode | ReservedCode, passedWithAccessed);
        }

        ulong used = passed | stop;
        bool isWritable = (Lanes(flags, EntryTraits.Writable, used) ^ used) == 0;
        bool isUser = (Lanes(flags, EntryTraits.User, used) ^ used) == 0;
        bool isExecutable = !noExecute || (executeDisable & used) == 0;

        int leafLevel = stop == Lane1 ? 1 : stop == Lane2 ? 2 : 3;
        bool hasExtra = state.ExtraLevel == leafLevel;
        bool isAllowed = IsAllowed(state.Probe, conditions, isWritable, isUser, isExecutable);
        bool isWrite = state.Probe is Probe.UserWrite or Probe.SupervisorWrite or Probe.ImplicitWrite;
        return new Prediction(
            isAllowed ? PredictedOutcome.Done : PredictedOutcome.PageFault,
            isAllowed ? 0 : code | PresentCode,
            accessed: isAllowed ? passedWithAccessed | stop : 0,
            maybeAccessed: isAllowed ? 0 : passedWithAccessed,
            dirty: isAllowed && isWrite ? stop : 0,
            leafLevel,
            processor.PageShift(leafLevel),
            hasExtra ? EntryEncoding.AddressChange(processor, leafLevel, state.ExtraBit) : 0,
            isGlobal: hasExtra && state.ExtraBit == 8);
    }

    private static bool IsAllowed(Probe probe, Conditions conditions, bool isWritable, bool isUser, bool isExecutable)
    {
        bool isKept = (conditions & Conditions.WriteProtect) != 0 && !isWritable;
        bool isPrevented = isUser && (conditions & Conditions.SupervisorAccessPrevention) != 0;
        bool isOpened = (conditions & Conditions.AlignmentCheckFlag) != 0;
        switch (probe)
        {
            case Probe.UserRead:
                return isUser;
            case Probe.UserWrite:
                return isUser && isWritable;
            case Probe.UserFetch:
                return isUser && isExecutable;
            case Probe.SupervisorRead:
                return !isPrevented || isOpened;
            case Probe.SupervisorWrite:
                return (!isPrevented || isOpened) && !isKept;
            case Probe.SupervisorFetch:
                return isExecutable && !(isUser && (conditions & Conditions.SupervisorExecutionPrevention) != 0);
            case Probe.ImplicitRead:
                return !isPrevented;
            default:
                return !isPrevented && !isKept;
        }
    }

    private static uint AccessCode(AccessState state, Conditions conditions, bool noExecute)
    {
        switch (state.Probe)
        {
            case Probe.UserRead:
                return UserCode;
            case Probe.UserWrite:
                return UserCode | WriteCode;
            case Probe.SupervisorWrite:
            case Probe.ImplicitWrite:
                return WriteCode;
            case Probe.UserFetch:
            case Probe.SupervisorFetch:
                bool isTold = noExecute || (conditions & Conditions.SupervisorExecutionPrevention) != 0;
                return (state.Probe == Probe.UserFetch ? UserCode : 0) | (isTold ? FetchCode : 0);
            default:
                return 0;
        }
    }

    // Reserved for any reason but XD without NXE.
    private static ulong Reserved(PredictedProcessor processor, AccessState state, ulong lanes, ulong size, ulong large)
    {
        ulong flags = state.AllFlags;
        ulong beyond = Lanes(flags, EntryTraits.BeyondWidth, lanes);
        ulong format = Lanes(flags, EntryTraits.FormatReserved, lanes) & (processor.Format == TableFormat.Pae ? Lane1 | Lane2 : large);
        ulong reserved = format;
        if (processor.Format == TableFormat.Ia32)
        {
            reserved |= processor.PhysicalAddressBits < 40 ? beyond & large : 0;
        }
        else
        {
            reserved |= processor.PhysicalAddressBits < 52 ? beyond : 0;
            reserved |= size & (Lanes4And5 | (processor.HasGibibytePages || processor.Format == TableFormat.Pae ? 0 : Lane3));
        }

        int level = state.ExtraLevel;
        if (level != 0)
        {
            ulong lane = 1ul << (AccessState.LevelStride * (level - 1));
            reserved |= EntryEncoding.IsReserved(processor, level, (large & lane) != 0, state.ExtraBit) ? lane : 0;
        }

        return reserved;
    }

    private static Prediction Fault(uint code, ulong passed) => new(PredictedOutcome.PageFault, code, 0, passed, 0, 0, 0, 0, false);

    // The levels at which a flag is set.
    private static ulong Lanes(ulong flags, EntryTraits flag, ulong lanes)
    {
        int shift = flag switch
        {
            EntryTraits.Present => 0,
            EntryTraits.Writable => 1,
            EntryTraits.User => 2,
            EntryTraits.Size => 3,
            EntryTraits.ExecuteDisable => 6,
            EntryTraits.BeyondWidth => 7,
            _ => 8,
        };
        return (flags >> shift) & lanes;
    }

    private static ulong Highest(ulong lanes)
    {
        ulong filled = lanes | (lanes >> AccessState.LevelStride);
        filled |= filled >> (2 * AccessState.LevelStride);
        filled |= filled >> (4 * AccessState.LevelStride);
        return filled & ~(filled >> AccessState.LevelStride);
    }
}

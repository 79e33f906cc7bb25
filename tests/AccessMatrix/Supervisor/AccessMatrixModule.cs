// The order of the states, and the lines that the host reads:
//   @matrix FORMAT ADDRESS-BITS GIBIBYTE-PAGES CONDITIONS     the processor, as the prediction takes it
//   (the lines of DifferenceLog, then)
//   @block NUMBER TABLES STATES                               a block is done; the counts before it are its own
//   @end TABLES STATES                                        every state of every family was run
// The host may end the machine behind any block. Within a family tables come in an order that any beginning of it is spread over the whole.

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Simulator.Prediction;

namespace Ringfence.AccessMatrix.Supervisor;

internal static class AccessMatrixModule
{
    private const int BlockTableCount = 256;
    private const int CircumstancesOfOneTable = 8;

    private static BlockTables s_tables;
    private static int s_tableCount;
    private static int s_blockCount;
    private static ulong s_tablesDone;
    private static ulong s_statesReported;

    [RuntimeExport("KernelModuleMain")]
    private static int Main()
    {
        PredictedProcessor processor = Describe();
        AccessRunner.Prepare(processor);
#if FORMAT_PAE
        RunHeldDirectoryPointers(processor);
#endif
        // First what one level alone can be.
        StateSpace pairs = new(processor, StateFamily.Pairs);
        RunTables(in pairs, 0, pairs.OneLevelTableCount);
        RunTables(new StateSpace(processor, StateFamily.SingleBits));
        RunTables(new StateSpace(processor, StateFamily.Rights));
        RunTables(in pairs, pairs.OneLevelTableCount, pairs.TableCount - pairs.OneLevelTableCount);
        KernelConsole.Write("@end "u8);
        KernelConsole.WriteDecimal(s_tablesDone);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(AccessRunner.StateCount);
        KernelConsole.Write("\n"u8);
        return 0;
    }

    private static PredictedProcessor Describe()
    {
        const uint AddressSizes = 0x80000008;
        const uint ExtendedFeatures = 0x80000001;
        const uint PageSizeExtension36 = 1u << 17;    // CPUID.1:EDX
        const uint PhysicalAddressExtension = 1u << 6;
        const uint GibibytePages = 1u << 26;          // CPUID.80000001H:EDX
        uint last = Processor.Identify(0x80000000, 0).Eax;
        uint features = Processor.Identify(1, 0).Edx;
        int width = last >= AddressSizes ? (int)(Processor.Identify(AddressSizes, 0).Eax & 0xFF)
            : (features & (PhysicalAddressExtension | PageSizeExtension36)) != 0 ? 36 : 32;
#if FORMAT_IA32
        const TableFormat Format = TableFormat.Ia32;
        width = (features & PageSizeExtension36) != 0 ? width : 32;
#elif FORMAT_PAE
        const TableFormat Format = TableFormat.Pae;
#else
        const TableFormat Format = TableFormat.FourLevel;
#endif
        bool hasGibibytePages = (Processor.Identify(ExtendedFeatures, 0).Edx & GibibytePages) != 0;
        KernelConsole.Write("@matrix "u8);
        KernelConsole.WriteDecimal((int)Format);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(width);
        KernelConsole.Write(hasGibibytePages ? " 1 "u8 : " 0 "u8);
        KernelConsole.WriteDecimal((int)ControlRegisters.Supported);
        KernelConsole.Write("\n"u8);
        return new PredictedProcessor(Format, width, hasGibibytePages);
    }

    private static void RunTables(in StateSpace space) => RunTables(in space, 0, space.TableCount);

    private static void RunTables(in StateSpace space, long first, long count)
    {
        // Nearly the golden ratio of the count, and coprime to it: every table once, and any run of steps spread evenly.
        long step = (count * 5 / 8) + 1;
        while (GreatestCommonDivisor(step, count) != 1)
        {
            step++;
        }

        long index = 0;
        for (long number = 0; number < count; number++)
        {
            s_tables[s_tableCount++] = space.At(first + index, 0);
            if (s_tableCount == BlockTableCount)
            {
                RunBlock(space.CircumstanceCount);
            }

            index += step;
            index -= index >= count ? count : 0;
        }

        if (s_tableCount != 0)
        {
            RunBlock(space.CircumstanceCount);
        }
    }

    private static void RunBlock(int circumstanceCount)
    {
        bool enabled = Processor.DisableInterrupts();
        AccessRunner.Open();
        Conditions supported = ControlRegisters.Supported;
        for (int circumstances = 0; circumstances < circumstanceCount; circumstances += CircumstancesOfOneTable)
        {
            Conditions conditions = (Conditions)(circumstances / CircumstancesOfOneTable);
            if ((conditions & ~supported) != 0)
            {
                continue;
            }

            // What a family fixes is the same in all its states.
            conditions |= s_tables[0].Conditions;
            AccessRunner.SetConditions(conditions);
            for (int index = 0; index < s_tableCount; index++)
            {
                AccessRunner.RunTables(s_tables[index].With(conditions, Probe.UserRead));
            }
        }

        AccessRunner.Close();
        Processor.RestoreInterrupts(enabled);
        ReportBlock();
    }

#if FORMAT_PAE
    // A block of its own: what the processor holds of the highest table, against what memory says meanwhile.
    private static void RunHeldDirectoryPointers(PredictedProcessor processor)
    {
        bool enabled = Processor.DisableInterrupts();
        AccessRunner.Open();
        AccessRunner.SetConditions(Conditions.None);
        AccessRunner.RunHeldDirectoryPointers(AccessState.Open(processor));
        AccessRunner.Close();
        Processor.RestoreInterrupts(enabled);
        s_tableCount = 1;
        ReportBlock();
    }
#endif

    private static void ReportBlock()
    {
        DifferenceLog.Report();
        s_blockCount++;
        s_tablesDone += (ulong)(uint)s_tableCount;
        KernelConsole.Write("@block "u8);
        KernelConsole.WriteDecimal(s_blockCount);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(s_tableCount);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(AccessRunner.StateCount - s_statesReported);
        KernelConsole.Write("\n"u8);
        s_statesReported = AccessRunner.StateCount;
        s_tableCount = 0;
    }

    private static long GreatestCommonDivisor(long one, long other) => other == 0 ? one : GreatestCommonDivisor(other, one % other);

    [InlineArray(BlockTableCount)]
    private struct BlockTables
    {
        private AccessState _tables;
    }
}

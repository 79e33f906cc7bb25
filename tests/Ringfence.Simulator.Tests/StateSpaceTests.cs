// What "every state" and "any nine conditions" mean is counted and calculated here, not believed.

using System.Collections.Generic;
using System.Linq;
using Ringfence.Simulator.Prediction;
using Xunit;

namespace Ringfence.Simulator.Tests;

public class StateSpaceTests
{
    public static TheoryData<TableFormat> Formats { get; } = [TableFormat.Ia32, TableFormat.Pae, TableFormat.FourLevel, TableFormat.FiveLevel];

    [Theory]
    [MemberData(nameof(Formats))]
    public void No_state_is_counted_twice_and_each_belongs_to_its_family(TableFormat format)
    {
        PredictedProcessor processor = new(format, 40, hasGibibytePages: true);
        foreach (StateFamily family in new[] { StateFamily.Pairs, StateFamily.Rights, StateFamily.SingleBits })
        {
            // All tables of IA-32 and as many of the others as fit: the first, the last, and some of each block between.
            StateSpace space = new(processor, family);
            long step = 1 + (space.TableCount / 100_003);
            HashSet<ulong> seen = [];
            for (long tables = 0; tables < space.TableCount; tables += step)
            {
                AccessState state = space.At(tables, 0);
                Assert.True(seen.Add(state.Bits), $"{family} {tables}");
                Assert.True(space.Contains(state), $"{family} {tables}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Pairs_are_all_combinations_of_any_two_levels(TableFormat format)
    {
        PredictedProcessor processor = new(format, 40, hasGibibytePages: true);
        StateSpace space = new(processor, StateFamily.Pairs);
        int flagCount = format == TableFormat.Ia32 ? 256 : 512;

        // Levels 1 and 2, in the blocks that hold them; of IA-32 that is everything.
        HashSet<(EntryTraits, EntryTraits)> seen = [];
        long end = space.OneLevelTableCount + ((flagCount - 1) * (long)(flagCount - 1));
        for (long tables = 0; tables < end; tables++)
        {
            AccessState state = space.At(tables, 0);
            if (Enumerable.Range(3, processor.LevelCount - 2).All(level => state.Flags(level) == processor.OpenFlags(level)))
            {
                seen.Add((state.Flags(1), state.Flags(2)));
            }
        }

        Assert.Equal(flagCount * flagCount, seen.Count);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Different_flags_make_different_entries(TableFormat format)
    {
        foreach (int width in new[] { 32, 36, 40, 52 })
        {
            PredictedProcessor processor = new(format, width, hasGibibytePages: true);
            AccessState open = AccessState.Open(processor).With(processor.MeaningfulConditions, Probe.UserRead);
            for (int level = 1; level <= processor.LevelCount; level++)
            {
                HashSet<ulong> entries = [];
                int count = 0;
                for (int flags = 0; flags < 512; flags++)
                {
                    if (((EntryTraits)flags & ~processor.MeaningfulFlags) == 0)
                    {
                        count++;
                        entries.Add(EntryEncoding.Entry(processor, open.WithFlags(level, (EntryTraits)flags), level, address: 0));
                    }
                }

                Assert.Equal(count, entries.Count);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_state_by_index_is_tables_then_control_bits_then_access(TableFormat format)
    {
        StateSpace space = new(new PredictedProcessor(format, 40, hasGibibytePages: true), StateFamily.Pairs);
        long index = (5L * space.CircumstanceCount) + 19;
        AccessState state = space[index];
        Assert.Equal(space.At(5, 19).Bits, state.Bits);
        Assert.Equal(Probe.SupervisorRead, state.Probe);
        Assert.Equal(Conditions.WriteProtect, state.Conditions);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Any_nine_conditions_take_all_combinations_in_the_covering_array(TableFormat format)
    {
        // That is so exactly if no nine columns are linearly dependent: no sum of up to four of them is that of up to five others.
        const int Half = 4;
        CoveringArray array = new(new PredictedProcessor(format, 40, hasGibibytePages: true), Half);
        Assert.Equal((2 * Half) + 1, array.Strength);
        List<uint> columns = [];
        for (int bit = 0; bit < 64; bit++)
        {
            if (((array.MeaningfulBits() >> bit) & 1) != 0)
            {
                columns.Add((uint)Enumerable.Range(0, array.BasisCount).Sum(basis => (long)((array.Basis(basis).Bits >> bit) & 1) << basis));
            }
        }

        HashSet<uint> sums = [0];
        for (int size = 1; size <= Half; size++)
        {
            Assert.All(Sums(columns, size), sum => Assert.True(sums.Add(sum)));
        }

        Assert.DoesNotContain(Sums(columns, Half + 1), sums.Contains);
    }

    [Fact]
    public void A_row_of_the_covering_array_is_the_sum_of_basis_rows()
    {
        CoveringArray array = new(new PredictedProcessor(TableFormat.FourLevel, 40, hasGibibytePages: true), powers: 2);
        Assert.Equal(8192, array.Count);
        Assert.Equal(array.Basis(0).Bits ^ array.Basis(3).Bits, array[0b1001].Bits);
        HashSet<ulong> rows = [];
        for (long row = 0; row < array.Count; row++)
        {
            Assert.True(rows.Add(array[row].Bits));
        }
    }

    private static IEnumerable<uint> Sums(List<uint> columns, int size, int from = 0, uint sum = 0)
    {
        if (size == 0)
        {
            yield return sum;
            yield break;
        }

        for (int index = from; index <= columns.Count - size; index++)
        {
            foreach (uint of in Sums(columns, size - 1, index + 1, sum ^ columns[index]))
            {
                yield return of;
            }
        }
    }
}

// Effective rights are what the strict MMU does, whatever bits stand at whatever level, under all control bits.

using System;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class EffectiveRightsTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int PhysicalAddressBits = 40;
    private static readonly PageNumber s_page = new(SimulatedMachine<TFormat>.LeafTableSpan + 3);

    [Fact]
    public void An_access_is_allowed_exactly_when_the_strict_MMU_makes_it() =>
        Gen.Select(Gen.Int[0, 63], Gen.Int[0, 3], Gen.Int[0, 66].Array[TFormat.LevelCount], Gen.Int[0, 5], Gen.Bool).Sample((flags, control, bits, access, isLarge) =>
        {
            bool Flag(int bit) => (flags & (1 << bit)) != 0;
            ProcessorSettings settings = new()
            {
                Mode = SimulatedMachine<TFormat>.Mode,
                WriteProtect = Flag(0),
                NoExecuteEnable = Flag(1),
                SupervisorAccessPrevention = Flag(2),
                SupervisorExecutionPrevention = Flag(3),
                PhysicalAddressBits = PhysicalAddressBits,
            };
            ProcessorControls controls = new(Flag(0), Flag(1), Flag(3), Flag(2), Flag(4), PhysicalAddressBits);
            SimulatedMachine<TFormat> machine = new(settings: settings);
            PageNumber page = isLarge ? Tables<TFormat>.LargePage.First : s_page;
            if (isLarge)
            {
                Tables<TFormat>.MapLarge(machine, LeafRights.UserReadWrite);
            }
            else
            {
                machine.Map(PageRange.OnePage(page), 0x100, Flag(5) ? LeafRights.UserReadWrite : LeafRights.UserReadExecute);
            }

            int lowest = isLarge ? 1 : 0;
            for (int level = lowest; level <= lowest + control && level < TFormat.LevelCount; level++)
            {
                Invert(machine, page, level, bits[level]);
            }

            // Registers that were loaded with a reserved bit would have refused the load.
            if (!machine.Strict.LoadCr3(machine.Space.Root.Value))
            {
                return true;
            }

            Access kind = (Access)(access % 3);
            bool isUser = access >= 3;
            AccessKind simulated = kind switch { Access.Read => AccessKind.Read, Access.Write => AccessKind.Write, _ => AccessKind.Fetch };
            bool isAllowed = machine.Space.EffectiveRights(page.Address, kind, isUser ? Privilege.User : Privilege.Supervisor, controls).IsAllowed;
            return isAllowed == machine.Strict.Access(new MemoryAccess(page.Address.Value, simulated, isUser, AlignmentCheckFlag: Flag(4))).Succeeded;
        }, iter: 4000, threads: 1);

    [Fact]
    public void A_level_that_withholds_user_mode_makes_the_page_the_supervisors()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(PageRange.OnePage(s_page), 0x100, LeafRights.UserReadWrite);
        ProcessorControls prevented = new(writeProtect: true, noExecuteEnable: true, supervisorExecutionPrevention: true, supervisorAccessPrevention: true);
        AssertDenied(DenyingBit.SupervisorAccessPrevention, Access.Read, prevented);
        AssertDenied(DenyingBit.None, Access.Read, new ProcessorControls(writeProtect: true, noExecuteEnable: true, supervisorAccessPrevention: true, alignmentCheckFlag: true));
        Invert(machine, s_page, 1, 2);
        AssertDenied(DenyingBit.None, Access.Read, prevented);
        AssertDenied(DenyingBit.None, Access.Write, prevented);

        void AssertDenied(DenyingBit bit, Access access, ProcessorControls controls) =>
            Assert.Equal(bit, machine.Space.EffectiveRights(s_page.Address, access, Privilege.Supervisor, controls).Bit);
    }

    private static void Invert(SimulatedMachine<TFormat> machine, PageNumber page, int level, int bit)
    {
        int bitCount = FormatGeometry<TFormat>.EntryByteCount * 8;

        // Numbers beyond the entry leave it as it is; a bit of the address would lead the walk out of memory.
        bool isAddress = bit is >= 12 and < PhysicalAddressBits;
        bool changesKind = bit == 7 && level != 0;
        if (bit >= bitCount || isAddress || changesKind)
        {
            return;
        }

        ulong table = machine.Space.Root.Value;
        for (int above = FormatGeometry<TFormat>.RootLevel; above > level; above--)
        {
            table = machine.Memory.Read32(table + Offset(above)) & 0xFFFF_F000;
        }

        ulong word = table + Offset(level) + (ulong)(bit / 32 * 4);
        machine.Memory.Write32(word, machine.Memory.Read32(word) ^ (1u << (bit % 32)));

        ulong Offset(int at) => (ulong)(TFormat.Level(at).IndexOf(page).Value * FormatGeometry<TFormat>.EntryByteCount);
    }
}

public sealed class Ia32EffectiveRightsTests : EffectiveRightsTests<Ia32Format>;

public sealed class PaeEffectiveRightsTests : EffectiveRightsTests<PaeFormat>;

public sealed class FourLevelEffectiveRightsTests : EffectiveRightsTests<FourLevelFormat>;

public sealed class FiveLevelEffectiveRightsTests : EffectiveRightsTests<FiveLevelFormat>;

// What the library's README tells people to write does what it says there, judged by the simulated processor.

using System;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Benchmarks;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class ProcessExampleTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly ProcessorControls s_controls = new(writeProtect: true, noExecuteEnable: true);
    private static readonly FrameNumber s_textFrame = new(0x800);
    private static readonly FrameNumber s_bufferFrame = new(0x900);

    [Fact]
    public void Text_that_was_sealed_is_executed_by_the_process_and_written_by_nobody()
    {
        SimulatedMachine<TFormat> machine = WithKernel();
        SimulatedTranslationCache cache = new(machine.Cpu);
        Process<TFormat, SimulatedTableMemory> process = Create(machine);
        ulong text = Process<TFormat, SimulatedTableMemory>.Text.First.Address.Value;
        Assert.True(machine.Cpu.MaySucceed(new MemoryAccess(text, AccessKind.Write, IsUser: false)));
        Assert.True(process.TrySeal(ref cache));
        Assert.True(machine.Cpu.MustSucceedWithRetry(new MemoryAccess(text, AccessKind.Fetch, IsUser: true)));
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(text, AccessKind.Write, IsUser: true)));
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(text, AccessKind.Write, IsUser: false)));
        Assert.Equal(LeafRights.UserReadExecute, process.Space.Translate(new VirtualAddress((nuint)text)).BaseRights);
    }

    [Fact]
    public void A_buffer_is_lent_without_a_flush_and_is_back_once_the_flush_is_discharged()
    {
        SimulatedMachine<TFormat> machine = WithKernel();
        Process<TFormat, SimulatedTableMemory> process = Create(machine);
        VirtualAddress address = Process<TFormat, SimulatedTableMemory>.Buffer.First.Address;
        MemoryAccess write = new(address.Value, AccessKind.Write, IsUser: true);
        FlushObligation lent = process.Lend();
        Assert.True(lent.IsNone);
        Assert.True(machine.Cpu.MustSucceedWithRetry(write));
        Assert.True(process.Explain(address, Access.Write, s_controls).IsAllowed);

        FlushObligation taken = process.TakeBack();
        Assert.Equal((FlushKind.Pages, 4), (taken.Kind, taken.PageTotal));
        Assert.True(machine.Cpu.MaySucceed(write));
        machine.Discharge(taken);
        Assert.False(machine.Cpu.MaySucceed(write));
        AccessDecision decision = process.Explain(address, Access.Write, s_controls);
        Assert.Equal((DenyingBit.User, 0), (decision.Bit, decision.Level));
    }

    [Fact]
    public void In_steps_the_same_is_taken_and_owed()
    {
        for (int entryLimit = 1; entryLimit <= 5; entryLimit++)
        {
            SimulatedMachine<TFormat> machine = WithKernel();
            Process<TFormat, SimulatedTableMemory> process = Create(machine);
            machine.Discharge(process.Lend());
            FlushObligation owed = process.TakeBackInSteps(entryLimit);
            Assert.Equal(4, owed.PageTotal);
            machine.Discharge(owed);
            for (PageNumber page = Process<TFormat, SimulatedTableMemory>.Buffer.First; page < Process<TFormat, SimulatedTableMemory>.Buffer.End; page += PageCount.One)
            {
                Assert.True(owed.Covers(page));
                Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(page.Address.Value, AccessKind.Read, IsUser: true)));
            }
        }
    }

    [Fact]
    public void The_kernel_is_in_every_process_out_of_its_reach_and_stays_when_one_ends()
    {
        SimulatedMachine<TFormat> machine = WithKernel();
        SimulatedTranslationCache cache = new(machine.Cpu);
        PageCount before = machine.Pool.InUse;
        Process<TFormat, SimulatedTableMemory> process = Create(machine);
        ulong kernel = FormatGeometry<TFormat>.LastPage.Address.Value;
        Assert.True(machine.Cpu.MustSucceedWithRetry(new MemoryAccess(kernel, AccessKind.Write, IsUser: false)));
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(kernel, AccessKind.Read, IsUser: true)));
        Assert.Equal(PagingErrorCode.UnderSharedTable, process.Space.Unmap(PageRange.OnePage(FormatGeometry<TFormat>.LastPage)).Error.Code);

        machine.Cpu.LoadCr3(machine.Space.Root.Value);
        process.Destroy(ref machine.Pool, ref cache);
        Assert.Equal((before, PageCount.Zero), (machine.Pool.InUse, process.TablesInUse));
        Assert.True(machine.Cpu.MustSucceedWithRetry(new MemoryAccess(kernel, AccessKind.Write, IsUser: false)));
    }

    [Fact]
    public void A_process_for_which_there_are_too_few_tables_leaves_nothing_behind()
    {
        int poolPageCount = 0;
        while (true)
        {
            SimulatedMachine<TFormat> machine = WithKernel(poolPageCount);
            SimulatedTranslationCache cache = new(machine.Cpu);
            PageCount before = machine.Pool.InUse;
            if (Process<TFormat, SimulatedTableMemory>.TryCreate(
                machine.Space, new SimulatedTableMemory(machine.Memory), ref machine.Pool, ref cache, s_textFrame, s_bufferFrame, out _))
            {
                break;
            }

            Assert.Equal(before, machine.Pool.InUse);
            poolPageCount++;
        }

        // The root, and what the text and the buffer share on the way to their leaves.
        Assert.Equal(TFormat.LevelCount, poolPageCount);
    }

    private static SimulatedMachine<TFormat> WithKernel(int spareTableCount = 16)
    {
        SimulatedMachine<TFormat> machine = new(poolPageCount: TFormat.LevelCount - 1 + spareTableCount);
        machine.Map(PageRange.OnePage(FormatGeometry<TFormat>.LastPage), 0x700, LeafRights.SupervisorReadWrite);
        return machine;
    }

    private static Process<TFormat, SimulatedTableMemory> Create(SimulatedMachine<TFormat> machine)
    {
        SimulatedTranslationCache cache = new(machine.Cpu);
        Assert.True(Process<TFormat, SimulatedTableMemory>.TryCreate(
            machine.Space, new SimulatedTableMemory(machine.Memory), ref machine.Pool, ref cache, s_textFrame, s_bufferFrame, out Process<TFormat, SimulatedTableMemory> process));
        machine.Cpu.LoadCr3(process.Space.Root.Value);
        return process;
    }
}

public sealed class Ia32ProcessExampleTests : ProcessExampleTests<Ia32Format>;

public sealed class PaeProcessExampleTests : ProcessExampleTests<PaeFormat>;

public sealed class FourLevelProcessExampleTests : ProcessExampleTests<FourLevelFormat>;

public class OwnKernelExampleTests
{
    [Fact]
    public unsafe void Table_memory_at_an_offset_does_what_the_simulators_does() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 15], Gen.ULong, Gen.Bool).Array[1, 40].Sample(operations =>
        {
            ulong[] words = GC.AllocateArray<ulong>(8 + 1, pinned: true);
            PhysicalMemory physical = new(72);
            SimulatedTableMemory simulated = new(physical);
            TableAddress table = new(new PhysicalAddress(8));
            fixed (ulong* start = words)
            {
                DirectMapMemory direct = new((nuint)start);
                foreach ((int operation, int index, ulong value, bool isExpected) in operations)
                {
                    if (Carry(direct, operation, table, index, value, isExpected) != Carry(simulated, operation, table, index, value, isExpected))
                    {
                        return false;
                    }
                }
            }

            for (int word = 0; word < words.Length; word++)
            {
                if (words[word] != physical.Read64((ulong)word * 8))
                {
                    return false;
                }
            }

            return true;
        }, iter: 2000);

    [Fact]
    public void A_fifth_level_is_data_alone()
    {
        PageCount capacity = new(32);
        ArrayTableMemory memory = new(new ulong[34 * PageSize.ByteCount / sizeof(ulong)]);
        TablePool<ArrayTableMemory> pool = new(memory, new FrameNumber(2), capacity);
        TableAccount account = TableAccount.Unlimited;
        AddressSpace<FiveLevelFormat, ArrayTableMemory> space = new(memory, new PhysicalAddress(PageSize.ByteCount));
        ProcessorControls controls = new(writeProtect: true, noExecuteEnable: true);

        // Far beyond what four levels reach: bit 55 of the address, and the last page of all.
        foreach (PageNumber page in new[] { new PageNumber((nuint)1 << 43), FormatGeometry<FiveLevelFormat>.LastPage })
        {
            PageCount before = pool.InUse;
            PageRange range = PageRange.OnePage(page);
            Assert.True(space.Map(ref pool, ref account, range, new FrameNumber(0x123), LeafRights.UserRead).Succeeded);
            Assert.Equal((nuint)4, pool.InUse.Value - before.Value);
            Assert.Equal((nuint)0x123, space.Translate(page.Address).Frame.Value);
            AccessDecision decision = space.EffectiveRights(page.Address, Access.Write, Privilege.User, controls);
            Assert.Equal((DenyingBit.Writable, 0), (decision.Bit, decision.Level));
            Assert.True(space.SetRights(range, LeafRights.UserReadWrite).Flush.IsNone);
            Assert.True(space.EffectiveRights(page.Address, Access.Write, Privilege.User, controls).IsAllowed);
        }

        Assert.Equal(4, space.EffectiveRights(new VirtualAddress((nuint)1 << 54), Access.Read, Privilege.User, controls).Level);
        Assert.Equal(DenyingBit.NonCanonical, space.EffectiveRights(new VirtualAddress((nuint)1 << 56), Access.Read, Privilege.User, controls).Bit);
        NoCache cache = default;
        space.DetachAll().Discharge(ref cache, ref pool, ref account);
        Assert.Equal(PageCount.Zero, pool.InUse);
    }

    private static ulong Carry<TMemory>(TMemory memory, int operation, TableAddress table, int index, ulong value, bool isExpected)
        where TMemory : struct, ITableMemory
    {
        int half = index / 2;
        switch (operation)
        {
            case 0:
                memory.Write32(table, index, (uint)value);
                return 0;
            case 1:
                memory.Write64(table, half, value);
                return 0;
            case 2:
                return memory.Read32(table, index);
            case 3:
                return memory.Read64(table, half);
            case 4:
                return memory.ExchangeAdd32(table, index, (uint)value);
            case 5:
                return memory.ExchangeAdd64(table, half, value);
            case 6:
                return memory.CompareExchange32(table, index, (uint)value, isExpected ? memory.Read32(table, index) : (uint)value);
            default:
                return memory.CompareExchange64(table, half, value, isExpected ? memory.Read64(table, half) : value);
        }
    }

    private readonly struct NoCache : ITranslationCache
    {
        public void FlushPage(PageNumber page)
        {
        }

        public void FlushAll()
        {
        }

        public void LoadRoot(TableAddress root)
        {
        }

        public void LoadContext(ContextRoot root)
        {
        }

        public void FlushEveryContext()
        {
        }
    }
}

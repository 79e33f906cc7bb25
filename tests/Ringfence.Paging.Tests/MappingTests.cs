// Mapping and unmapping, judged by the strict MMU of the simulator.

using System.Collections.Generic;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class MappingTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;

    [Fact]
    public void Every_right_means_to_the_processor_what_it_says()
    {
        foreach (bool writeProtect in new[] { false, true })
        {
            foreach (bool prevention in new[] { false, true })
            {
                ProcessorSettings settings = new()
                {
                    Mode = SimulatedMachine<TFormat>.Mode,
                    WriteProtect = writeProtect,
                    SupervisorAccessPrevention = prevention,
                    SupervisorExecutionPrevention = prevention,
                };
                SimulatedMachine<TFormat> machine = new(settings: settings);
                for (int index = 0; index < Rights.All.Length; index++)
                {
                    machine.Map(SimulatedMachine<TFormat>.Pages((nuint)index + 16, 1), 0x100, Rights.All[index]);
                    ulong address = ((ulong)index + 16) << 12;
                    foreach ((Access access, AccessKind kind) in Rights.Accesses())
                    {
                        bool executable = Rights.All[index].IsExecutable || !FormatGeometry<TFormat>.HasExecuteDisable;
                        bool allowedByRights = access switch
                        {
                            Access.Read => true,
                            Access.Write => Rights.All[index].IsWritable,
                            _ => executable,
                        };
                        bool user = Rights.All[index].IsUser;
                        Assert.Equal(user && allowedByRights, machine.Strict.Access(new MemoryAccess(address, kind, IsUser: true)).Succeeded);
                        bool supervisor = (allowedByRights || (access == Access.Write && !writeProtect)) && !(user && prevention);
                        Assert.Equal(supervisor, machine.Strict.Access(new MemoryAccess(address, kind, IsUser: false)).Succeeded);
                    }
                }
            }
        }
    }

    [Fact]
    public void A_mapping_across_leaf_tables_leads_each_page_to_its_own_frame()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange range = SimulatedMachine<TFormat>.Pages((2 * s_span) - 3, s_span + 7);
        machine.Map(range, 0x300, LeafRights.UserReadWrite);
        for (nuint offset = 0; offset < range.Count.Value; offset++)
        {
            ulong address = SimulatedMachine<TFormat>.LinearAddress(range.First + new PageCount(offset));
            AccessResult result = machine.Strict.Access(new MemoryAccess(address + 0xABC, AccessKind.Read, IsUser: true));
            Assert.Equal(((0x300 + (ulong)offset) << 12) + 0xABC, result.PhysicalAddress);
            Translation translation = machine.Space.Translate(new VirtualAddress((nuint)address));
            Assert.Equal(0x300 + offset, translation.Frame.Value);
            Assert.Equal(LeafRights.UserReadWrite, translation.BaseRights);
        }

        Assert.False(machine.Strict.Access(new MemoryAccess((ulong)(range.First.Value - 1) << 12, AccessKind.Read, IsUser: false)).Succeeded);
        Assert.False(machine.Strict.Access(new MemoryAccess((ulong)range.End.Value << 12, AccessKind.Read, IsUser: false)).Succeeded);
    }

    [Fact]
    public void The_last_page_of_the_address_space_can_be_mapped_and_nothing_beyond()
    {
        SimulatedMachine<TFormat> machine = new();
        PageNumber last = SimulatedMachine<TFormat>.LastPage;
        machine.Map(PageRange.OnePage(last), 0x77, LeafRights.UserRead);
        Assert.True(machine.Strict.Access(new MemoryAccess(last.Address.Value + 0xFFF, AccessKind.Read, IsUser: true)).Succeeded);
        Assert.False(machine.Strict.Access(new MemoryAccess(last.Address.Value - 1, AccessKind.Read, IsUser: true)).Succeeded);
        Assert.False(machine.Strict.Access(new MemoryAccess(0, AccessKind.Read, IsUser: false)).Succeeded);

        machine.Done(machine.Space.SetRights(PageRange.OnePage(last), LeafRights.UserReadWrite));
        Assert.True(machine.Strict.Access(new MemoryAccess(last.Address.Value + 0xFFF, AccessKind.Write, IsUser: true)).Succeeded);
        machine.Done(machine.Space.Unmap(PageRange.OnePage(last)));
        Assert.False(machine.Cpu.MaySucceed(new MemoryAccess(last.Address.Value, AccessKind.Read, IsUser: true)));
    }

    [Fact]
    public void A_range_without_addresses_in_the_format_is_refused()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange beyond = PageRange.CreateTruncated(new PageNumber(FormatGeometry<TFormat>.LowerPages.End.Value - 1), new PageCount(2));
        byte[] before = machine.Snapshot();
        PagingError error = machine.Space.Map(ref machine.Pool, ref machine.Account, beyond, new FrameNumber(1), LeafRights.SupervisorRead).Error;
        Assert.Equal(PagingErrorCode.RangeNotCanonical, error.Code);
        Assert.Equal(beyond.First, error.Page);
        Assert.Equal(PagingErrorCode.RangeNotCanonical, machine.Space.SetRights(beyond, LeafRights.UserRead).Error.Code);
        Assert.Equal(PagingErrorCode.RangeNotCanonical, machine.Space.Unmap(beyond).Error.Code);
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void The_last_large_frame_that_an_entry_can_name_is_mapped_whole_and_the_next_one_refused()
    {
        SimulatedMachine<TFormat> machine = new();
        LeafSize<TFormat> size = Tables<TFormat>.LargeSize;
        nuint count = size.PageCount.Value;

        // Entries of 64 bits name addresses of 52 bits; those of 32 bits hold bits 39 to 32 of a large frame elsewhere (PSE-36).
        nuint limit = (nuint)1 << (FormatGeometry<TFormat>.EntryByteCount == 8 ? 52 - PageSize.Shift : 40 - PageSize.Shift);
        PageRange pages = SimulatedMachine<TFormat>.Pages(count, count);
        Assert.Equal(
            PagingErrorCode.FrameOutOfReach,
            machine.Space.MapLarge(ref machine.Pool, ref machine.Account, pages, new FrameNumber(limit), LeafRights.UserRead, size).Error.Code);
        machine.Done(machine.Space.MapLarge(ref machine.Pool, ref machine.Account, pages, new FrameNumber(limit - count), LeafRights.UserRead, size));
        Assert.Equal(limit - 1, machine.Space.Translate(new PageNumber(pages.End.Value - 1).Address).Frame.Value);
    }

    [Fact]
    public void A_frame_that_no_entry_can_name_is_refused()
    {
        SimulatedMachine<TFormat> machine = new();
        nuint limit = (nuint)(TFormat.TableAddressMask >> PageSize.Shift) + 1;
        Assert.Equal(
            PagingErrorCode.FrameOutOfReach,
            machine.Space.Map(ref machine.Pool, ref machine.Account, SimulatedMachine<TFormat>.Pages(0, 2), new FrameNumber(limit - 1), LeafRights.UserRead).Error.Code);
        Assert.Equal(
            PagingErrorCode.FrameOutOfReach,
            machine.Space.Map(ref machine.Pool, ref machine.Account, SimulatedMachine<TFormat>.Pages(0, 1), new FrameNumber(limit), LeafRights.UserRead).Error.Code);
        machine.Map(SimulatedMachine<TFormat>.Pages(0, 1), limit - 1, LeafRights.UserRead);
    }

    [Fact]
    public void Mapping_over_a_mapped_page_names_it_and_changes_nothing()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(s_span + 4, 1), 0x10, LeafRights.SupervisorReadWrite);
        byte[] before = machine.Snapshot();
        PageCount inUse = machine.Pool.InUse;
        PagingError error = machine.Space.Map(
            ref machine.Pool, ref machine.Account, SimulatedMachine<TFormat>.Pages(s_span - 2, 10), new FrameNumber(0x500), LeafRights.UserRead).Error;
        Assert.Equal(PagingErrorCode.AlreadyMapped, error.Code);
        Assert.Equal(s_span + 4, error.Page.Value);
        Assert.Equal(before, machine.Snapshot());
        Assert.Equal(inUse, machine.Pool.InUse);
    }

    [Fact]
    public void Running_out_of_table_pages_leaves_nothing_behind_and_says_how_many_it_takes()
    {
        PageRange range = SimulatedMachine<TFormat>.Pages(s_span - 1, s_span + 2);
        int needed = TFormat.LevelCount - 2 + 3;
        for (int available = 0; available < needed; available++)
        {
            SimulatedMachine<TFormat> machine = new(poolPageCount: available);
            byte[] before = machine.Snapshot();
            PagingError error = machine.Space.Map(ref machine.Pool, ref machine.Account, range, new FrameNumber(0x10), LeafRights.UserRead).Error;
            Assert.Equal(PagingErrorCode.OutOfTablePages, error.Code);
            Assert.Equal((nuint)needed, error.TablesNeeded.Value);
            Assert.Equal((nuint)available, error.TablesAvailable.Value);
            Assert.Equal((nuint)available, machine.Pool.Available.Value);
            Assert.Equal(before, machine.Snapshot());
        }

        SimulatedMachine<TFormat> enough = new(poolPageCount: needed);
        enough.Map(range, 0x10, LeafRights.UserRead);
        Assert.Equal((nuint)0, enough.Pool.Available.Value);
    }

    [Fact]
    public void Unmapped_pages_are_gone_once_the_flush_is_discharged_and_can_be_mapped_again_without_a_table_page()
    {
        SimulatedMachine<TFormat> machine = new();
        PageRange range = SimulatedMachine<TFormat>.Pages(s_span - 2, 4);
        machine.Map(range, 0x40, LeafRights.UserReadWrite);
        PageCount inUse = machine.Pool.InUse;
        MemoryAccess read = new((ulong)s_span << 12, AccessKind.Read, IsUser: true);

        FlushObligation flush = machine.Space.Unmap(range).Flush;
        Assert.True(machine.Cpu.MaySucceed(read));
        machine.Discharge(flush);
        Assert.False(machine.Cpu.MaySucceed(read));
        Assert.False(machine.Space.Translate(new VirtualAddress(s_span << 12)).IsMapped);

        machine.Map(range, 0x90, LeafRights.UserRead);
        Assert.Equal(inUse, machine.Pool.InUse);
        Assert.True(machine.Cpu.MustSucceedWithRetry(read));
    }

    [Fact]
    public void Unmapping_an_unmapped_page_names_it_and_changes_nothing()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(10, 3), 0x40, LeafRights.UserReadWrite);
        byte[] before = machine.Snapshot();
        PagingError error = machine.Space.Unmap(SimulatedMachine<TFormat>.Pages(10, 4)).Error;
        Assert.Equal(PagingErrorCode.NotMapped, error.Code);
        Assert.Equal((nuint)13, error.Page.Value);
        Assert.Equal(before, machine.Snapshot());
    }

    [Fact]
    public void Mapping_owes_no_flush_unless_directory_pointers_are_held_in_registers()
    {
        SimulatedMachine<TFormat> machine = new();
        FlushObligation first = machine.Space.Map(
            ref machine.Pool, ref machine.Account, SimulatedMachine<TFormat>.Pages(0, 4), new FrameNumber(8), LeafRights.UserRead).Flush;
        Assert.Equal(TFormat.RootIsHeldInRegisters, first.NeedsDirectoryPointerReload);
        Assert.Equal(TFormat.RootIsHeldInRegisters, !machine.Cpu.MustSucceedWithRetry(new MemoryAccess(0, AccessKind.Read, IsUser: true)));
        machine.Discharge(first);
        Assert.True(machine.Cpu.MustSucceedWithRetry(new MemoryAccess(0, AccessKind.Read, IsUser: true)));

        FlushObligation second = machine.Space.Map(
            ref machine.Pool, ref machine.Account, SimulatedMachine<TFormat>.Pages(4, 4), new FrameNumber(8), LeafRights.UserRead).Flush;
        Assert.True(second.IsNone);
    }

    [Fact]
    public void What_the_library_answers_about_an_address_is_what_the_processor_does() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 40], Gen.Int[1, 12], Rights.Any).Array[0, 6],
            Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool).Sample((mappings, writeProtect, noExecute, smep, smap) =>
        {
            ProcessorSettings settings = new()
            {
                Mode = SimulatedMachine<TFormat>.Mode,
                WriteProtect = writeProtect,
                NoExecuteEnable = noExecute,
                SupervisorExecutionPrevention = smep,
                SupervisorAccessPrevention = smap,
            };
            SimulatedMachine<TFormat> machine = new(settings: settings);
            foreach ((int first, int count, LeafRights rights) in mappings)
            {
                PageRange range = SimulatedMachine<TFormat>.Pages(s_span - 20 + (nuint)first, (nuint)count);
                machine.Discharge(machine.Space.Map(ref machine.Pool, ref machine.Account, range, new FrameNumber(0x100), rights).Flush);
            }

            ProcessorControls controls = new(writeProtect, noExecute, smep, smap);
            for (nuint page = s_span - 21; page < s_span + 35; page++)
            {
                foreach ((Access access, AccessKind kind) in Rights.Accesses())
                {
                    foreach (Privilege privilege in new[] { Privilege.User, Privilege.Supervisor })
                    {
                        AccessDecision decision = machine.Space.EffectiveRights(new VirtualAddress(page << 12), access, privilege, controls);
                        AccessResult real = machine.Strict.Access(new MemoryAccess((ulong)page << 12, kind, privilege == Privilege.User));

                        // XD is a reserved bit while NXE is off: the library leaves that state to the one who sets the controls.
                        bool reserved = (real.FaultCode & PageFaultCode.Reserved) != 0;
                        if (!reserved && decision.IsAllowed != real.Succeeded)
                        {
                            return false;
                        }

                        if (!decision.IsAllowed && (decision.Bit == DenyingBit.Present) != ((real.FaultCode & PageFaultCode.Present) == 0))
                        {
                            return false;
                        }
                    }
                }
            }

            return true;
        }, iter: 150);

    [Fact]
    public void Runs_of_equal_mapping_cover_the_window_and_agree_with_each_page() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 12], Rights.Any, Gen.Int[0, 3]).Array[0, 8].Sample(mappings =>
        {
            SimulatedMachine<TFormat> machine = new();
            foreach ((int first, int count, LeafRights rights, int frame) in mappings)
            {
                PageRange range = SimulatedMachine<TFormat>.Pages(s_span - 20 + (nuint)first, (nuint)count);
                machine.Discharge(machine.Space.Map(ref machine.Pool, ref machine.Account, range, new FrameNumber(0x100 + (nuint)(frame * first)), rights).Flush);
            }

            PageRange rest = SimulatedMachine<TFormat>.Pages(s_span - 25, 90);
            MappingRun previous = default;
            while (machine.Space.TryGetRun(rest, out MappingRun run))
            {
                if (run.Range.First != rest.First || run.Range.IsEmpty || !rest.Contains(run.Range))
                {
                    return false;
                }

                for (nuint offset = 0; offset < run.Range.Count.Value; offset++)
                {
                    Translation page = machine.Space.Translate((run.Range.First + new PageCount(offset)).Address);
                    if (page.IsMapped != run.IsMapped
                        || (page.IsMapped && (page.Rights != run.Rights || page.BaseRights != run.BaseRights || page.Frame.Value != run.FirstFrame.Value + offset)))
                    {
                        return false;
                    }
                }

                bool couldHaveBeenOne = previous.Range.End == run.Range.First && !previous.Range.IsEmpty
                    && previous.IsMapped == run.IsMapped
                    && (!run.IsMapped || (previous.Rights == run.Rights && previous.BaseRights == run.BaseRights
                        && previous.FirstFrame.Value + previous.Range.Count.Value == run.FirstFrame.Value));
                if (couldHaveBeenOne)
                {
                    return false;
                }

                previous = run;
                rest = PageRange.FromFirstToEnd(run.Range.End, rest.End);
            }

            return rest.IsEmpty;
        }, iter: 300);

    [Fact]
    public void Every_table_page_is_counted_once()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(s_span - 1, 2), 0x40, LeafRights.UserReadWrite);
        machine.Map(PageRange.OnePage(SimulatedMachine<TFormat>.LastPage), 0x40, LeafRights.UserReadWrite);
        TableUsage usage = machine.Space.CountTables();
        Assert.Equal((machine.Pool.InUse.Value * 4096) + (nuint)FormatGeometry<TFormat>.RootByteCount, (nuint)usage.ByteCount);

        Collector collector = new([]);
        machine.Space.VisitTables(ref collector);
        Assert.Equal((int)machine.Pool.InUse.Value + 1, new HashSet<PhysicalAddress>(collector.Tables).Count);
        Assert.Equal((int)machine.Pool.InUse.Value + 1, collector.Tables.Count);
        Assert.Equal(machine.Space.Root, collector.Tables[0]);
    }

    private readonly struct Collector(List<PhysicalAddress> tables) : ITableVisitor
    {
        public List<PhysicalAddress> Tables { get; } = tables;

        public void Visit(PhysicalAddress table, int level, bool isShared) => Tables.Add(table);
    }
}

public sealed class Ia32MappingTests : MappingTests<Ia32Format>;

public sealed class PaeMappingTests : MappingTests<PaeFormat>;

public sealed class FourLevelMappingTests : MappingTests<FourLevelFormat>;

public sealed class FiveLevelMappingTests : MappingTests<FiveLevelFormat>;

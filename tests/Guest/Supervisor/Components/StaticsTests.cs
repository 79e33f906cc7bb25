// A component's statics: what C# says at the start of every life, and nobody else's.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class StaticsTests
{
    // The value with which the probe's program declares its static.
    private const int Declared = 0x600D;
    private const int TallyPartition = 2;

    private static Copy s_copy;

    [GuestTest]
    internal static void AStaticStartsWithItsDeclaredValueAndKeepsWhatIsWrittenUntilARestart()
    {
        Expect.Equal(Declared, ChangeStatic(), "the declared value"u8);
        Expect.Equal(~Declared, ChangeStatic(), "what the thread before wrote"u8);
        Expect.Equal(Declared, ChangeStatic(), "what the thread before that wrote"u8);
        _ = ChangeStatic();
        ComponentTable.RestoreStatics(Probe.Component);
        Expect.Equal(Declared, ChangeStatic(), "the declared value again"u8);
        ComponentTable.RestoreStatics(Probe.Component);
        _ = ChangeStatic();
        ComponentTable.RestoreStatics(Probe.Component);
        Expect.Equal(Declared, ChangeStatic(), "the declared value, however often"u8);
    }

    [GuestTest]
    internal static void ARestoreMakesEveryByteOfTheRegionPristine()
    {
        ref readonly ComponentDescription component = ref ImageTable.Component(Probe.Component);
        Span<byte> statics = StaticsOf(Probe.Component);
        ReadOnlySpan<byte> pristine = KernelMemory.Bytes(component.PristineStart, component.PristineLength);
        Expect.True(statics.Length % (int)PageSize.ByteCount == 0 && pristine.Length > 0 && pristine.Length < statics.Length, "a region with a rest"u8);
        statics.Fill(0xEE);
        ComponentTable.RestoreStatics(Probe.Component);
        Expect.True(statics[..pristine.Length].SequenceEqual(pristine), "the initialised part is the pristine copy"u8);
        Expect.Equal(-1, statics[pristine.Length..].IndexOfAnyExcept((byte)0), "the rest is zero"u8);
    }

    [GuestTest]
    internal static void ARestoreTouchesNoOtherComponentsStatics()
    {
        Span<byte> neighbour = StaticsOf(Probe.Neighbour);
        Span<byte> copy = ((Span<byte>)s_copy)[..neighbour.Length];
        for (int index = 0; index < neighbour.Length; index++)
        {
            neighbour[index] = (byte)(index * 31);
        }

        neighbour.CopyTo(copy);
        StaticsOf(Probe.Component).Fill(0xEE);
        ComponentTable.RestoreStatics(Probe.Component);
        _ = ChangeStatic();
        Expect.True(neighbour.SequenceEqual(copy), "the neighbour's statics, byte for byte"u8);
    }

    [GuestTest]
    internal static void TwoComponentsOfTheSameCodeHaveStaticsOfTheirOwn()
    {
        nuint own = StaticAddress(Probe.Component);
        nuint other = StaticAddress(Probe.Neighbour);
        ExpectInside(own, Probe.Component);
        ExpectInside(other, Probe.Neighbour);
        Expect.Equal(Declared, ChangeStatic(), "the probe's"u8);
        int slot = Probe.Finish(Probe.Create(Probe.Neighbour, 0, ProbeOperation.ChangeStatic));
        Probe.ExpectDone(slot, 0, "the neighbour changes its static"u8);
        Expect.Equal(Declared, (int)Probe.Request(0).Result, "the neighbour's, unchanged by the probe's change"u8);
    }

    [GuestTest]
    internal static void ASharedPartitionHasOneWriterAndOneReader()
    {
        nuint tally = ImageTable.SharedPartition(TallyPartition).Start;
        Expect.Equal(tally, AddressFrom(Probe.Component, ProbeOperation.TallyAddress), "where the writer finds it"u8);
        Expect.Equal(tally, AddressFrom(Probe.Neighbour, ProbeOperation.TallyAddress), "where the reader finds it"u8);
        ExpectRights(Probe.Component, tally, PartitionRights.ReadWrite);
        ExpectRights(Probe.Neighbour, tally, PartitionRights.ReadOnly);

        int slot = Probe.Finish(Probe.Create(Probe.Component, 0, ProbeOperation.Write, tally, 0x5C));
        Probe.ExpectDone(slot, 0, "the writer writes"u8);
        slot = Probe.Finish(Probe.Create(Probe.Neighbour, 0, ProbeOperation.Read, tally));
        Probe.ExpectDone(slot, 0, "the reader reads"u8);
        Expect.Equal(0x5C, (int)Probe.Request(0).Result, "what was written"u8);
        slot = Probe.Finish(Probe.Create(Probe.Neighbour, 0, ProbeOperation.Write, tally, 1));
        Probe.ExpectPageFault(slot, tally, PageFaultCode.WriteDenied, "the reader writes"u8);
        Expect.Equal(0x5C, UserMemory.View(tally, 1)[0], "the byte is as before"u8);
        slot = Probe.Finish(Probe.Create(Probe.Component, 0, ProbeOperation.Write, tally, 0));
        Probe.ExpectDone(slot, 0, "the writer writes again"u8);
    }

    private static void ExpectRights(int component, nuint address, PartitionRights rights)
    {
        ref readonly Domain domain = ref Protection.DomainAt(ComponentTable.At(component).Domain);
        int index = domain.IndexOf(new VirtualAddress(address).Page);
        Expect.True(index >= 0 && domain[index].Rights == rights, "the rights of a component on the shared partition"u8);
    }

    private static void ExpectInside(nuint address, int component)
    {
        ref readonly ComponentDescription description = ref ImageTable.Component(component);
        Expect.True(address >= description.StaticsStart && address < description.StaticsEnd, "a static lies in its component's region"u8);
    }

    private static int ChangeStatic()
    {
        int slot = Probe.Run(ProbeOperation.ChangeStatic);
        Probe.ExpectDone(slot, 0, "a thread changes a static"u8);
        return (int)Probe.Request(0).Result;
    }

    private static nuint StaticAddress(int component) => AddressFrom(component, ProbeOperation.StaticAddress);

    private static nuint AddressFrom(int component, ProbeOperation operation)
    {
        int slot = Probe.Finish(Probe.Create(component, 0, operation));
        Probe.ExpectDone(slot, 0, "an address is told"u8);
        return (nuint)Probe.Request(0).Result;
    }

    private static Span<byte> StaticsOf(int component)
    {
        ref readonly ComponentDescription description = ref ImageTable.Component(component);
        return UserMemory.View(description.StaticsStart, description.StaticsEnd - description.StaticsStart);
    }

    [InlineArray(16384)]
    private struct Copy
    {
        private byte _byte;
    }
}

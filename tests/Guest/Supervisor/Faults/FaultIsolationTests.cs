// A fault ends the thread that made it and no other: not of its own domain, not of another.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class FaultIsolationTests
{
    private const int SameDomain = 1;
    private const int OtherDomain = 2;
    private const int PatienceTicks = 2000;

    [GuestTest]
    internal static void APageFaultEndsItsThreadOnly() => ExpectOnlyOneEnded(ProbeOperation.Write, ImageTable.Component(Probe.Neighbour).StaticsStart);

    [GuestTest]
    internal static void ANullReferenceEndsItsThreadOnly() => ExpectOnlyOneEnded(ProbeOperation.NullReference, 0);

    [GuestTest]
    internal static void AStackOverflowEndsItsThreadOnly() => ExpectOnlyOneEnded(ProbeOperation.OverflowStack, 0);

    [GuestTest]
    internal static void AFailedCheckEndsItsThreadOnly() => ExpectOnlyOneEnded(ProbeOperation.Index, 4);

    [GuestTest]
    internal static void ABadSystemCallEndsItsThreadOnly() => ExpectOnlyOneEnded(ProbeOperation.SystemCall, 0x7FFF_FFFF);

    [GuestTest]
    internal static void AnInvalidOpcodeEndsItsThreadOnly() => ExpectOnlyOneEnded([0x0F, 0x0B]);

    [GuestTest]
    internal static void AGeneralProtectionFaultEndsItsThreadOnly() => ExpectOnlyOneEnded([0xFA]);

    [GuestTest]
    internal static void ADivideErrorEndsItsThreadOnly() => ExpectOnlyOneEnded([0x31, 0xC0, 0xF7, 0xF0]);

    [GuestTest]
    internal static void ADebugExceptionEndsItsThreadOnly() => ExpectOnlyOneEnded([0x9C, 0x81, 0x0C, 0x24, 0, 1, 0, 0, 0x9D, 0x90, 0x90]);

    private static void ExpectOnlyOneEnded(ReadOnlySpan<byte> code)
    {
        UserCode.Open();
        UserCode.Load(code);
        ExpectOnlyOneEnded(UserCode.Create(0, UserBlock.AddressOf(0)), UserCode.Domain);
        UserCode.Close();
    }

    private static void ExpectOnlyOneEnded(ProbeOperation operation, nuint operand) =>
        ExpectOnlyOneEnded(Probe.Create(Probe.Component, 0, operation, operand), FenceCheck.ProbeDomain);

    // Two threads count for ever, each in its own request, while the third goes wrong.
    private static void ExpectOnlyOneEnded(int faulting, int domain)
    {
        int same = CreateCounter(Probe.Component, domain, SameDomain);
        int other = CreateCounter(Probe.Neighbour, ComponentTable.At(Probe.Neighbour).Domain, OtherDomain);
        uint neighbours = NeighboursStatics();
        ThreadLifecycle.Start(same);
        ThreadLifecycle.Start(other);
        WaitForMore(SameDomain);
        WaitForMore(OtherDomain);
        Probe.Finish(faulting);
        Expect.True(ThreadTable.At(faulting).HasFaulted, "the thread that went wrong was ended"u8);
        WaitForMore(SameDomain);
        WaitForMore(OtherDomain);
        Expect.True(!ThreadTable.At(same).HasFaulted, "the thread of the same domain goes on"u8);
        Expect.True(!ThreadTable.At(other).HasFaulted, "the thread of the other domain goes on"u8);
        Expect.Equal(neighbours, NeighboursStatics(), "sum over the neighbour's statics"u8);
        ThreadLifecycle.EndOther(same);
        ThreadLifecycle.EndOther(other);
    }

    private static int CreateCounter(int component, int domain, int request)
    {
        int slot = Probe.CreateIn(domain, component, request, ProbeOperation.CountForever);
        Probe.Request(request).Operand0 = UserAddressOfCounter(request);
        return slot;
    }

    private static nuint UserAddressOfCounter(int request) =>
        KernelMemory.AddressOf(ref Probe.Request(request).Operand2) - AddressLayout.ViewOffset;

    // Without the stack cookie in front, which the component's own start chooses anew.
    private static uint NeighboursStatics()
    {
        const int CookieByteCount = 16;
        ref readonly ComponentDescription neighbour = ref ImageTable.Component(Probe.Neighbour);
        ReadOnlySpan<byte> statics = UserMemory.View(neighbour.StaticsStart, neighbour.StaticsEnd - neighbour.StaticsStart);
        uint sum = 0;
        for (int index = CookieByteCount; index < statics.Length; index++)
        {
            sum = (sum * 31) + statics[index];
        }

        return sum;
    }

    private static void WaitForMore(int request)
    {
        nuint before = Probe.Request(request).Operand2;
        for (int tick = 0; tick < PatienceTicks && Probe.Request(request).Operand2 == before; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        Expect.True(Probe.Request(request).Operand2 != before, "the counter advances"u8);
    }
}

// Copies between the kernel and memory that a thread named: the law decides, for that thread, at the moment of the copy.

using System;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class UserMemoryTests
{
    private const int First = 8;
    private const int Second = 9;
    private const int OtherDomainsPage = 10;

    [GuestTest]
    internal static void NoBytesAreAllowedEverywhereAndTouchNothing()
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.None);
        ExpectAllowed(slot, 0, 0, "address 0"u8);
        ExpectAllowed(slot, ImageTable.Description.KernelTextStart, 0, "kernel text"u8);
        ExpectAllowed(slot, nuint.MaxValue, 0, "the last address"u8);
        ExpectAllowed(slot, AddressLayout.KernelStackStart(0) - PageSize.ByteCount, 0, "a guard"u8);
        ThreadLifecycle.EndOther(slot);
    }

    [GuestTest]
    internal static void TheLastByteOfAPartitionCanBeCopiedAndTheNextNot()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, First);
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.None);
        nuint end = Probe.ScratchAddress(First) + PageSize.ByteCount;
        ExpectAllowed(slot, end - 1, 1, "the last byte"u8);
        ExpectDenied(slot, end - 1, 2, DenialReason.NoRights, end, "one byte more"u8);
        ExpectDenied(slot, end, 1, DenialReason.NoRights, end, "the first byte outside"u8);
        ExpectAllowed(slot, end - PageSize.ByteCount, 1, "the first byte"u8);
        ExpectDenied(slot, end - PageSize.ByteCount - 1, 2, DenialReason.NoRights, end - PageSize.ByteCount - 1, "one byte before"u8);
        End(slot, domain);
    }

    [GuestTest]
    internal static void ACopyThatWrapsAroundIsDenied()
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.None);
        ExpectDenied(slot, nuint.MaxValue, 2, DenialReason.WrapsAround, nuint.MaxValue, "past the top"u8);
        ExpectDenied(slot, nuint.MaxValue - 1, 8, DenialReason.WrapsAround, nuint.MaxValue - 1, "past the top by more"u8);
        ExpectDenied(slot, nuint.MaxValue, 1, DenialReason.NoRights, nuint.MaxValue, "the last byte of the address space"u8);
        ThreadLifecycle.EndOther(slot);
    }

    [GuestTest]
    internal static void TwoAdjacentPartitionsAreOneBufferAsFarAsTheirRightsGo()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, First);
        TestDomain.AddPage(domain, Second);
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.None);
        nuint border = Probe.ScratchAddress(Second);
        ReadOnlySpan<byte> written = [1, 2, 3, 4];
        Span<byte> read = stackalloc byte[4];
        Expect.True(UserMemory.Write(slot, border - 2, written).IsAllowed, "a write over both"u8);
        Expect.True(UserMemory.Read(slot, border - 2, read).IsAllowed, "a read over both"u8);
        Expect.True(read.SequenceEqual(written), "what was written is read"u8);

        TestDomain.RemovePage(domain, Second);
        TestDomain.AddPage(domain, Second, PartitionRights.ReadOnly);
        ReadOnlySpan<byte> refused = [9, 9, 9, 9];
        LawVerdict verdict = UserMemory.Write(slot, border - 2, refused);
        Expect.Equal((int)DenialReason.NotWritable, (int)verdict.Reason, "a write into a read-only partition"u8);
        Expect.Equal(border, verdict.DeniedAddress.Value, "the first byte that can't be written"u8);
        read.Clear();
        Expect.True(UserMemory.Read(slot, border - 2, read).IsAllowed, "a read of both goes on"u8);
        Expect.True(read.SequenceEqual(written), "a denied copy copies nothing"u8);
        End(slot, domain);
    }

    [GuestTest]
    internal static void TheOwnStackCanBeCopiedAndAnotherThreadsCannot()
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.None);
        int other = Probe.Create(Probe.Component, 1, ProbeOperation.None);
        PageRange own = AddressLayout.UserStackPages(slot);
        ExpectAllowed(slot, own.First.Address.Value, 16, "the bottom of the own stack"u8);
        ExpectAllowed(slot, own.End.Address.Value - 16, 16, "the top of the own stack"u8);
        ExpectDenied(slot, own.End.Address.Value - 16, 17, DenialReason.NoRights, own.End.Address.Value, "past the top"u8);
        nuint foreign = AddressLayout.UserStackPages(other).First.Address.Value;
        if (!StackOwnership.IsOfDomain)
        {
            ExpectDenied(slot, foreign, 1, DenialReason.NoRights, foreign, "another thread's stack"u8);
        }

        ExpectAllowed(other, foreign, 1, "the other thread's stack, for the other"u8);
        ThreadLifecycle.EndOther(slot);
        ThreadLifecycle.EndOther(other);
    }

    [GuestTest]
    internal static void TextCanBeReadAndNotWritten()
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.None);
        nuint text = ImageTable.Component(Probe.Component).TextStart;
        byte before = UserMemory.View(text, 1)[0];
        Span<byte> buffer = stackalloc byte[1];
        Expect.True(UserMemory.Read(slot, text, buffer).IsAllowed, "a read of text"u8);
        LawVerdict verdict = UserMemory.Write(slot, text, [0xCC]);
        Expect.Equal((int)DenialReason.NotWritable, (int)verdict.Reason, "a write of text"u8);
        Expect.Equal(before, UserMemory.View(text, 1)[0], "the byte of text"u8);
        ThreadLifecycle.EndOther(slot);
    }

    [GuestTest]
    internal static void WhatABlockedThreadLostIsDeniedFromThatMomentOn()
    {
        int domain = TestDomain.Create();
        int otherDomain = TestDomain.Create();
        TestDomain.AddPage(domain, First);
        TestDomain.AddPage(otherDomain, Second);
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.SleepMeasured, 100_000);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitFor(slot, ThreadState.Sleeping);
        nuint first = Probe.ScratchAddress(First);
        nuint second = Probe.ScratchAddress(Second);
        ExpectAllowed(slot, first, 1, "the partition while it is there"u8);

        TestDomain.RemovePage(domain, First);
        ExpectDenied(slot, first, 1, DenialReason.NoRights, first, "a partition removed meanwhile"u8);
        TestDomain.AddPage(domain, First);
        ExpectAllowed(slot, first, 1, "a partition added again meanwhile"u8);

        Protection.MoveThread(slot, otherDomain);
        ExpectDenied(slot, first, 1, DenialReason.NoRights, first, "the old domain of a thread moved meanwhile"u8);
        ExpectAllowed(slot, second, 1, "its new domain"u8);
        ThreadLifecycle.EndOther(slot);
        TestDomain.Destroy(domain);
        TestDomain.Destroy(otherDomain);
    }

    [GuestTest]
    internal static void TheThreadAskedForDecidesAndNotTheOneThatRanLast()
    {
        int domain = TestDomain.Create();
        int otherDomain = TestDomain.Create();
        TestDomain.AddPage(domain, First, PartitionRights.ReadOnly);
        TestDomain.AddPage(otherDomain, First);
        TestDomain.AddPage(otherDomain, OtherDomainsPage);
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.None);
        int ranLast = Probe.CreateIn(otherDomain, Probe.Component, 1, ProbeOperation.SleepMeasured, 100_000);
        ThreadLifecycle.Start(ranLast);
        KernelThreads.WaitFor(ranLast, ThreadState.Sleeping);
        nuint shared = Probe.ScratchAddress(First);
        nuint foreign = Probe.ScratchAddress(OtherDomainsPage);
        Expect.True(LeafSnapshot.HasRights(otherDomain, foreign, LeafRights.UserReadWrite), "the other domain's page is live"u8);
        ExpectDenied(slot, foreign, 1, DenialReason.NoRights, foreign, "what only the live domain has"u8);
        LawVerdict verdict = UserMemory.Write(slot, shared, [1]);
        Expect.Equal((int)DenialReason.NotWritable, (int)verdict.Reason, "a write where only the live domain may"u8);
        Expect.True(UserMemory.Write(ranLast, shared, [1]).IsAllowed, "the same write for the other thread"u8);
        ThreadLifecycle.EndOther(ranLast);
        End(slot, domain);
        TestDomain.Destroy(otherDomain);
    }

    [GuestTest]
    internal static void AKernelThreadHasNoUserMemoryAtAll()
    {
        int slot = Scheduler.Current;
        nuint statics = ImageTable.Component(Probe.Component).StaticsStart;
        nuint stack = AddressLayout.UserStackPages(slot).First.Address.Value;
        ExpectDenied(slot, statics, 1, DenialReason.NoRights, statics, "a component's statics"u8);
        ExpectDenied(slot, stack, 1, DenialReason.NoRights, stack, "the user stack of its slot"u8);
    }

    private static void ExpectAllowed(int slot, nuint address, int byteCount, ReadOnlySpan<byte> what)
    {
        Span<byte> buffer = stackalloc byte[32];
        Expect.True(UserMemory.Read(slot, address, buffer[..byteCount]).IsAllowed, what);
        Expect.True(UserMemory.Write(slot, address, buffer[..byteCount]).IsAllowed, what);
    }

    private static void ExpectDenied(int slot, nuint address, int byteCount, DenialReason reason, nuint denied, ReadOnlySpan<byte> what)
    {
        Span<byte> buffer = stackalloc byte[32];
        buffer.Fill(0xA5);
        LawVerdict verdict = UserMemory.Read(slot, address, buffer[..byteCount]);
        Expect.Equal((int)reason, (int)verdict.Reason, what);
        Expect.Equal(denied, verdict.DeniedAddress.Value, what);
        Expect.Equal(-1, buffer.IndexOfAnyExcept((byte)0xA5), what);
        verdict = UserMemory.Write(slot, address, buffer[..byteCount]);
        Expect.Equal((int)reason, (int)verdict.Reason, what);
        Expect.Equal(denied, verdict.DeniedAddress.Value, what);
    }

    private static void End(int slot, int domain)
    {
        ThreadLifecycle.EndOther(slot);
        TestDomain.Destroy(domain);
    }
}

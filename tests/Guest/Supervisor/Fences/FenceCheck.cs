// One byte against the law: what each kind of access to it must lead to, and that a denied one has changed nothing.

using System;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class FenceCheck
{
    private const byte Return = 0xC3; // RET, on both architectures

    /// <summary>Domain of the probe component.</summary>
    public static int ProbeDomain => ComponentTable.At(Probe.Component).Domain;

    /// <summary>Runs one operation on an address in a domain, to the end of its thread.</summary>
    public static int Attempt(int domain, ProbeOperation operation, nuint address, nuint value = 0)
    {
        int slot = Probe.CreateIn(domain, Probe.Component, 0, operation, address, value);
        SetAddress(address);
        return Probe.Finish(slot);
    }

    /// <summary>
    /// Changes the address of the request that is being prepared. A managed call takes a target with bit 1 set for the address of a pair of
    /// words, plus 2, the first of which is the target (FatFunctionPointerConstants of the compiler): such a target is given so.
    /// </summary>
    public static void SetAddress(nuint address)
    {
        ref ProbeRequest request = ref Probe.Request(0);
        request.Operand0 = address;
        if (request.Operation == ProbeOperation.Execute && (address & 2) != 0)
        {
            request.Operand2 = address;
            request.Operand0 = KernelMemory.AddressOf(ref request.Operand2) - AddressLayout.ViewOffset + 2;
        }
    }

    /// <summary>The page is in the base mapping and not for this domain: every access faults, with the page-present bit if its tables hold the page nevertheless.</summary>
    public static void ExpectDenied(int domain, nuint address, ReadOnlySpan<byte> what)
    {
        byte before = Peek(address);
        Probe.ExpectPageFault(Attempt(domain, ProbeOperation.Read, address), address, ReadCode(address), what);
        Probe.ExpectPageFault(Attempt(domain, ProbeOperation.Execute, address), address, FetchCode(address), what);
        ExpectWriteFault(domain, address, before, WriteCode(address), what);
    }

    /// <summary>Error code of a read of a page of the base mapping on which user mode has no right.</summary>
    public static nuint ReadCode(nuint address) => IsHeldByEverySet(address) ? PageFaultCode.ReadDenied : PageFaultCode.ReadWithheld;

    /// <summary>Error code of a write to one.</summary>
    public static nuint WriteCode(nuint address) => IsHeldByEverySet(address) ? PageFaultCode.WriteDenied : PageFaultCode.WriteWithheld;

    /// <summary>Error code of a fetch from one.</summary>
    public static nuint FetchCode(nuint address) => IsHeldByEverySet(address) ? PageFaultCode.FetchDenied : PageFaultCode.FetchWithheld;

    /// <summary>Nothing is mapped there: every access faults without the page-present bit.</summary>
    public static void ExpectAbsent(int domain, nuint address, ReadOnlySpan<byte> what)
    {
        Probe.ExpectPageFault(Attempt(domain, ProbeOperation.Read, address), address, PageFaultCode.ReadAbsent, what);
        Probe.ExpectPageFault(Attempt(domain, ProbeOperation.Write, address, 0x5A), address, PageFaultCode.WriteAbsent, what);
        Probe.ExpectPageFault(Attempt(domain, ProbeOperation.Execute, address), address, PageFaultCode.FetchAbsent, what);
    }

    /// <summary>A read goes through and gives what is there.</summary>
    public static void ExpectReadable(int domain, nuint address, ReadOnlySpan<byte> what)
    {
        Probe.ExpectDone(Attempt(domain, ProbeOperation.Read, address), 0, what);
        Expect.Equal(Peek(address), (int)Probe.Request(0).Result, what);
    }

    /// <summary>Whether a write goes through. The byte is put back.</summary>
    public static bool IsWritable(int domain, nuint address)
    {
        byte before = Peek(address);
        int slot = Attempt(domain, ProbeOperation.Write, address, (byte)~before);
        Poke(address, before);
        return !ThreadTable.At(slot).HasFaulted;
    }

    /// <summary>A write goes through and is there afterwards. The byte is put back.</summary>
    public static void ExpectWritable(int domain, nuint address, ReadOnlySpan<byte> what)
    {
        byte before = Peek(address);
        Probe.ExpectDone(Attempt(domain, ProbeOperation.Write, address, (byte)~before), 0, what);
        Expect.Equal((byte)~before, Peek(address), what);
        Poke(address, before);
    }

    /// <summary>A read goes through, a write faults and changes nothing.</summary>
    public static void ExpectReadOnly(int domain, nuint address, ReadOnlySpan<byte> what)
    {
        ExpectReadable(domain, address, what);
        ExpectWriteFault(domain, address, Peek(address), PageFaultCode.WriteDenied, what);
    }

    /// <summary>
    /// Memory that the domain can read and that isn't its text: executing it faults. Without an execute-disable bit it runs, as the law says
    /// of that format: read implies execute.
    /// </summary>
    public static void ExpectExecutionFollowsFormat(int domain, nuint address, ReadOnlySpan<byte> what)
    {
        byte before = Peek(address);
        Poke(address, Return);
        int slot = Attempt(domain, ProbeOperation.Execute, address);
        if (FormatGeometry<PagingFormat>.HasExecuteDisable)
        {
            Probe.ExpectPageFault(slot, address, PageFaultCode.FetchDenied, what);
        }
        else
        {
            Probe.ExpectDone(slot, 0, what);
        }

        Poke(address, before);
    }

    /// <summary>What a byte holds, whoever may reach it: grantable memory through the kernel's view, the kernel's own directly.</summary>
    public static byte Peek(nuint address) => KernelMemory.At<byte>(IsGrantable(address) ? address + AddressLayout.ViewOffset : address);

    /// <summary>Changes a byte of grantable memory.</summary>
    public static void Poke(nuint address, byte value) => KernelMemory.At<byte>(address + AddressLayout.ViewOffset) = value;

    private static void ExpectWriteFault(int domain, nuint address, byte before, nuint errorCode, ReadOnlySpan<byte> what)
    {
        byte written = (byte)~before;
        Probe.ExpectPageFault(Attempt(domain, ProbeOperation.Write, address, written), address, errorCode, what);
        if (IsGrantable(address))
        {
            Expect.Equal(before, Peek(address), what);
        }
        else
        {
            // The kernel may have changed its own byte meanwhile, but hardly to the one value that the probe tried to write.
            Expect.True(Peek(address) != written, what);
        }
    }

#if KPTI
    private static bool IsHeldByEverySet(nuint address) => AddressLayout.EntryPages.Contains(new VirtualAddress(address).Page);
#else
    private static bool IsHeldByEverySet(nuint address) => true;
#endif

    private static bool IsGrantable(nuint address)
    {
        int region = AddressLayout.BaseMapping.Find(new VirtualAddress(address).Page, out bool isMapped);
        return isMapped && AddressLayout.Regions[region].Obstacle is GrantObstacleKind.None or GrantObstacleKind.Stack;
    }
}

// The only way from a user address to its bytes: the law decides, for the thread that named the address and at the moment of the
// copy; then the bytes are reached through the kernel's view, never through the address itself.

using System;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Copies between the kernel and memory that a user thread named.</summary>
public static class UserMemory
{
    /// <summary>
    /// Fills <paramref name="destination"/> from the thread's memory. The verdict says whether it was done, or which address the thread
    /// may not read; then nothing was copied.
    /// </summary>
    public static LawVerdict Read(int thread, nuint address, Span<byte> destination)
    {
        bool enabled = Processor.DisableInterrupts();
        LawVerdict verdict = Protection.Check(thread, new VirtualAddress(address), (nuint)(uint)destination.Length, Access.Read);
        if (verdict.IsAllowed && destination.Length != 0)
        {
            KernelMemory.Bytes(address + AddressLayout.ViewOffset, (nuint)(uint)destination.Length).CopyTo(destination);
        }

        Processor.RestoreInterrupts(enabled);
        return verdict;
    }

    /// <summary>Copies <paramref name="source"/> into the thread's memory, or says which address the thread may not write and copies nothing.</summary>
    public static LawVerdict Write(int thread, nuint address, ReadOnlySpan<byte> source)
    {
        bool enabled = Processor.DisableInterrupts();
        LawVerdict verdict = Protection.Check(thread, new VirtualAddress(address), (nuint)(uint)source.Length, Access.Write);
        if (verdict.IsAllowed && source.Length != 0)
        {
            source.CopyTo(KernelMemory.Bytes(address + AddressLayout.ViewOffset, (nuint)(uint)source.Length));
        }

        Processor.RestoreInterrupts(enabled);
        return verdict;
    }

    /// <summary>The kernel's view of grantable pages, for clearing and restoring them.</summary>
    public static Span<byte> View(nuint address, nuint byteCount) => KernelMemory.Bytes(address + AddressLayout.ViewOffset, byteCount);
}

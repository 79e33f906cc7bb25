// Copies between a kernel object and the memory that a thread named. What the law refuses is kept in the thread: its own system call ends it.

using System;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Copies judged for the thread whose memory it is, at the moment of the copy, whichever thread runs then. All operations run with interrupts off.</summary>
public static class Transfers
{
    /// <summary>
    /// What a wait, or a call, ends with that named memory which its thread may not use: the first such address is in the thread's
    /// <see cref="Thread.WaitAddress"/>. The caller ends itself.
    /// </summary>
    public const SystemCallStatus BadAddress = (SystemCallStatus)int.MinValue;

    /// <summary>Whether a thread may use memory so; if not, the address is kept.</summary>
    public static bool MayAccess(int slot, nuint address, nuint byteCount, Access access) =>
        IsAllowed(slot, Protection.Check(slot, new VirtualAddress(address), byteCount, access));

    /// <summary>Copies from a thread's memory; if it may not read that, copies nothing and keeps the address.</summary>
    public static bool TryRead(int slot, nuint address, Span<byte> destination) => IsAllowed(slot, UserMemory.Read(slot, address, destination));

    /// <summary>Copies to a thread's memory; if it may not write that, copies nothing and keeps the address.</summary>
    public static bool TryWrite(int slot, nuint address, ReadOnlySpan<byte> source) => IsAllowed(slot, UserMemory.Write(slot, address, source));

    private static bool IsAllowed(int slot, LawVerdict verdict)
    {
        if (!verdict.IsAllowed)
        {
            ThreadTable.At(slot).WaitAddress = verdict.DeniedAddress.Value;
        }

        return verdict.IsAllowed;
    }
}

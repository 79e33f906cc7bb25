// What the console says when a fault ends a thread. A line that starts with "at 0x" or "from 0x" names a code address: the
// command that runs the image adds the method's name from the image's map, so that names take no memory in the machine.

using System;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Writes fault reports.</summary>
public static class FaultReport
{
    /// <summary>Bytes that few reports exceed, with the supervisor's line after them.</summary>
    public const uint UsualByteCount = 768;

    // Words of the stack that are looked at for return addresses, and how many are printed.
    private const int ScannedWordCount = 64;
    private const int PrintedCallerCount = 8;

    // By vector, from the second on. One piece of text takes less of the image than a switch with as many.
    private static ReadOnlySpan<byte> ExceptionNames =>
        """
        exception
        divide error
        debug exception
        non-maskable interrupt
        breakpoint
        overflow
        bound range
        invalid opcode
        device not available
        double fault

        invalid task segment
        segment not present
        stack segment fault
        general protection fault
        page fault

        x87 exception
        alignment check
        machine check
        SSE exception

        """u8;

    // By CoreLib.FailureReason.
    private static ReadOnlySpan<byte> FailureReasons =>
        """
        unknown reason
        index out of range
        null reference
        division by zero
        arithmetic overflow
        argument out of range
        bad argument
        invalid cast
        not supported
        array type mismatch
        stack buffer overrun

        invalid operation

        """u8;

    /// <summary>Reports the fault that ends the current thread. Interrupts are off, so a report is one piece.</summary>
    public static void Write(in FaultRecord fault)
    {
        int slot = Scheduler.Current;
        ref Thread thread = ref ThreadTable.At(slot);
        KernelConsole.Write("fault   thread "u8);
        KernelConsole.WriteDecimal(slot);
        if (thread.Component != Thread.NoComponent)
        {
            KernelConsole.Write(" of "u8);
            KernelConsole.Write(ComponentTable.NameOf(thread.Component));
        }

        KernelConsole.Write(thread.IsUser ? ", domain "u8 : " of the kernel, domain "u8);
        KernelConsole.WriteDecimal(thread.Domain);
        KernelConsole.Write(", ended: "u8);
        WriteKind(in fault);
        if (fault.IsPageFault)
        {
            WriteAddress(thread.Domain, fault.Address);
            if (thread.IsUser)
            {
                WriteDenial(in fault);
            }
        }
        else if (fault.Kind == FaultKind.BadAddress)
        {
            WriteAddress(thread.Domain, fault.ErrorCode);
        }
        else if (fault.Kind == FaultKind.Exception && fault.Vector == (int)ExceptionVector.DoubleFault)
        {
            KernelConsole.Write("\nfault   kernel stack overflow at "u8);
            KernelConsole.WriteHexadecimal(fault.Address);
            WriteOwner(fault.Address);
        }

        if (fault.InstructionPointer != 0)
        {
            KernelConsole.Write("\nfault   at "u8);
            KernelConsole.WriteHexadecimal(fault.InstructionPointer);
        }

        if (thread.IsUser)
        {
            WriteUserCallers(slot, fault.StackPointer);
        }
        else
        {
            WriteKernelCallers("fault   "u8, fault.StackPointer);
        }

        KernelConsole.Write("\n"u8);
    }

    /// <summary>Names a vector and takes its error code apart (Intel SDM vol. 3A, 4.7 and 6.13).</summary>
    public static void WriteException(int vector, nuint errorCode)
    {
        KernelConsole.Write(ItemAt(ExceptionNames, vector + 1));
        KernelConsole.Write(", vector "u8);
        KernelConsole.WriteDecimal(vector);
        KernelConsole.Write(", error code "u8);
        KernelConsole.WriteShortHexadecimal(errorCode);
        if (vector == (int)ExceptionVector.PageFault)
        {
            KernelConsole.Write((errorCode & 4) != 0 ? " (user "u8 : " (supervisor "u8);
            KernelConsole.Write((errorCode & 16) != 0 ? "instruction fetch"u8 : (errorCode & 2) != 0 ? "write"u8 : "read"u8);
            KernelConsole.Write((errorCode & 8) != 0 ? ", reserved bit set)"u8 : (errorCode & 1) != 0 ? ", page present)"u8 : ", page not present)"u8);
        }
        else if (errorCode != 0)
        {
            KernelConsole.Write((errorCode & 2) != 0 ? " (interrupt gate "u8 : (errorCode & 4) != 0 ? " (local selector "u8 : " (selector "u8);
            KernelConsole.WriteShortHexadecimal((errorCode & 2) != 0 ? errorCode >> 3 : errorCode & 0xFFF8);
            KernelConsole.Write(")"u8);
        }
    }

    /// <summary>Names a failed check.</summary>
    public static void WriteFailureReason(int reason) => KernelConsole.Write(ItemAt(FailureReasons, reason));

    /// <summary>Lists what looks like return addresses into kernel text on a kernel stack.</summary>
    public static void WriteKernelCallers(ReadOnlySpan<byte> prefix, nuint stackPointer)
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        int printed = 0;
        nuint position = stackPointer & ~(nuint)(nuint.Size - 1);
        for (int word = 0; word < ScannedWordCount && printed < PrintedCallerCount; word++)
        {
            // A panic may come from a stack that is gone: only what the base mapping says is there is read.
            AddressLayout.BaseMapping.Find(new VirtualAddress(position).Page, out bool isMapped);
            if (!isMapped)
            {
                return;
            }

            nuint value = KernelMemory.At<nuint>(position);
            if (value > image.KernelTextStart && value < image.KernelTextEnd)
            {
                WriteCaller(prefix, value, ref printed);
            }

            position += (nuint)nuint.Size;
        }
    }

    private static void WriteUserCallers(int slot, nuint stackPointer)
    {
        int component = ThreadTable.At(slot).Component;
        if (component == Thread.NoComponent)
        {
            return;
        }

        ref readonly ComponentDescription description = ref ImageTable.Component(component);
        int printed = 0;
        nuint position = stackPointer & ~(nuint)(nuint.Size - 1);
        for (int word = 0; word < ScannedWordCount && printed < PrintedCallerCount; word++)
        {
            nuint value = 0;
            Span<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<nuint>(ref value));
            if (!UserMemory.Read(slot, position, bytes).IsAllowed)
            {
                return;
            }

            if (value > description.TextStart && value < description.TextEnd)
            {
                WriteCaller("fault   "u8, value, ref printed);
            }

            position += (nuint)nuint.Size;
        }
    }

    private static void WriteCaller(ReadOnlySpan<byte> prefix, nuint address, ref int printed)
    {
        KernelConsole.Write("\n"u8);
        KernelConsole.Write(prefix);
        KernelConsole.Write("from "u8);
        KernelConsole.WriteHexadecimal(address);
        printed++;
    }

    private static void WriteKind(in FaultRecord fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.Exception:
                WriteException(fault.Vector, fault.ErrorCode);
                break;
            case FaultKind.FailedCheck:
                KernelConsole.Write("failed check, "u8);
                WriteFailureReason((int)fault.ErrorCode);
                break;
            case FaultKind.BadSystemCall:
                KernelConsole.Write("no such system call, number "u8);
                KernelConsole.WriteShortHexadecimal(fault.ErrorCode);
                break;
            case FaultKind.BadAddress:
                KernelConsole.Write("a system call named memory that the thread may not use"u8);
                break;
            default:
                KernelConsole.Write("a system call named a kernel object that the caller may not use so, handle "u8);
                KernelConsole.WriteShortHexadecimal(fault.ErrorCode);
                break;
        }
    }

    private static void WriteAddress(int domain, nuint address)
    {
        KernelConsole.Write("\nfault   address "u8);
        KernelConsole.WriteHexadecimal(address);
        WriteOwner(address);
        if (NearestPartition.TryFind(in Protection.DomainAt(domain), new VirtualAddress(address), out NearestPartition nearest))
        {
            Partition partition = Protection.DomainAt(domain)[nearest.Index];
            KernelConsole.Write("; nearest partition of its domain: "u8);
            RegionNames.Write(partition.Pages.First.Address.Value);
            KernelConsole.Write(" at "u8);
            KernelConsole.WriteHexadecimal(partition.Pages.First.Address.Value);
            if (nearest.Side == PartitionSide.Inside)
            {
                KernelConsole.Write(", which holds it"u8);
            }
            else
            {
                KernelConsole.Write(", "u8);
                KernelConsole.WriteDecimal(nearest.ByteDistance);
                KernelConsole.Write(nearest.Side == PartitionSide.Above ? " bytes below"u8 : " bytes above"u8);
            }
        }
    }

    private static void WriteOwner(nuint address)
    {
        if (address < PageSize.ByteCount)
        {
            KernelConsole.Write(" (null reference)"u8);
        }
        else
        {
            KernelConsole.Write(" ("u8);
            RegionNames.Write(address);
            KernelConsole.Write(")"u8);
        }
    }

    private static void WriteDenial(in FaultRecord fault)
    {
        Access access = (fault.ErrorCode & 16) != 0 ? Access.Execute : (fault.ErrorCode & 2) != 0 ? Access.Write : Access.Read;
        AccessDecision decision = Protection.Explain(fault.Address, access);
        if (decision.IsAllowed)
        {
            return;
        }

        KernelConsole.Write("\nfault   denied by "u8);
        KernelConsole.Write(decision.Bit switch
        {
            DenyingBit.Present => "P"u8,
            DenyingBit.Writable => "R/W"u8,
            DenyingBit.User => "U/S"u8,
            DenyingBit.ExecuteDisable => "XD"u8,
            DenyingBit.Reserved => "a reserved bit"u8,
            _ => "another bit"u8,
        });
        KernelConsole.Write(" of the entry at level "u8);
        KernelConsole.WriteDecimal(decision.Level);
    }

    // An item of a list whose items are parted by line feeds; the first, which stands for all else, where there is none or an empty one.
    private static ReadOnlySpan<byte> ItemAt(ReadOnlySpan<byte> list, int index)
    {
        int start = 0;
        int number = 0;
        int firstEnd = 0;
        for (int at = 0; at < list.Length; at++)
        {
            if (list[at] != (byte)'\n')
            {
                continue;
            }

            if (number == index && at != start)
            {
                return list[start..at];
            }

            firstEnd = number == 0 ? at : firstEnd;
            start = at + 1;
            number++;
        }

        return list[..firstEnd];
    }
}

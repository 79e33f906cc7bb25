// Chosen instructions in user mode: their bytes are written into a page through the kernel's view, and the page is executable, and not
// writable, in a domain of its own.

using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

/// <summary>The pieces of usercode.asm, in its order.</summary>
internal enum UserCodePiece
{
    CallAndDump = 0,
    FlagsAcrossCall,
    TrapAtCall,
    FlagsByReturn,
    PatternLoop,
    CallLoop,
    DumpState,
    StateAcrossCall,
}

internal static unsafe class UserCode
{
    private const int CodePage = 0;
    private const int BlockPage = 1; // UserBlock's
    private const byte Breakpoint = 0xCC;

    private static int s_domain;

    /// <summary>Where the code lies: user mode's address.</summary>
    public static nuint Address => Probe.ScratchAddress(CodePage);

    /// <summary>The domain in which it runs.</summary>
    public static int Domain => s_domain;

    /// <summary>Where the processor says that its descriptor tables are.</summary>
    public static nuint GlobalTableAddress => Tables(0);

    /// <inheritdoc cref="GlobalTableAddress"/>
    public static nuint InterruptTableAddress => Tables(1);

    /// <summary>Offset of the last byte of the interrupt descriptor table.</summary>
    public static nuint InterruptTableLimit => Tables(3);

    /// <summary>Where the descriptor that the task register names says that the task segment is (Intel SDM vol. 3A, 7.2.2).</summary>
    public static nuint TaskSegmentAddress
    {
        get
        {
            ulong descriptor = KernelMemory.At<ulong>(GlobalTableAddress + (Tables(2) & 0xFFF8));
            return (nuint)(((descriptor >> 16) & 0xFFFFFF) | ((descriptor >> 56) << 24));
        }
    }

    /// <summary>Creates the domain: what every probe has, a page of code and a page of data.</summary>
    public static void Open()
    {
        s_domain = TestDomain.Create();
        TestDomain.AddPage(s_domain, CodePage, PartitionRights.ReadExecute);
        TestDomain.AddPage(s_domain, BlockPage);
        View(BlockPage).Clear();
    }

    /// <summary>Destroys the domain. No thread of it lives.</summary>
    public static void Close() => TestDomain.Destroy(s_domain);

    /// <summary>Puts instructions into the page of code; behind them it holds breakpoints, which end a thread that runs on into them.</summary>
    public static void Load(ReadOnlySpan<byte> code) => LoadAt(CodePage, code);

    /// <summary>Puts a piece of usercode.asm into the page of code.</summary>
    public static void Load(UserCodePiece piece) => LoadAt(CodePage, piece);

    /// <summary>Puts a piece of usercode.asm into any scratch page.</summary>
    public static void LoadAt(int scratchPage, UserCodePiece piece)
    {
        nuint* bounds = (nuint*)ImportUserCode((int)piece);
        LoadAt(scratchPage, KernelMemory.Bytes(bounds[0], bounds[1] - bounds[0]));
    }

    /// <summary>Creates a thread that calls the code with one argument. Not started.</summary>
    public static int Create(int request, nuint argument) => Probe.CreateIn(s_domain, Probe.Component, request, ProbeOperation.Execute, Address, argument);

    /// <summary>Runs the code to the end of its thread, with the address of block 0 as its argument.</summary>
    public static int Run() => Probe.Finish(Create(0, UserBlock.AddressOf(0)));

    /// <summary>Loads and runs instructions, in a domain made for them.</summary>
    public static int RunOnce(ReadOnlySpan<byte> code)
    {
        Open();
        Load(code);
        int slot = Run();
        Close();
        return slot;
    }

    /// <summary>Instructions end their thread by this exception, at exactly this offset, and do nothing else.</summary>
    public static void ExpectException(ReadOnlySpan<byte> code, ExceptionVector vector, nuint errorCode, ReadOnlySpan<byte> what, nuint offset = 0)
    {
        int slot = RunOnce(code);
        Probe.ExpectException(slot, vector, errorCode, what);
        Expect.Equal(Address + offset, ThreadTable.At(slot).Fault.InstructionPointer, what);
        Expect.Equal(0, Probe.Request(0).IsDone, what);
    }

    /// <summary>Instructions are kept from user mode: a general-protection fault with error code 0.</summary>
    public static void ExpectPrivileged(ReadOnlySpan<byte> code, ReadOnlySpan<byte> what) =>
        ExpectException(code, ExceptionVector.GeneralProtection, 0, what);

    private static void LoadAt(int scratchPage, ReadOnlySpan<byte> code)
    {
        Span<byte> page = View(scratchPage);
        page.Fill(Breakpoint);
        code.CopyTo(page);
    }

    // The kernel's view of a page of scratch memory.
    private static Span<byte> View(int page) => UserMemory.View(Probe.ScratchAddress(page), PageSize.ByteCount);

    private static nuint Tables(int index)
    {
        nuint* words = stackalloc nuint[4];
        ImportStoreTables(words);
        return words[index];
    }

    [RuntimeImport("*", "guest_user_code")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportUserCode(int index);

    [RuntimeImport("*", "guest_store_tables")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportStoreTables(nuint* four);
}

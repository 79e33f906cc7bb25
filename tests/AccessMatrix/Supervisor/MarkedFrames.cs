// The frames that the probed page can lead to, one for each size of page, each with a content by which it is known when it is read, executed or asked
// for a descriptor.

using System.Runtime.CompilerServices;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>Frames with a content of their own.</summary>
internal static unsafe class MarkedFrames
{
    /// <summary>Offset of what is executed: it says which frame it lies in.</summary>
    public const nuint CodeOffset = 0x100;

    /// <summary>Offset of what is read.</summary>
    public const nuint DataOffset = 0x200;

    /// <summary>Offset of what is written.</summary>
    public const nuint TargetOffset = 0x240;

    /// <summary>Offset of a segment descriptor whose limit says which frame it lies in.</summary>
    public const nuint DescriptorOffset = 0x280;

    /// <summary>Physical address of the page that a leaf of level 2 maps: memory that nobody else uses.</summary>
    public const nuint LargePage = 16 << 20;

    private const nuint PageByteCount = 4096;
    private const byte MoveImmediateToEax = 0xB8;
    private const byte Interrupt = 0xCD;
    private const byte DoneVector = 0x81;
    private const uint Scramble = 0x5A5A5;
    private const ulong WritableDataOfUser = 0xF3ul << 40;
    private const uint LimitMask = 0xFFFFF;

    private static LevelFrames s_frames;
    private static LevelFrames s_views;

    /// <summary>Prepares the frames; the scratch tables are built.</summary>
    public static void Prepare()
    {
        for (int level = 1; level <= ScratchTables.LeafLevelCount; level++)
        {
            nuint frame = level == 1 ? ScratchTables.TakeFrame() : LeafAddress(level) + Offset(level);
            s_frames[level] = frame;
            s_views[level] = ScratchTables.Map(frame, isForUser: false);
        }
    }

    /// <summary>Writes the contents; the scratch tables are loaded.</summary>
    public static void Fill()
    {
        for (int level = 1; level <= ScratchTables.LeafLevelCount; level++)
        {
            nuint view = s_views[level];
            uint mark = Mark(s_frames[level]);
            KernelMemory.At<byte>(view + CodeOffset) = MoveImmediateToEax;
            KernelMemory.At<uint>(view + CodeOffset + 1) = mark;
            KernelMemory.At<byte>(view + CodeOffset + 5) = Interrupt;
            KernelMemory.At<byte>(view + CodeOffset + 6) = DoneVector;
            KernelMemory.At<uint>(view + DataOffset) = mark;
            KernelMemory.At<ulong>(view + DescriptorOffset) = (mark & 0xFFFF) | ((ulong)(mark >> 16) << 48) | WritableDataOfUser;
            if (KernelMemory.At<uint>(view + DataOffset) != mark)
            {
                Panic.Stop("the matrix needs 32 MiB of memory; there is none at"u8, s_frames[level]);
            }
        }
    }

    /// <summary>The physical address that a leaf is built with.</summary>
    /// <param name="level">1 for a PTE.</param>
    public static nuint LeafAddress(int level) => level switch
    {
        1 => s_frames[1],
        2 => LargePage,
        _ => 0, // the first GiB is all that a small machine has
    };

    /// <summary>What a frame says when it is reached: 20 bits, so that a segment limit can say it, too.</summary>
    public static uint Mark(ulong physicalAddress) => ((uint)(physicalAddress / PageByteCount) ^ Scramble) & LimitMask;

    /// <summary>The word that is written, in the frame that the leaf of a level leads to.</summary>
    public static ref uint Target(int level) => ref KernelMemory.At<uint>(s_views[level] + TargetOffset);

    // Where the probed page lies in the page of that level.
    private static nuint Offset(int level) => ScratchTables.ProbePage & (ScratchTables.PageByteCountOf(level) - 1);

    [InlineArray(4)]
    private struct LevelFrames
    {
        private nuint _frame;
    }
}

// A set of page tables beside the kernel's: the kernel as it is mapped, and a window whose entries the matrix writes as it likes. Execute-disable is
// taken out of the kernel's part, so that the bit can be a reserved one (EFER.NXE clear) while the kernel runs.

using System.Runtime.CompilerServices;
using Ringfence.Kernel;
using Ringfence.Machine;
#if FORMAT_IA32
using Entry = uint;
#else
using Entry = ulong;
#endif

namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>The tables, in frames of the image, where virtual and physical addresses are the same.</summary>
internal static unsafe class ScratchTables
{
    private const nuint PageByteCount = 4096;
    private const nuint FrameCount = 20;
    private const Entry Present = 1;
    private const Entry Writable = 2;
    private const Entry User = 4;
    private const Entry LargePage = 0x80;

#if FORMAT_IA32
    /// <summary>Levels; the lowest is 1.</summary>
    public const int LevelCount = 2;

    /// <summary>Levels that can hold a leaf.</summary>
    public const int LeafLevelCount = 2;

    private const int IndexBits = 10;
    private const int RootEntryCount = 1024;
    private const Entry ExecuteDisable = 0;
    private const Entry AddressMask = 0xFFFF_F000;
    private static nuint ViewWindow => 0x8000_0000;

    /// <summary>The page that is accessed. Each index is one that no other level has, so that taking one for another shows.</summary>
    public static nuint ProbePage => 0x4135_5000;
#elif FORMAT_PAE
    /// <inheritdoc cref="LevelCount"/>
    public const int LevelCount = 3;

    /// <inheritdoc cref="LeafLevelCount"/>
    public const int LeafLevelCount = 2;

    private const int IndexBits = 9;
    private const int RootEntryCount = 4;
    private const Entry ExecuteDisable = 1ul << 63;
    private const Entry AddressMask = 0x000F_FFFF_FFFF_F000;
    private static nuint ViewWindow => 0x8000_0000;

    /// <inheritdoc cref="ProbePage"/>
    public static nuint ProbePage => 0x4135_5000;
#else
    /// <inheritdoc cref="LevelCount"/>
    public const int LevelCount = 4;

    /// <inheritdoc cref="LeafLevelCount"/>
    public const int LeafLevelCount = 3;

    private const int IndexBits = 9;
    private const int RootEntryCount = 512;
    private const Entry ExecuteDisable = 1ul << 63;
    private const Entry AddressMask = 0x000F_FFFF_FFFF_F000;
    private static nuint ViewWindow => unchecked((nuint)(2ul << 39));

    /// <inheritdoc cref="ProbePage"/>
    public static nuint ProbePage => unchecked((nuint)((1ul << 39) | (0xA3ul << 30) | 0x135_5000));
#endif

    private static Frames s_frames;
    private static nuint s_framesTaken;
    private static nuint s_root;
    private static nuint s_viewTable;
    private static int s_viewCount;
    private static LevelTables s_probed;

    /// <summary>What CR3 takes.</summary>
    public static nuint Root => s_root;

    /// <summary>Builds the tables; the kernel's own are loaded.</summary>
    public static void Build()
    {
        s_root = CopyOf(Processor.ReadControl3(), LevelCount);
        nuint viewTable = s_root;
        s_probed[LevelCount] = s_root;
        for (int level = LevelCount; level > 1; level--)
        {
            s_probed[level - 1] = TakeFrame();
            viewTable = Link(viewTable, level, ViewWindow);
        }

        s_viewTable = viewTable;
    }

    /// <summary>The table of a level that the probed page's translation goes through.</summary>
    /// <param name="level">1 for the page table.</param>
    public static nuint ProbedTable(int level) => s_probed[level];

    /// <summary>The entry of a level that the probed page's translation uses.</summary>
    /// <param name="level">1 for the PTE.</param>
    public static ref Entry ProbedEntry(int level) =>
        ref ((Entry*)s_probed[level])[Index(ProbePage, level)];

    /// <summary>Bytes that a leaf of a level maps.</summary>
    /// <param name="level">1 for a PTE.</param>
    public static nuint PageByteCountOf(int level) => PageByteCount << (IndexBits * (level - 1));

    /// <summary>Maps a frame for the supervisor, to be read and written, or for user mode, to be executed.</summary>
    /// <returns>Its address.</returns>
    public static nuint Map(nuint frame, bool isForUser)
    {
        int index = s_viewCount++;
        ((Entry*)s_viewTable)[index] = (Entry)frame | Present | (isForUser ? User : Writable);
        return ViewWindow + ((nuint)(uint)index * PageByteCount);
    }

    /// <summary>A page of zeros.</summary>
    public static nuint TakeFrame()
    {
        if (s_framesTaken == FrameCount)
        {
            Panic.Stop("the matrix has too few frames:"u8, FrameCount);
        }

        nuint first = (KernelMemory.AddressOf(ref s_frames) + PageByteCount - 1) & ~(PageByteCount - 1);
        return first + (s_framesTaken++ * PageByteCount);
    }

    private static nuint CopyOf(nuint source, int level)
    {
        nuint copy = TakeFrame();
        int count = level == LevelCount ? RootEntryCount : 1 << IndexBits;
        for (int index = 0; index < count; index++)
        {
            Entry entry = ((Entry*)source)[index];
            if ((entry & Present) != 0 && level > 1 && (entry & LargePage) == 0)
            {
                entry = (entry & ~AddressMask) | (Entry)CopyOf((nuint)(entry & AddressMask), level - 1);
            }

            ((Entry*)copy)[index] = entry & ~ExecuteDisable;
        }

        return copy;
    }

    private static nuint Link(nuint table, int level, nuint address)
    {
        nuint next = TakeFrame();
        bool isDirectoryPointer = LevelCount == 3 && level == 3; // has no rights of its own
        ((Entry*)table)[Index(address, level)] = (Entry)next | (isDirectoryPointer ? Present : Present | Writable | User);
        return next;
    }

    private static int Index(nuint address, int level) => (int)(address >> (12 + (IndexBits * (level - 1)))) & ((1 << IndexBits) - 1);

    [InlineArray((int)((FrameCount + 1) * PageByteCount / 8))]
    private struct Frames
    {
        private ulong _word;
    }

    [InlineArray(LevelCount + 1)]
    private struct LevelTables
    {
        private nuint _table;
    }
}

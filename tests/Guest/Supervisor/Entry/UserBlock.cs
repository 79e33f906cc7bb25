// What tests tell the pieces of usercode.asm and what these answer: blocks of 1 KiB in the page of data, four of them. The offsets are
// those of the assembly files; every field takes 8 bytes on both architectures.

using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class UserBlock
{
    public const int Count = 4;

    /// <summary>Registers with patterns in <see cref="UserCodePiece.PatternLoop"/>, and xmm registers likewise.</summary>
    public const int PatternCount = 16;

    /// <summary>xmm registers that an FXSAVE image holds on this architecture.</summary>
    public static int VectorCount => nuint.Size == 8 ? 16 : 8;

    private const nuint ByteCount = 1024;
    private const nuint StopOffset = 0;
    private const nuint CallOffset = 8;
    private const nuint FlagsOffset = 16;
    private const nuint BeforeOffset = 24;
    private const nuint CountOffset = 32;
    private const nuint FailureOffset = 40;
    private const nuint ControlOffset = 48;
    private const nuint MediaControlOffset = 52;
    private const nuint NumberOffset = 56;
    private const nuint RegistersOffset = 64;
    private const nuint ScratchOffset = 208;
    private const nuint VectorsOffset = 256;
    private const nuint StateOffset = 512;

    // FXSAVE image (Intel SDM vol. 1, 10.5.1)
    private const nuint StateMediaControl = 24;
    private const nuint StateFloatingPoint = 32;
    private const nuint StateVectors = 160;

    /// <summary>User mode's address of a block.</summary>
    public static nuint AddressOf(int index) => Probe.ScratchAddress(1) + ((nuint)(uint)index * ByteCount);

    public static ref uint Stop(int index) => ref At<uint>(index, StopOffset);

    public static ref ulong Call(int index) => ref At<ulong>(index, CallOffset);

    public static ref ulong Flags(int index) => ref At<ulong>(index, FlagsOffset);

    public static ref ulong FlagsBefore(int index) => ref At<ulong>(index, BeforeOffset);

    public static ref uint RoundCount(int index) => ref At<uint>(index, CountOffset);

    public static ref uint Failure(int index) => ref At<uint>(index, FailureOffset);

    public static ref ulong Register(int index, int register) => ref At<ulong>(index, RegistersOffset + ((nuint)(uint)register * 8));

    public static ref ulong Scratch(int index) => ref At<ulong>(index, ScratchOffset);

    /// <summary>The x87 control word to load.</summary>
    public static ref ushort ControlWord(int index) => ref At<ushort>(index, ControlOffset);

    /// <summary>The MXCSR to load.</summary>
    public static ref uint MediaControlWord(int index) => ref At<uint>(index, MediaControlOffset);

    /// <summary>The double to load into st0.</summary>
    public static ref ulong Number(int index) => ref At<ulong>(index, NumberOffset);

    /// <summary>One byte of the xmm registers in the FXSAVE image.</summary>
    public static byte StateVectorByte(int index, int offset) => At<byte>(index, StateOffset + StateVectors + (nuint)(uint)offset);

    /// <summary>One byte of the x87 registers in the FXSAVE image: eight times 16 bytes.</summary>
    public static byte StateFloatingPointByte(int index, int offset) => At<byte>(index, StateOffset + StateFloatingPoint + (nuint)(uint)offset);

    public static ushort StateControlWord(int index) => At<ushort>(index, StateOffset);

    /// <summary>The abridged tag word: a bit for every x87 register that isn't empty.</summary>
    public static byte StateTags(int index) => At<byte>(index, StateOffset + 4);

    public static uint StateMediaControlWord(int index) => At<uint>(index, StateOffset + StateMediaControl);

    /// <summary>Patterns that no other seed gives, for the loop that compares them: general and xmm registers, both control words, a number.</summary>
    public static void FillPatterns(int index, uint seed)
    {
        for (int register = 0; register < PatternCount; register++)
        {
            ulong pattern = 0x9E3779B97F4A7C15UL * (ulong)((seed * 64) + (uint)register + 1);
            Register(index, register) = pattern;
            At<ulong>(index, VectorsOffset + ((nuint)(uint)register * 16)) = ~pattern;
            At<ulong>(index, VectorsOffset + ((nuint)(uint)register * 16) + 8) = pattern ^ 0x5555555555555555UL;
        }

        // Every exception masked; rounding control and, for SSE, flush-to-zero differ from seed to seed.
        ControlWord(index) = (ushort)(0x037F | ((seed & 3) << 10));
        MediaControlWord(index) = 0x1F80 | ((seed & 3) << 13) | ((seed & 1) << 15);
        Number(index) = 0x3FF0_0000_0000_0000UL | ((ulong)seed << 32); // 1.xxx, exact
        Stop(index) = 0;
        RoundCount(index) = 0;
        Failure(index) = 0;
    }

    private static ref T At<T>(int index, nuint offset)
        where T : unmanaged => ref KernelMemory.At<T>(AddressOf(index) + AddressLayout.ViewOffset + offset);
}

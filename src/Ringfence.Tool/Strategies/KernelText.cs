// The kernel's instructions as the image file holds them: which of those that are executed are flushes.

using System;
using System.IO;
using System.Linq;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Strategies;

/// <summary>The code of an image's kernel.</summary>
/// <param name="start">Address of its first byte.</param>
/// <param name="content">Its bytes.</param>
/// <param name="isLongMode">Whether 40 to 4F are prefixes that widen registers; elsewhere they are instructions of their own.</param>
public sealed class KernelText(ulong start, byte[] content, bool isLongMode)
{
    private const string Region = "kernel.text";
    private const byte TwoByteOpcode = 0x0F;

    /// <summary>Reads it from an image.</summary>
    /// <param name="layout">The image's map.</param>
    /// <param name="imagePath">Its file.</param>
    /// <exception cref="ToolException">The file can't be read, or is not the map's.</exception>
    public static KernelText Load(ImageLayout layout, string imagePath)
    {
        ArgumentNullException.ThrowIfNull(layout);
        LayoutRegion region = layout.Regions.SingleOrDefault(static region => region.Name == Region)
            ?? throw ToolException.Failure($"the map of {imagePath} has no region {Region}");
        try
        {
            byte[] file = File.ReadAllBytes(imagePath);
            return new(region.Start, file[(int)region.FileOffset..(int)(region.FileOffset + region.FileBytes)], layout.Format == GuestFormat.X8664.Name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw ToolException.Failure($"cannot read {imagePath}: {failure.Message}");
        }
    }

    /// <summary>Whether INVLPG is at an address: 0F 01 /7 with an operand in memory (Intel SDM vol. 2A).</summary>
    public bool IsInvalidatePage(ulong address) =>
        Opcode(address) is [TwoByteOpcode, 0x01, byte operand, ..] && (operand & 0b0011_1000) == 0b0011_1000 && operand < 0b1100_0000;

    /// <summary>Whether a write of CR3 is at an address: MOV to a control register, 0F 22 /3 (vol. 2B); or INVPCID, which does its work where sets have contexts, 66 0F 38 82 (vol. 2A).</summary>
    public bool IsControl3Write(ulong address) =>
        (Opcode(address) is [TwoByteOpcode, 0x22, byte operand, ..] && (operand & 0b0011_1000) == 0b0001_1000)
        || At(address) is [0x66, TwoByteOpcode, 0x38, 0x82, ..];

    private ReadOnlySpan<byte> Opcode(ulong address) => isLongMode && At(address) is [>= 0x40 and <= 0x4F, .. var rest] ? rest : At(address);

    private ReadOnlySpan<byte> At(ulong address) => address < start || address - start >= (ulong)content.Length ? [] : content.AsSpan((int)(address - start));
}

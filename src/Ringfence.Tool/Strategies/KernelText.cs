// The kernel's instructions as the image file holds them: which of those that are executed are flushes.

using System;
using System.IO;
using System.Linq;
using Iced.Intel;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Strategies;

/// <summary>The code of an image's kernel.</summary>
/// <param name="start">Address of its first byte.</param>
/// <param name="content">Its bytes.</param>
/// <param name="isLongMode">Whether it is 64-bit code.</param>
public sealed class KernelText(ulong start, byte[] content, bool isLongMode)
{
    private const string Region = "kernel.text";

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

    /// <summary>Whether INVLPG is at an address.</summary>
    public bool IsInvalidatePage(ulong address) => At(address).Mnemonic == Mnemonic.Invlpg;

    /// <summary>Whether a write of CR3 is at an address; or INVPCID, which does its work where sets have contexts.</summary>
    public bool IsControl3Write(ulong address)
    {
        Instruction instruction = At(address);
        return instruction.Mnemonic == Mnemonic.Invpcid
            || (instruction.Mnemonic == Mnemonic.Mov && instruction.Op0Kind == OpKind.Register && instruction.Op0Register == Register.CR3);
    }

    // An invalid one where the kernel has no code.
    private Instruction At(ulong address) => address < start || address - start >= (ulong)content.Length
        ? default
        : Decoder.Create(isLongMode ? 64 : 32, new ByteArrayCodeReader(content, (int)(address - start), content.Length - (int)(address - start)), address).Decode();
}

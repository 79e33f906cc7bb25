using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>The image's description of itself, as the image builder emitted it.</summary>
public static unsafe class ImageTable
{
    /// <summary>The regions of the image and what it holds.</summary>
    public static ref readonly ImageDescription Description
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *(ImageDescription*)(delegate*<void>)&ImageDescriptionSymbol;
    }

    /// <summary>The component <paramref name="index"/>, 0 to <see cref="ImageDescription.ComponentCount"/> - 1.</summary>
    public static ref readonly ComponentDescription Component(int index) => ref ((ComponentDescription*)Description.Components)[index];

    /// <summary>The shared partition <paramref name="index"/>, 0 to <see cref="ImageDescription.SharedPartitionCount"/> - 1.</summary>
    public static ref readonly SharedPartitionDescription SharedPartition(int index) =>
        ref ((SharedPartitionDescription*)Description.SharedPartitions)[index];

    /// <summary>The declared kernel object <paramref name="index"/>, 0 to <see cref="ImageDescription.ObjectCount"/> - 1.</summary>
    public static ref readonly ObjectDescription DeclaredObject(int index) => ref ((ObjectDescription*)Description.Objects)[index];

    /// <summary>The grant <paramref name="index"/> of a component, 0 to <see cref="ComponentDescription.GrantCount"/> - 1.</summary>
    public static ref readonly GrantDescription Grant(in ComponentDescription component, int index) =>
        ref ((GrantDescription*)component.Grants)[index];

    /// <summary>A name of the image, ASCII.</summary>
    public static ReadOnlySpan<byte> Name(nuint address, nuint length) => new((void*)address, (int)length);

    // Never called: it is data; see KernelTables.
    [RuntimeImport("*", "image_description")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImageDescriptionSymbol();
}

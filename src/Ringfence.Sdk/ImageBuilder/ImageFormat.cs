// The paging formats as the builder sees them: which compiler target, which object format, how many page tables.

namespace Ringfence.ImageBuilder;

/// <summary>A paging format an image can be built for.</summary>
internal enum ImageFormat
{
    /// <summary>x86-64, four levels.</summary>
    X8664,

    /// <summary>IA-32 with physical-address extension, three levels.</summary>
    Pae,

    /// <summary>IA-32, two levels, no execute-disable.</summary>
    Ia32,
}

/// <summary>What follows from a format.</summary>
internal static class ImageFormats
{
    /// <summary>The formats' names in properties, file names and the map.</summary>
    public static ImageFormat? Parse(string name) => name switch
    {
        "x86-64" => ImageFormat.X8664,
        "pae" => ImageFormat.Pae,
        "ia32" => ImageFormat.Ia32,
        _ => null,
    };

    public static string Name(this ImageFormat format) => format switch
    {
        ImageFormat.X8664 => "x86-64",
        ImageFormat.Pae => "pae",
        _ => "ia32",
    };

    /// <summary>Whether code is 64-bit; it decides the object format too: ELF for 64 bits, COFF for 32.</summary>
    public static bool Is64Bit(this ImageFormat format) => format == ImageFormat.X8664;

    /// <summary>Bytes in a pointer.</summary>
    public static int PointerSize(this ImageFormat format) => format.Is64Bit() ? 8 : 4;
}

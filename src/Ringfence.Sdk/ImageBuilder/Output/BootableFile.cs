// The bootable file with an account of its bytes, for the map.

using Ringfence.ImageBuilder.Linking;

namespace Ringfence.ImageBuilder.Output;

/// <summary>A file for the loader.</summary>
/// <param name="Content">All of it.</param>
/// <param name="HeaderBytes">Size of the file header, with which it begins.</param>
/// <param name="ProgramHeaderBytes">Size of all program headers, which follow.</param>
/// <param name="Offsets">Where the content of each region with content begins. What lies between is padding.</param>
internal sealed record BootableFile(byte[] Content, int HeaderBytes, int ProgramHeaderBytes, IReadOnlyDictionary<Region, long> Offsets);

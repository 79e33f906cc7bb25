// Writes addresses into the places that refer to them.

using System.Buffers.Binary;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Applies relocations to a copy of a fragment's bytes.</summary>
internal static class RelocationApplier
{
    /// <summary>Patches <paramref name="bytes"/>, the fragment's content, with the addresses of what <paramref name="resolve"/> finds.</summary>
    public static void Apply(Fragment fragment, Span<byte> bytes, Func<Symbol, Symbol?> resolve, string owner)
    {
        foreach (Relocation relocation in fragment.Relocations)
        {
            Symbol? target = resolve(relocation.Target);
            // What only debug information refers to may have been left out; it then names no address.
            ulong address = target is null || target.Fragment is { IsLive: false } ? 0 : target.Address;
            long value = (long)address + relocation.Addend;
            Span<byte> place = bytes[relocation.Offset..];
            bool fits = true;
            switch (relocation.Kind)
            {
                case RelocationKind.Absolute64:
                    BinaryPrimitives.WriteInt64LittleEndian(place, value);
                    break;
                case RelocationKind.Absolute32:
                    fits = value is >= 0 and <= uint.MaxValue;
                    BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)value);
                    break;
                case RelocationKind.SignedAbsolute32:
                    fits = value is >= int.MinValue and <= int.MaxValue;
                    BinaryPrimitives.WriteInt32LittleEndian(place, (int)value);
                    break;
                case RelocationKind.Relative32:
                    value -= (long)fragment.Address + relocation.Offset;
                    fits = value is >= int.MinValue and <= int.MaxValue;
                    BinaryPrimitives.WriteInt32LittleEndian(place, (int)value);
                    break;
                default:
                    throw new BuildFailedException(
                        "RF2008",
                        owner,
                        $"Relocation type {relocation.RawType} in {fragment.Section} of {Path.GetFileName(fragment.File.Path)} is not supported");
            }

            if (!fits && fragment.Kind != SectionKind.Debug)
            {
                throw new BuildFailedException("RF2008", owner, $"A reference from {fragment.Section} to {relocation.Target.Name} does not fit its place");
            }
        }
    }
}

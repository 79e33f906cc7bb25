// The whole state of an adversarial processor written down in one way only, so that a search over programs knows where it has been.

using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ringfence.Simulator;

/// <summary>Memory, registers, control bits and everything held, as bytes: equal if and only if nothing that software does from here on can tell two states apart.</summary>
public readonly struct CacheState : IEquatable<CacheState>
{
    // Linear, target, context, level, traits, lost bits, sources.
    private const int HeldByteCount = 8 + 8 + 2 + 1 + 1 + 1 + (SourcePath.LevelLimit * 4);

    private readonly byte[] _bytes;

    internal CacheState(ReadOnlySpan<byte> memory, ReadOnlySpan<ulong> registers, int controlBits, ReadOnlySpan<HeldEntry> sorted)
    {
        _bytes = new byte[memory.Length + (registers.Length * 8) + 4 + (sorted.Length * HeldByteCount)];
        memory.CopyTo(_bytes);
        Span<byte> rest = _bytes.AsSpan(memory.Length);
        MemoryMarshal.AsBytes(registers).CopyTo(rest);
        rest = rest[(registers.Length * 8)..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, controlBits);
        rest = rest[4..];
        foreach (ref readonly HeldEntry entry in sorted)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(rest, entry.Linear);
            BinaryPrimitives.WriteUInt64LittleEndian(rest[8..], entry.Target);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[16..], entry.Context);
            rest[18] = entry.Level;
            rest[19] = (byte)entry.Traits;
            rest[20] = entry.AccessedLost;
            MemoryMarshal.AsBytes((ReadOnlySpan<uint>)entry.Sources).CopyTo(rest[21..]);
            rest = rest[HeldByteCount..];
        }
    }

    /// <summary>The bytes, for a digest of more than 32 bits.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether two states are the same.</summary>
    public static bool operator ==(CacheState left, CacheState right) => left.Equals(right);

    /// <summary>Whether two states differ.</summary>
    public static bool operator !=(CacheState left, CacheState right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(CacheState other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CacheState other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }
}

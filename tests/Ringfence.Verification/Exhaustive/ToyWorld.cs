// What the search needs to know of a world: how to copy it, what may be done in it, and how to tell two of them apart.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace Ringfence.Verification.Exhaustive;

/// <summary>A state of a machine on the toy geometry together with the model that judges it.</summary>
internal abstract class ToyWorld
{
    /// <summary>What can be done, by name; the number of an operation is its place in this list.</summary>
    public abstract IReadOnlyList<string> Alphabet { get; }

    /// <summary>An independent copy.</summary>
    public abstract ToyWorld Clone();

    /// <summary>Carries out an operation with its flush, then judges.</summary>
    /// <returns>What is wrong now, or null.</returns>
    public abstract string? Do(int operation);

    /// <summary>Appends everything on which the further course depends.</summary>
    protected abstract void Describe(ref StateWriter writer);

    /// <summary>128 bits that tell this state apart from others.</summary>
    public UInt128 Digest()
    {
        StateWriter writer = new();
        Describe(ref writer);
        return writer.Digest();
    }
}

/// <summary>Collects the bytes of a state. The buffer is the thread's, used again for each state.</summary>
internal ref struct StateWriter
{
    [ThreadStatic]
    private static byte[]? t_buffer;

    private byte[] _buffer;
    private int _length;

    public StateWriter()
    {
        t_buffer ??= new byte[4096];
        _buffer = t_buffer;
    }

    public void Add(scoped ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length - _length < bytes.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes.Length));
            t_buffer = _buffer;
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    public void Add(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Add(bytes);
    }

    /// <summary>Half of a SHA-256: among a billion states the chance of an accidental match is below one in 10^20.</summary>
    public readonly UInt128 Digest()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.AsSpan(0, _length), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}

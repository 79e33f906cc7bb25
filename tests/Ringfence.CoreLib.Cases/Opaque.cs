// Without this the compiler would evaluate the cases itself, and the code under test would never run.
using System.Runtime.CompilerServices;

namespace Ringfence.CoreLib.Cases;

/// <summary>Hides a constant from the optimiser.</summary>
internal static class Opaque
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Value<T>(T value) => value;
}

/// <summary>A small pseudo-random sequence (xorshift64, Marsaglia 2003), the same in every world.</summary>
internal struct Sequence
{
    private ulong _state;

    public Sequence(ulong seed) => _state = seed;

    public ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state;
    }

    /// <summary>A number of random width, so that small and large ones are equally likely.</summary>
    public ulong NextOfAnyWidth()
    {
        int shift = (int)(Next() & 63);
        return Next() >> shift;
    }
}

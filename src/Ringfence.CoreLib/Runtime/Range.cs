// A start and an end: the type behind a..b.
using System.Diagnostics.CodeAnalysis;
using Internal.Runtime;

namespace System;

/// <summary>The positions from <see cref="Start"/> up to but without <see cref="End"/>.</summary>
public readonly struct Range : IEquatable<Range>
{
    public Range(Index start, Index end)
    {
        Start = start;
        End = end;
    }

    public static Range All => new(Index.Start, Index.End);

    public Index Start { get; }

    public Index End { get; }

    public static Range StartAt(Index start) => new(start, Index.End);

    public static Range EndAt(Index end) => new(Index.Start, end);

    /// <summary>Resolves both ends against a length; fails with <c>ArgumentOutOfRange</c> if the range doesn't lie within it.</summary>
    public (int Offset, int Length) GetOffsetAndLength(int length)
    {
        int start = Start.GetOffset(length);
        int end = End.GetOffset(length);
        if ((uint)end > (uint)length || (uint)start > (uint)end)
        {
            Failure.ArgumentOutOfRange();
        }

        return (start, end - start);
    }

    public bool Equals(Range other) => Start.Equals(other.Start) && End.Equals(other.End);

    public override bool Equals([NotNullWhen(true)] object? value) => value is Range other && Equals(other);

    public override int GetHashCode() => (Start.GetHashCode() * 31) + End.GetHashCode();
}

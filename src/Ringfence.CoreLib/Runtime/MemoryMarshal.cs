// Spans over arbitrary memory, and spans seen as other element types.
using System.Runtime.CompilerServices;
using Internal.Runtime;

namespace System.Runtime.InteropServices;

/// <summary>Conversions between references, spans and raw bytes.</summary>
/// <remarks>.NET also forbids element types with references in <c>Cast</c>, <c>AsBytes</c>, <c>Read</c> and <c>Write</c>; so does this.</remarks>
public static class MemoryMarshal
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<T> CreateSpan<T>(scoped ref T reference, int length) =>
        new(ref Unsafe.AsRef(in reference), length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<T> CreateReadOnlySpan<T>(scoped ref readonly T reference, int length) =>
        new(ref Unsafe.AsRef(in reference), length);

    /// <summary>The first element, or where it would be.</summary>
    public static ref T GetReference<T>(Span<T> span) => ref span.Reference;

    /// <summary>The first element, or where it would be.</summary>
    public static ref T GetReference<T>(ReadOnlySpan<T> span) => ref span.Reference;

    [Intrinsic]
    public static ref T GetArrayDataReference<T>(T[] array) => ref Unsafe.As<nuint, T>(ref Unsafe.As<RawArrayData>(array).Data);

    public static Span<byte> AsBytes<T>(Span<T> span)
        where T : struct
    {
        RequireNoReferences<T>();
        return new Span<byte>(ref Unsafe.As<T, byte>(ref span.Reference), ByteLength<T>(span.Length));
    }

    public static ReadOnlySpan<byte> AsBytes<T>(ReadOnlySpan<T> span)
        where T : struct
    {
        RequireNoReferences<T>();
        return new ReadOnlySpan<byte>(ref Unsafe.As<T, byte>(ref span.Reference), ByteLength<T>(span.Length));
    }

    public static Span<TTo> Cast<TFrom, TTo>(Span<TFrom> span)
        where TFrom : struct
        where TTo : struct
    {
        RequireNoReferences<TFrom>();
        RequireNoReferences<TTo>();
        return new Span<TTo>(ref Unsafe.As<TFrom, TTo>(ref span.Reference), CastLength<TFrom, TTo>(span.Length));
    }

    public static ReadOnlySpan<TTo> Cast<TFrom, TTo>(ReadOnlySpan<TFrom> span)
        where TFrom : struct
        where TTo : struct
    {
        RequireNoReferences<TFrom>();
        RequireNoReferences<TTo>();
        return new ReadOnlySpan<TTo>(ref Unsafe.As<TFrom, TTo>(ref span.Reference), CastLength<TFrom, TTo>(span.Length));
    }

    public static T Read<T>(ReadOnlySpan<byte> source)
        where T : struct
    {
        RequireNoReferences<T>();
        if (Unsafe.SizeOf<T>() > source.Length)
        {
            Failure.ArgumentOutOfRange();
        }

        return Unsafe.ReadUnaligned<T>(ref source.Reference);
    }

    public static bool TryRead<T>(ReadOnlySpan<byte> source, out T value)
        where T : struct
    {
        RequireNoReferences<T>();
        if (Unsafe.SizeOf<T>() > source.Length)
        {
            value = default;
            return false;
        }

        value = Unsafe.ReadUnaligned<T>(ref source.Reference);
        return true;
    }

    public static void Write<T>(Span<byte> destination, in T value)
        where T : struct
    {
        if (!TryWrite(destination, in value))
        {
            Failure.ArgumentOutOfRange();
        }
    }

    public static bool TryWrite<T>(Span<byte> destination, in T value)
        where T : struct
    {
        RequireNoReferences<T>();
        if (Unsafe.SizeOf<T>() > destination.Length)
        {
            return false;
        }

        Unsafe.WriteUnaligned(ref destination.Reference, value);
        return true;
    }

    /// <summary>The start of a span seen as one value in place; fails with <c>ArgumentOutOfRange</c> if the span is too short.</summary>
    public static ref T AsRef<T>(Span<byte> span)
        where T : struct
    {
        RequireNoReferences<T>();
        if (Unsafe.SizeOf<T>() > span.Length)
        {
            Failure.ArgumentOutOfRange();
        }

        return ref Unsafe.As<byte, T>(ref span.Reference);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RequireNoReferences<T>()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            Failure.Argument();
        }
    }

    private static int ByteLength<T>(int count) => checked(count * Unsafe.SizeOf<T>());

    private static int CastLength<TFrom, TTo>(int count)
    {
        uint from = (uint)Unsafe.SizeOf<TFrom>();
        uint to = (uint)Unsafe.SizeOf<TTo>();
        if (from == to)
        {
            return count;
        }

        return checked((int)((ulong)(uint)count * from / to));
    }
}

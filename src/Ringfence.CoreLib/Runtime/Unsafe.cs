// Address arithmetic and reinterpretation. ILC 10.0 replaces every body marked as intrinsic by the instructions themselves.
using Internal.Runtime;

namespace System.Runtime.CompilerServices;

/// <summary>Pointer operations on references, without checks.</summary>
public static unsafe class Unsafe
{
#pragma warning disable CS8500 // Pointers to T: every T here is laid out without a collector in mind.
    [Intrinsic]
    public static void* AsPointer<T>(ref readonly T value)
        where T : allows ref struct => AsPointer(in value);

    [Intrinsic]
    public static int SizeOf<T>()
        where T : allows ref struct => sizeof(T);

    [Intrinsic]
    [return: Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(o))]
    public static T? As<T>(object? o)
        where T : class? => As<T>(o);

    [Intrinsic]
    public static ref TTo As<TFrom, TTo>(ref TFrom source)
        where TFrom : allows ref struct
        where TTo : allows ref struct => ref As<TFrom, TTo>(ref source);

    [Intrinsic]
    public static TTo BitCast<TFrom, TTo>(TFrom source)
        where TFrom : allows ref struct
        where TTo : allows ref struct
    {
        if (sizeof(TFrom) != sizeof(TTo))
        {
            Failure.NotSupported();
        }

        return ReadUnaligned<TTo>(ref As<TFrom, byte>(ref source));
    }

    [Intrinsic]
    public static ref T AsRef<T>(void* source)
        where T : allows ref struct => ref *(T*)source;

    [Intrinsic]
    public static ref T AsRef<T>(scoped ref readonly T source)
        where T : allows ref struct => ref AsRef(in source);

    [Intrinsic]
    public static ref T Add<T>(ref T source, int elementOffset)
        where T : allows ref struct => ref Add(ref source, elementOffset);

    [Intrinsic]
    public static ref T Add<T>(ref T source, nint elementOffset)
        where T : allows ref struct => ref Add(ref source, elementOffset);

    [Intrinsic]
    public static ref T Add<T>(ref T source, nuint elementOffset)
        where T : allows ref struct => ref Add(ref source, elementOffset);

    [Intrinsic]
    public static void* Add<T>(void* source, int elementOffset)
        where T : allows ref struct => (byte*)source + (elementOffset * (nint)sizeof(T));

    [Intrinsic]
    public static ref T AddByteOffset<T>(ref T source, nint byteOffset)
        where T : allows ref struct => ref AddByteOffset(ref source, byteOffset);

    [Intrinsic]
    public static ref T AddByteOffset<T>(ref T source, nuint byteOffset)
        where T : allows ref struct => ref AddByteOffset(ref source, byteOffset);

    [Intrinsic]
    public static ref T Subtract<T>(ref T source, int elementOffset)
        where T : allows ref struct => ref Subtract(ref source, elementOffset);

    [Intrinsic]
    public static nint ByteOffset<T>(ref readonly T origin, ref readonly T target)
        where T : allows ref struct => ByteOffset(in origin, in target);

    [Intrinsic]
    public static bool AreSame<T>(ref readonly T left, ref readonly T right)
        where T : allows ref struct => AreSame(in left, in right);

    [Intrinsic]
    public static bool IsAddressLessThan<T>(ref readonly T left, ref readonly T right)
        where T : allows ref struct => IsAddressLessThan(in left, in right);

    [Intrinsic]
    public static bool IsAddressGreaterThan<T>(ref readonly T left, ref readonly T right)
        where T : allows ref struct => IsAddressGreaterThan(in left, in right);

    [Intrinsic]
    public static bool IsNullRef<T>(ref readonly T source)
        where T : allows ref struct => AsPointer(in source) == null;

    [Intrinsic]
    public static ref T NullRef<T>()
        where T : allows ref struct => ref AsRef<T>(null);

    [Intrinsic]
    public static void SkipInit<T>(out T value)
        where T : allows ref struct => SkipInit(out value);

    [Intrinsic]
    public static T Read<T>(void* source)
        where T : allows ref struct => *(T*)source;

    [Intrinsic]
    public static void Write<T>(void* destination, T value)
        where T : allows ref struct => *(T*)destination = value;

    [Intrinsic]
    public static T ReadUnaligned<T>(void* source)
        where T : allows ref struct => *(T*)source;

    [Intrinsic]
    public static T ReadUnaligned<T>(scoped ref readonly byte source)
        where T : allows ref struct => As<byte, T>(ref AsRef(in source));

    [Intrinsic]
    public static void WriteUnaligned<T>(void* destination, T value)
        where T : allows ref struct => *(T*)destination = value;

    [Intrinsic]
    public static void WriteUnaligned<T>(ref byte destination, T value)
        where T : allows ref struct => As<byte, T>(ref destination) = value;

    /// <summary>Copies bytes between blocks, which may overlap.</summary>
    public static void CopyBlock(void* destination, void* source, uint byteCount) =>
        SpanHelpers.Memmove(ref *(byte*)destination, ref *(byte*)source, byteCount);

    /// <summary>Copies bytes between blocks, which may overlap.</summary>
    public static void CopyBlockUnaligned(void* destination, void* source, uint byteCount) =>
        SpanHelpers.Memmove(ref *(byte*)destination, ref *(byte*)source, byteCount);

    /// <summary>Sets every byte of a block.</summary>
    public static void InitBlock(void* startAddress, byte value, uint byteCount) =>
        SpanHelpers.Fill(ref *(byte*)startAddress, value, byteCount);

    /// <summary>Sets every byte of a block.</summary>
    public static void InitBlockUnaligned(void* startAddress, byte value, uint byteCount) =>
        SpanHelpers.Fill(ref *(byte*)startAddress, value, byteCount);
#pragma warning restore CS8500
}

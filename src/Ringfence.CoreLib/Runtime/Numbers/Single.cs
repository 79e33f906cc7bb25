// The floating-point number of 32 bits. The compiler does the arithmetic; there is no text form here.
namespace System;

/// <summary>An IEEE 754 number of 32 bits.</summary>
public readonly struct Single : IComparable<float>, IEquatable<float>
{
    public const float MaxValue = 3.40282346638528859e+38f;
    public const float MinValue = -MaxValue;
    public const float Epsilon = 1.4e-45f;
    public const float NaN = (float)0.0 / (float)0.0;
    public const float PositiveInfinity = (float)1.0 / (float)0.0;
    public const float NegativeInfinity = (float)-1.0 / (float)0.0;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly float _value;

#pragma warning disable CS1718 // Only NaN differs from itself.
    public static bool IsNaN(float f) => f != f;
#pragma warning restore CS1718

    public int CompareTo(float value) =>
        _value < value ? -1 : _value > value ? 1 : _value == value ? 0 : IsNaN(_value) ? (IsNaN(value) ? 0 : -1) : 1;

    public bool Equals(float obj) => _value == obj || (IsNaN(_value) && IsNaN(obj));

    public override bool Equals([Diagnostics.CodeAnalysis.NotNullWhen(true)] object? obj) => obj is float other && Equals(other);

    public override int GetHashCode()
    {
        // Both zeros are equal, and so are all NaNs: give each group one bit pattern.
        float value = IsNaN(_value) ? NaN : _value + (float)0.0;
        return Runtime.CompilerServices.Unsafe.BitCast<float, int>(value);
    }
}

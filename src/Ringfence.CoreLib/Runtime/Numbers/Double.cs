// The floating-point number of 64 bits. The compiler does the arithmetic; there is no text form here.
namespace System;

/// <summary>An IEEE 754 number of 64 bits.</summary>
public readonly struct Double : IComparable<double>, IEquatable<double>
{
    public const double MaxValue = 1.7976931348623157E+308;
    public const double MinValue = -MaxValue;
    public const double Epsilon = 4.9406564584124654E-324;
    public const double NaN = (double)0.0 / (double)0.0;
    public const double PositiveInfinity = (double)1.0 / (double)0.0;
    public const double NegativeInfinity = (double)-1.0 / (double)0.0;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly double _value;

#pragma warning disable CS1718 // Only NaN differs from itself.
    public static bool IsNaN(double d) => d != d;
#pragma warning restore CS1718

    public int CompareTo(double value) =>
        _value < value ? -1 : _value > value ? 1 : _value == value ? 0 : IsNaN(_value) ? (IsNaN(value) ? 0 : -1) : 1;

    public bool Equals(double obj) => _value == obj || (IsNaN(_value) && IsNaN(obj));

    public override bool Equals([Diagnostics.CodeAnalysis.NotNullWhen(true)] object? obj) => obj is double other && Equals(other);

    public override int GetHashCode()
    {
        // Both zeros are equal, and so are all NaNs: give each group one bit pattern.
        double value = IsNaN(_value) ? NaN : _value + (double)0.0;
        return Runtime.CompilerServices.Unsafe.BitCast<double, long>(value).GetHashCode();
    }
}

// A value that may be missing. ILC finds the two fields by name.
using System.Diagnostics.CodeAnalysis;
using Internal.Runtime;

namespace System;

/// <summary>A value of <typeparamref name="T"/>, or none.</summary>
public struct Nullable<T>
    where T : struct
{
    private readonly bool hasValue;
    internal T value;

    public Nullable(T value)
    {
        this.value = value;
        hasValue = true;
    }

    public readonly bool HasValue => hasValue;

    /// <summary>The value; fails with <c>InvalidOperation</c> if there is none.</summary>
    public readonly T Value
    {
        get
        {
            if (!hasValue)
            {
                Failure.InvalidOperation();
            }

            return value;
        }
    }

    public static implicit operator T?(T value) => new Nullable<T>(value);

    public static explicit operator T(T? value) => value!.Value;

    public readonly T GetValueOrDefault() => value;

    public readonly T GetValueOrDefault(T defaultValue) => hasValue ? value : defaultValue;

    public override bool Equals(object? other) => hasValue ? other is not null && value.Equals(other) : other is null;

    public override int GetHashCode() => hasValue ? value.GetHashCode() : 0;
}

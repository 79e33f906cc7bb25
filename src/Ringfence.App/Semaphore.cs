// Counting semaphores, by the rights that a component has on them.

using System;
using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>A counting semaphore that this component may take from and give to. Declared with <see cref="SemaphoreAttribute"/>, or created.</summary>
/// <remarks>The value is a handle that the kernel checks at every use: one that names no semaphore, or one that this component may not use so, ends the caller.</remarks>
public readonly struct Semaphore : IEquatable<Semaphore>
{
    private readonly int _handle;

    /// <summary>Takes a handle as it is; for generated code.</summary>
    public Semaphore(int handle) => _handle = handle;

    /// <summary>Creates a semaphore that this component alone can use. It is gone when the component ends or is restarted.</summary>
    /// <param name="initialCount">Units at the start, 0 to <paramref name="limit"/>.</param>
    /// <param name="limit">Units at most, 1 or more.</param>
    /// <param name="semaphore">The semaphore.</param>
    /// <returns>Success, or why there is none.</returns>
    public static SystemCallStatus TryCreate(int initialCount, int limit, out Semaphore semaphore)
    {
        long result = SystemCalls.CreateSemaphore(initialCount, limit);
        semaphore = result > 0 ? new Semaphore((int)result) : default;
        return result > 0 ? SystemCallStatus.Success : (SystemCallStatus)result;
    }

    /// <summary>Units that could be taken now. By the time the caller looks at it, it may be another number.</summary>
    public int Count => (int)SystemCalls.SemaphoreCount(_handle);

    /// <summary>Takes a unit, waiting for one behind more important threads and those that wait longer.</summary>
    /// <param name="timeoutTicks">How long; see <see cref="WaitTime"/>.</param>
    /// <returns>Success, HolderEnded (a success, too), TimedOut, PeerRestarted, PeerEnded or ObjectDestroyed.</returns>
    public SystemCallStatus Take(uint timeoutTicks = WaitTime.Forever) =>
        (SystemCallStatus)SystemCalls.SemaphoreTake(_handle, (nint)timeoutTicks);

    /// <summary>Gives a unit.</summary>
    /// <returns>Success, LimitReached, or NotHolder.</returns>
    public SystemCallStatus Give() => (SystemCallStatus)SystemCalls.SemaphoreGive(_handle);

    /// <summary>Destroys a semaphore that this component created. Any later use ends the caller.</summary>
    public void Destroy() => SystemCalls.DestroySemaphore(_handle);

    /// <inheritdoc/>
    public bool Equals(Semaphore other) => _handle == other._handle;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Semaphore other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _handle;

    /// <summary>The same semaphore.</summary>
    public static bool operator ==(Semaphore left, Semaphore right) => left._handle == right._handle;

    /// <summary>Different semaphores.</summary>
    public static bool operator !=(Semaphore left, Semaphore right) => left._handle != right._handle;
}

/// <summary>A counting semaphore that this component may only give to: it signals. See <see cref="Semaphore"/>.</summary>
public readonly struct SemaphoreGiver
{
    private readonly int _handle;

    /// <summary>Takes a handle as it is; for generated code.</summary>
    public SemaphoreGiver(int handle) => _handle = handle;

    /// <inheritdoc cref="Semaphore.Count"/>
    public int Count => new Semaphore(_handle).Count;

    /// <inheritdoc cref="Semaphore.Give"/>
    public SystemCallStatus Give() => new Semaphore(_handle).Give();
}

/// <summary>A counting semaphore that this component may only take from: it is signalled. See <see cref="Semaphore"/>.</summary>
public readonly struct SemaphoreTaker
{
    private readonly int _handle;

    /// <summary>Takes a handle as it is; for generated code.</summary>
    public SemaphoreTaker(int handle) => _handle = handle;

    /// <inheritdoc cref="Semaphore.Count"/>
    public int Count => new Semaphore(_handle).Count;

    /// <inheritdoc cref="Semaphore.Take"/>
    public SystemCallStatus Take(uint timeoutTicks = WaitTime.Forever) => new Semaphore(_handle).Take(timeoutTicks);
}

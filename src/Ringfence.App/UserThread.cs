// Threads of a component: they share its statics and its rights, each with a stack of its own that the others can't reach.

using System;
using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>A thread of this component, named by a handle that the kernel checks at every use.</summary>
public readonly unsafe struct UserThread : IEquatable<UserThread>
{
    private readonly int _handle;

    private UserThread(int handle) => _handle = handle;

    /// <summary>The thread that runs this code.</summary>
    public static UserThread Current => new((int)SystemCalls.CurrentThread());

    /// <summary>The argument that the thread that runs this code was created with; 0 for the main thread.</summary>
    public static nint Argument => (nint)SystemCalls.Argument();

    /// <summary>
    /// Creates a thread that will run <paramref name="entry"/>; it waits for <see cref="Start"/>. <paramref name="priority"/> is 0 (most
    /// important) to 15 and not more important than the caller's.
    /// </summary>
    /// <returns>Success, or why there is no thread.</returns>
    public static SystemCallStatus TryCreate(delegate*<nint, void> entry, nint argument, int priority, out UserThread thread)
    {
        long result = SystemCalls.CreateThread((nint)entry, argument, priority);
        thread = result > 0 ? new UserThread((int)result) : default;
        return result > 0 ? SystemCallStatus.Success : (SystemCallStatus)result;
    }

    /// <summary>Lets a created thread run. Starting a thread twice, or one that doesn't exist, ends the caller.</summary>
    public void Start() => SystemCalls.StartThread(_handle);

    /// <summary>Waits until the thread has ended. A handle that names no thread of this component, or the caller itself, ends the caller.</summary>
    /// <param name="exitCode">Its exit code; 0 if it returned from its entry.</param>
    /// <returns>Success, or <see cref="SystemCallStatus.ThreadFaulted"/>.</returns>
    public SystemCallStatus Join(out int exitCode)
    {
        long result = SystemCalls.Join(_handle);
        exitCode = result >= 0 ? (int)result : 0;
        return result >= 0 ? SystemCallStatus.Success : (SystemCallStatus)result;
    }

    /// <summary>Lets other threads of the same priority run.</summary>
    public static void Yield() => SystemCalls.Yield();

    /// <summary>Waits at least so many timer ticks; 0 yields.</summary>
    public static void Sleep(uint ticks) => SystemCalls.Sleep((nint)ticks);

    /// <summary>Ends the thread that runs this code.</summary>
    public static void Exit(int exitCode) => SystemCalls.Exit(exitCode);

    /// <inheritdoc/>
    public bool Equals(UserThread other) => _handle == other._handle;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UserThread other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _handle;

    /// <summary>The same thread.</summary>
    public static bool operator ==(UserThread left, UserThread right) => left._handle == right._handle;

    /// <summary>Different threads.</summary>
    public static bool operator !=(UserThread left, UserThread right) => left._handle != right._handle;
}

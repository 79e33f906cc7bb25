// Priorities are plain numbers; which end matters more is said in one place.

namespace Ringfence.Abi;

/// <summary>Range of thread priorities: 0 is the most important.</summary>
public static class ThreadPriority
{
    /// <summary>The most important priority.</summary>
    public const int Most = 0;

    /// <summary>The least important priority that a thread of a component or of the kernel can have; the idle thread lies below it.</summary>
    public const int Least = 15;

    /// <summary>Priority of a thread that says nothing else.</summary>
    public const int Default = 8;

    /// <summary>Whether <paramref name="left"/> runs before <paramref name="right"/>.</summary>
    public static bool IsMoreImportantThan(int left, int right) => left < right;
}

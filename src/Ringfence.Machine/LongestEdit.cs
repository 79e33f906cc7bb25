// In images built with the audit: how many entries of page tables were written between two moments at which interrupts could be served.

#if AUDIT
namespace Ringfence.Machine;

/// <summary>The longest edit that no interrupt could interrupt.</summary>
public static class LongestEdit
{
    private static uint s_begun;

    /// <summary>Entries of the longest one that has ended since <see cref="Reset"/>.</summary>
    public static uint EntryWrites { get; private set; }

    /// <summary>Forgets all that has been counted.</summary>
    public static void Reset()
    {
        s_begun = EntryWriteCounter.SinceBoot;
        EntryWrites = 0;
    }

    /// <summary>Interrupts could be served a moment ago, or will be in a moment.</summary>
    public static void End()
    {
        uint now = EntryWriteCounter.SinceBoot;
        if (now - s_begun > EntryWrites)
        {
            EntryWrites = now - s_begun;
        }

        s_begun = now;
    }
}
#endif

// How long a call may wait.

namespace Ringfence.App;

/// <summary>Times of waiting that are no number of ticks. A wait of so many ticks ends with that tick of the timer; the first may come at once.</summary>
public static class WaitTime
{
    /// <summary>Doesn't wait: a call that would have to answers <see cref="Abi.SystemCallStatus.TimedOut"/>.</summary>
    public const uint None = 0;

    /// <summary>Waits for as long as it takes.</summary>
    public const uint Forever = uint.MaxValue;
}

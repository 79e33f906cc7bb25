// Gives the partition of SoundWriter another type.

using Ringfence.App;

namespace Mismatched;

internal struct Note
{
    public int Value;
}

internal static partial class Program
{
    [ReadOnlyPartition]
    internal static partial ref readonly Note Board { get; }

    internal static int Main() => Board.Value;
}

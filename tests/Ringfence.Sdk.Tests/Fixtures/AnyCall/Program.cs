// Calls the kernel by a number that is known when it runs.

using Ringfence.Abi;
using Ringfence.App;

namespace Calling;

internal static class Program
{
    private static int s_number = 2;

    internal static int Main() => (int)Kernel.Call((SystemCall)s_number++);
}

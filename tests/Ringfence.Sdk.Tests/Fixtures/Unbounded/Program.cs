// Nobody can work out how much of a stack this takes: a recursion between two methods, and a call through a pointer, neither of which says how far it goes.

using System.Runtime.CompilerServices;

namespace Unbounded;

internal static unsafe class Program
{
    private static int s_value;
    private static nint s_function;

    internal static int Main()
    {
        s_value++;
        s_function += s_value;
        return Even(s_value) + Call((delegate*<int>)s_function);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Even(int value) => value == 0 ? 1 : Odd(value - 1) + s_value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Odd(int value) => value == 0 ? 0 : Even(value - 1) + s_value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Call(delegate*<int> function) => function() + s_value;
}

// The smallest component: ordinary C#, an ordinary static field, a clock and a console.

using Ringfence.App;

namespace Hello.Greeter;

internal static class Program
{
    private const int GreetingCount = 3;

    // Lies in this component's own partition: no other component of an image can read or write it.
    private static int s_greetings;

    internal static int Main()
    {
        while (s_greetings < GreetingCount)
        {
            s_greetings++;
            Terminal.WriteLine($"Greeter: greeting {s_greetings} of {GreetingCount} at tick {Machine.Ticks}");
            UserThread.Sleep(10);
        }

        return 0;
    }
}

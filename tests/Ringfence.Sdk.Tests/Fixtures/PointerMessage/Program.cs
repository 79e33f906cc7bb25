// Sends what has another size in every format.

using Ringfence.App;

namespace PointerMessages;

internal struct Inner
{
    public int Number;
    public nuint Address;
}

internal struct Outer
{
    public long Number;
    public Inner Inner;
}

internal static partial class Program
{
    [MessageQueue]
    private static partial MessageSender<Outer> Pointers { get; }

    internal static int Main()
    {
        Outer message = new() { Number = 1, Inner = new Inner { Number = 2, Address = 3 } };
        return (int)Pointers.Send(in message);
    }
}

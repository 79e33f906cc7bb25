// Has a frame with a buffer in it, below which the compiler puts a cookie.

using System;
using Ringfence.App;

namespace Framing;

internal static class Program
{
    internal static int Main()
    {
        Span<byte> text = stackalloc byte[64];
        text.Fill((byte)'.');
        Terminal.Write(text);
        return 0;
    }
}

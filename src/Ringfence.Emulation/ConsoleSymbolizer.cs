// Gives the addresses in fault reports their names: the kernel has no room for symbols, the host has the map.

using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Ringfence.Emulation;

/// <summary>Appends method names to the code addresses of console lines.</summary>
public sealed partial class ConsoleSymbolizer
{
    private readonly ImageMap _map;

    /// <summary>Creates a symbolizer over an image's map.</summary>
    public ConsoleSymbolizer(ImageMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _map = map;
    }

    /// <summary>
    /// Completes a line such as <c>fault   at 0x00104a2c</c> to <c>fault   at 0x00104a2c Wild.Program.Main() +0x1c</c>. Code addresses are those
    /// after <c>at</c> or, for a return address, <c>from</c>, where one of these is the line's first or second word; every other line, and one whose
    /// address lies in no known symbol, comes back as it is.
    /// </summary>
    public string Annotate(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        Match match = CodeAddress().Match(line);
        if (!match.Success)
        {
            return line;
        }

        ulong address = ulong.Parse(match.Groups["address"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

        // A call that never returns may be the last instruction of its method; the return address is then the next method's first.
        ulong inside = match.Groups["word"].ValueSpan is "from" && address != 0 ? address - 1 : address;
        return _map.Find(inside) is { } symbol
            ? string.Create(CultureInfo.InvariantCulture, $"{match.Value} {symbol.Name} +0x{address - symbol.Address:x}{line.AsSpan(match.Length)}")
            : line;
    }

    [GeneratedRegex(@"^\s*(\w+\s+)?(?<word>at|from) 0x(?<address>[0-9a-fA-F]{1,16})\b", RegexOptions.ExplicitCapture)]
    private static partial Regex CodeAddress();
}

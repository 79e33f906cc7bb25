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
    /// Rewrites every <c>at 0x00104a2c</c> whose address lies in a known symbol as <c>at 0x00104a2c Wild.Program.Main() +0x1c</c>; the rest
    /// of the line stays as it is.
    /// </summary>
    public string Annotate(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Contains("at 0x", StringComparison.Ordinal) ? CodeAddress().Replace(line, NameAddress) : line;
    }

    [GeneratedRegex(@"\bat 0x(?<address>[0-9a-fA-F]{1,16})\b", RegexOptions.ExplicitCapture)]
    private static partial Regex CodeAddress();

    private string NameAddress(Match match)
    {
        ulong address = ulong.Parse(match.Groups["address"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return _map.Find(address) is { } symbol
            ? string.Create(CultureInfo.InvariantCulture, $"{match.Value} {symbol.Name} +0x{address - symbol.Address:x}")
            : match.Value;
    }
}

// The emulator's own account of a run: which of a few routines it executed, in order. It knows nothing of what the guest counts.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Ringfence.Tool.Reports;

namespace Ringfence.Bench.Tests;

/// <summary>A trace of the calls of some routines.</summary>
internal sealed partial class EmulatorTrace : IDisposable
{
    // No routine that is traced is longer.
    private const int RoutineByteCount = 64;

    private readonly string _path = Path.GetTempFileName();
    private readonly Dictionary<ulong, string> _routines;

    /// <summary>Prepares a trace of the image with this map.</summary>
    public EmulatorTrace(ImageLayout layout, params string[] routines)
    {
        // IA-32's object format puts no prefix here; the names are those of the assembly sources in all formats.
        _routines = routines.ToDictionary(routine => layout.Symbols.Single(symbol => symbol.Name == routine).Address);
    }

    /// <summary>The emulator's arguments.</summary>
    public IReadOnlyList<string> Arguments =>
        ["-d", "exec,nochain", "-dfilter", string.Join(',', _routines.Keys.Select(static address => $"0x{address:x}+0x{RoutineByteCount:x}")), "-D", _path];

    /// <summary>Traces the block of code that begins at an address, too.</summary>
    public void Add(ulong address, string name) => _routines.Add(address, name);

    /// <summary>The routines in the order in which they were executed. The emulator has ended.</summary>
    public IReadOnlyList<string> Read()
    {
        List<string> calls = [];
        foreach (string line in File.ReadLines(_path))
        {
            if (Execution().Match(line) is { Success: true } execution && _routines.TryGetValue(Address(execution), out string? routine))
            {
                calls.Add(routine);
            }
            else if (Cancellation().Match(line) is { Success: true } cancellation && _routines.TryGetValue(Address(cancellation), out string? cancelled))
            {
                // The block was entered, and left before its first instruction because the emulator's time slice was over. It will be entered again.
                if (calls.Count == 0 || calls[^1] != cancelled)
                {
                    throw new InvalidDataException($"the trace takes back what it did not say before: {line}");
                }

                calls.RemoveAt(calls.Count - 1);
            }
        }

        return calls;
    }

    public void Dispose() => File.Delete(_path);

    private static ulong Address(Match match) => ulong.Parse(match.Groups["address"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // Trace 0: HOST [CS-BASE/ADDRESS/FLAGS/CFLAGS]
    [GeneratedRegex(@"^Trace \d+: \S+ \[[0-9a-f]+/(?<address>[0-9a-f]+)/")]
    private static partial Regex Execution();

    // Stopped execution of TB chain before HOST [ADDRESS]
    [GeneratedRegex(@"^Stopped execution of TB chain before \S+ \[(?<address>[0-9a-f]+)\]")]
    private static partial Regex Cancellation();
}

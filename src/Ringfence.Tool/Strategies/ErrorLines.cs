// Listens to what a build says, to keep the reason when it fails.

using System;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace Ringfence.Tool.Strategies;

/// <summary>Passes lines on and remembers the first that reports an error.</summary>
/// <param name="next">Receives all lines.</param>
public sealed class ErrorLines(TextWriter next) : TextWriter
{
    private const string Mark = ": error ";

    /// <summary>The first error, code and text; null if there was none.</summary>
    public string? First { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => next.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => next.Write(value);

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        Listen(value);
        next.WriteLine(value);
    }

    /// <inheritdoc/>
    public override Task WriteLineAsync(string? value)
    {
        Listen(value);
        return next.WriteLineAsync(value);
    }

    // MSBuild's form: place: error code: text [project].
    private void Listen(string? line)
    {
        int mark = line?.IndexOf(Mark, StringComparison.Ordinal) ?? -1;
        if (First is null && mark >= 0)
        {
            string error = line![(mark + Mark.Length)..];
            int project = error.EndsWith(']') ? error.LastIndexOf(" [", StringComparison.Ordinal) : -1;
            First = project < 0 ? error : error[..project];
        }
    }
}

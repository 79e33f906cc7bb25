// The builder speaks to people through MSBuild, which recognises one form of line: ORIGIN: error CODE: TEXT.

namespace Ringfence.ImageBuilder;

/// <summary>One thing that keeps the image from being built.</summary>
/// <param name="Code">RF20xx; docs/diagnostics.md says what each means.</param>
/// <param name="Origin">The component, project or file at fault.</param>
/// <param name="Line">Line in <paramref name="Origin"/> if that is a source file; otherwise 0.</param>
/// <param name="Text">What is wrong, with the offending value.</param>
internal sealed record Diagnostic(string Code, string Origin, int Line, string Text)
{
    public Diagnostic(string code, string origin, string text)
        : this(code, origin, 0, text)
    {
    }

    /// <summary>The line in MSBuild's canonical form.</summary>
    public override string ToString() => Line > 0 ? $"{Origin}({Line}): error {Code}: {Text}" : $"{Origin} : error {Code}: {Text}";
}

/// <summary>Ends the build; carries every diagnostic found up to then, so that one build shows all of them.</summary>
internal sealed class BuildFailedException : Exception
{
    public BuildFailedException(IReadOnlyList<Diagnostic> diagnostics)
        : base(string.Join(Environment.NewLine, diagnostics)) => Diagnostics = diagnostics;

    public BuildFailedException(string code, string origin, string text)
        : this([new Diagnostic(code, origin, text)])
    {
    }

    public IReadOnlyList<Diagnostic> Diagnostics { get; }
}

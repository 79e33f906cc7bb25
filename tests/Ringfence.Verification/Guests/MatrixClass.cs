namespace Ringfence.Verification.Guests;

/// <summary>Accesses of the matrix that are counted together, by the names on the guest's console.</summary>
/// <param name="Access">The access, such as <c>user-read</c>.</param>
/// <param name="Ending">How it is predicted to end, such as <c>denied</c>.</param>
/// <param name="Level">The level that decides, 1 for a PTE.</param>
public readonly record struct MatrixClass(string Access, string Ending, int Level)
{
    /// <summary>The words of the console.</summary>
    public override string ToString() => $"{Access} {Ending} {Level}";
}

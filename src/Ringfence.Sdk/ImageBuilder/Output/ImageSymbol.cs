// The names in an image, as the map, the fault reports' reader and the debugger want them.

using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Output;

/// <summary>A named place of the image.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Size">Bytes up to the next symbol of its fragment, or what the object says.</param>
/// <param name="Name">Its name in the object.</param>
/// <param name="Owner">"kernel" or the component.</param>
/// <param name="Method">The C# method it is the code of, or null.</param>
/// <param name="Entry">The same in metadata.</param>
/// <param name="IsCode">Whether it is in a text region.</param>
internal sealed record ImageSymbol(ulong Address, int Size, string Name, string Owner, string? Method, MethodEntry? Entry, bool IsCode)
{
    /// <summary>All symbols of live fragments, by address.</summary>
    public static IReadOnlyList<ImageSymbol> Of(LinkedImage image) =>
        [.. image.Scopes.SelectMany(Of).OrderBy(static symbol => symbol.Address).ThenBy(static symbol => symbol.Name, StringComparer.Ordinal)];

    private static IEnumerable<ImageSymbol> Of(LinkScope scope)
    {
        foreach (Fragment fragment in scope.LiveFragments.Where(static fragment => fragment.Kind != SectionKind.Debug))
        {
            int[] starts = [.. fragment.Symbols.Select(static symbol => symbol.Offset).Distinct(), fragment.Size];
            foreach (Symbol symbol in fragment.Symbols.Where(static symbol => symbol.Name.Length != 0))
            {
                int next = starts[Array.IndexOf(starts, symbol.Offset) + 1 < starts.Length ? Array.IndexOf(starts, symbol.Offset) + 1 : ^1];
                MethodEntry? entry = scope.Methods.Find(symbol.Name);
                yield return new ImageSymbol(
                    symbol.Address,
                    symbol.Size != 0 ? symbol.Size : next - symbol.Offset,
                    symbol.Name,
                    scope.Owner,
                    entry is null ? null : scope.Methods.DisplayName(symbol.Name),
                    entry,
                    fragment.Kind == SectionKind.Text);
            }
        }
    }
}

// Cuts a data section of compiler output at its symbols. The compiler emits tables for a runtime that does not exist here; what
// nothing refers to is then left out, where a whole section would keep it. Text stays whole: its line table assumes that.

namespace Ringfence.ImageBuilder.Objects;

/// <summary>Collects one section's symbols and relocations, then makes its fragments.</summary>
internal sealed class SectionBuilder(string name, SectionKind kind, int alignment, int size, ReadOnlyMemory<byte> content)
{
    public SectionKind Kind { get; } = kind;

    public List<(int Offset, Symbol Symbol)> Symbols { get; } = [];

    public List<Relocation> Relocations { get; } = [];

    public int Size { get; } = size;

    public ReadOnlyMemory<byte> Content { get; } = content;

    public string Name { get; } = name;

    private List<Fragment> Fragments { get; } = [];

    /// <summary>Makes the fragments and moves symbols and relocations into them.</summary>
    public void Finish(ObjectFile file, bool splitData)
    {
        SortedSet<int> starts = [0];
        if (splitData && Kind is SectionKind.ReadOnly or SectionKind.Data or SectionKind.ZeroFilled)
        {
            starts.UnionWith(Symbols.Select(static entry => entry.Offset).Where(offset => offset < Size));
        }

        int[] bounds = [.. starts, Size];
        for (int index = 0; index + 1 < bounds.Length; index++)
        {
            int start = bounds[index];
            int length = bounds[index + 1] - start;
            Fragments.Add(new Fragment(
                file, Name, Kind, alignment, start % alignment, length, Content.IsEmpty ? default : Content.Slice(start, length)));
        }

        foreach ((int offset, Symbol symbol) in Symbols)
        {
            int index = IndexAt(bounds, offset);
            symbol.Fragment = Fragments[index];
            symbol.Offset = offset - bounds[index];
            Fragments[index].Symbols.Add(symbol);
        }

        foreach (Relocation relocation in Relocations)
        {
            int index = IndexAt(bounds, relocation.Offset);
            Fragments[index].Relocations.Add(relocation with { Offset = relocation.Offset - bounds[index] });
        }

        foreach (Fragment fragment in Fragments)
        {
            fragment.Symbols.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
            file.Fragments.Add(fragment);
        }
    }

    private static int IndexAt(int[] bounds, int offset)
    {
        int found = Array.BinarySearch(bounds, 0, bounds.Length - 1, offset);
        return found >= 0 ? found : ~found - 1;
    }
}

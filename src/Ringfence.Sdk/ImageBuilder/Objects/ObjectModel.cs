// What the linker needs of an object file, the same for ELF and COFF.

namespace Ringfence.ImageBuilder.Objects;

/// <summary>What a section holds, and so in which of its owner's regions it goes.</summary>
internal enum SectionKind
{
    Text,
    ReadOnly,
    Data,
    ZeroFilled,

    /// <summary>The PVH note: read-only, and pointed at by a program header of its own.</summary>
    BootNote,

    /// <summary>Thread-local storage, which nothing here sets up.</summary>
    ThreadLocal,

    /// <summary>DWARF, for the debugger's file alone.</summary>
    Debug,

    /// <summary>Unwinding tables, comments and directives: never part of an image.</summary>
    Discarded,

    /// <summary>Memory is asked for, under a name for which no region is planned.</summary>
    Unknown,
}

/// <summary>How a reference is written into the bytes that make it.</summary>
internal enum RelocationKind
{
    /// <summary>Address, 8 bytes.</summary>
    Absolute64,

    /// <summary>Address, 4 bytes, zero-extended when used.</summary>
    Absolute32,

    /// <summary>Address, 4 bytes, sign-extended when used.</summary>
    SignedAbsolute32,

    /// <summary>Distance from the patched place, 4 bytes.</summary>
    Relative32,

    /// <summary>None of those above: an error wherever it is in memory.</summary>
    Unsupported,
}

/// <summary>A section, or a part of one that begins at a symbol: what is placed or left out as a whole.</summary>
internal sealed class Fragment(
    ObjectFile file, string section, SectionKind kind, int alignment, int alignmentOffset, int size, ReadOnlyMemory<byte> content)
{
    public ObjectFile File { get; } = file;

    public string Section { get; } = section;

    public SectionKind Kind { get; } = kind;

    /// <summary>Alignment of the section it comes from.</summary>
    public int Alignment { get; } = alignment;

    /// <summary>Its start modulo <see cref="Alignment"/>, kept when it is placed.</summary>
    public int AlignmentOffset { get; } = alignmentOffset;

    /// <summary>Bytes; those of a table that is as long as the layout makes it are known only once that is worked out.</summary>
    public int Size { get; set; } = size;

    /// <summary>Its bytes; empty for <see cref="SectionKind.ZeroFilled"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; } = content;

    public List<Relocation> Relocations { get; } = [];

    /// <summary>Symbols defined in it, by offset.</summary>
    public List<Symbol> Symbols { get; } = [];

    /// <summary>Whether it is a function of an assembly source that has a section of its own (<c>function.inc</c>), and so is linked only where something refers to it.</summary>
    public bool IsFunction { get; } = kind == SectionKind.Text
        && (section.StartsWith(ElfFunctionPrefix, StringComparison.Ordinal) || section.StartsWith(CoffFunctionPrefix, StringComparison.Ordinal));

    /// <summary>How the sections of such functions are named.</summary>
    public const string ElfFunctionPrefix = ".text.";

    /// <inheritdoc cref="ElfFunctionPrefix"/>
    public const string CoffFunctionPrefix = ".text$";

    /// <summary>Whether something that runs can reach it.</summary>
    public bool IsLive { get; set; }

    /// <summary>Where it lies; 0 until placed.</summary>
    public ulong Address { get; set; }
}

/// <summary>A name for a place, or for a place in another file.</summary>
internal sealed class Symbol(string name, bool isGlobal)
{
    public string Name { get; } = name;

    public bool IsGlobal { get; } = isGlobal;

    /// <summary>Where it is defined; null for a name that another file defines, and for an absolute one.</summary>
    public Fragment? Fragment { get; set; }

    public int Offset { get; set; }

    /// <summary>Bytes it names; 0 if the object does not say.</summary>
    public int Size { get; set; }

    /// <summary>The value if it is known without a fragment.</summary>
    public ulong? AbsoluteAddress { get; set; }

    public bool IsDefined => Fragment is not null || AbsoluteAddress is not null;

    public ulong Address => Fragment is null ? AbsoluteAddress ?? 0 : Fragment.Address + (ulong)Offset;
}

/// <summary>A reference from a place in a fragment to a symbol: value = symbol + addend (- place).</summary>
internal readonly record struct Relocation(int Offset, RelocationKind Kind, Symbol Target, long Addend, int RawType);

/// <summary>An object file read.</summary>
internal sealed class ObjectFile(string path)
{
    public string Path { get; } = path;

    public List<Fragment> Fragments { get; } = [];

    public List<Symbol> Symbols { get; } = [];
}

// The kernel and each component are linked as closed worlds: a name means nothing outside the scope that holds it.

using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>The objects of one owner, and the names defined among them.</summary>
internal sealed class LinkScope(string owner, MethodIndex methods)
{
    private readonly Dictionary<string, Symbol> _definitions = new(StringComparer.Ordinal);

    /// <summary>"kernel", or the component's name.</summary>
    public string Owner { get; } = owner;

    public bool IsKernel => Owner == KernelOwner;

    public const string KernelOwner = "kernel";

    public MethodIndex Methods { get; } = methods;

    public List<ObjectFile> Files { get; } = [];

    /// <summary>What ILC said while it compiled this scope.</summary>
    public string CompilerLog { get; set; } = "";

    public IEnumerable<Fragment> LiveFragments => Files.SelectMany(static file => file.Fragments).Where(static fragment => fragment.IsLive);

    /// <summary>Takes in an object; a second definition of a global name is an error.</summary>
    public void Add(ObjectFile file)
    {
        Files.Add(file);
        foreach (Symbol symbol in file.Symbols.Where(static symbol => symbol.IsGlobal && symbol.IsDefined))
        {
            if (!_definitions.TryAdd(symbol.Name, symbol))
            {
                throw new BuildFailedException("RF2009", Owner, $"The symbol {symbol.Name} is defined twice; the second time in {Path.GetFileName(file.Path)}");
            }
        }
    }

    /// <summary>Defines a name from outside the objects.</summary>
    public void Define(string name, Symbol symbol) => _definitions.Add(name, symbol);

    /// <summary>The definition of what a relocation names, or null.</summary>
    public Symbol? Resolve(Symbol target) => target.IsDefined ? target : _definitions.GetValueOrDefault(target.Name);

    /// <summary>The definition of a name, or null.</summary>
    public Symbol? Find(string name) => _definitions.GetValueOrDefault(name);

    /// <summary>Whether a frame of the compiler's code checks the cookie below its return address; assembly code only makes it.</summary>
    public bool ChecksStackCookies => Files.SelectMany(static file => file.Fragments)
        .Where(static fragment => fragment is { Kind: SectionKind.Text, IsFunction: false })
        .SelectMany(static fragment => fragment.Relocations)
        .Any(static relocation => relocation.Target.Name.TrimStart('_') == StackCookie);

    // With two underscores, or three where the compiler puts one in front of every name.
    private const string StackCookie = "security_cookie";

    /// <summary>Marks what can be reached. Code counts as reached, for the compiler has left out what is not, but for functions of assembly sources that have sections of their own.</summary>
    /// <param name="entry">A function that counts as reached, too; null for none.</param>
    public void MarkLive(Symbol? entry = null)
    {
        Stack<Fragment> pending = new(Files.SelectMany(static file => file.Fragments).Where(fragment =>
            fragment is { Kind: SectionKind.Text or SectionKind.BootNote or SectionKind.Unknown, IsFunction: false } || (entry is not null && fragment == entry.Fragment)));
        foreach (Fragment fragment in pending)
        {
            fragment.IsLive = true;
        }

        while (pending.TryPop(out Fragment? fragment))
        {
            foreach (Relocation relocation in fragment.Relocations)
            {
                if (Resolve(relocation.Target)?.Fragment is { IsLive: false } reached)
                {
                    reached.IsLive = true;
                    pending.Push(reached);
                }
            }
        }
    }
}

// Which system calls an image has: those whose numbers are in the code of its components. The number of a call is a symbol, and where it is used a relocation says so; code that gets the number as
// an argument may make any call.

using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>The system calls of an image.</summary>
/// <param name="Names">All that there are, each at the index that is its number.</param>
/// <param name="Made">Those that its components make.</param>
internal sealed record SystemCallUse(IReadOnlyList<string> Names, IReadOnlySet<string> Made)
{
    /// <summary>The call by which a component creates a kernel object.</summary>
    public const string CreateSemaphore = "CreateSemaphore";

    private const string NumberPrefix = "system_call_number_";

    // RingfenceSystemCall0 and so on.
    private const string GenericStubPrefix = "RingfenceSystemCall";

    /// <summary>Whether a component makes the call.</summary>
    public bool IsMade(string name) => Made.Contains(name);

    /// <summary>Defines the numbers in the scope of a component.</summary>
    public static void DefineNumbers(LinkScope component, IReadOnlyList<string> names)
    {
        for (int number = 0; number < names.Count; number++)
        {
            string symbol = NumberPrefix + names[number];
            component.Define(symbol, new Symbol(symbol, isGlobal: true) { AbsoluteAddress = (ulong)number });
        }
    }

    /// <summary>The calls that these components make. What is live in their scopes is marked.</summary>
    public static SystemCallUse Of(IEnumerable<LinkScope> components, IReadOnlyList<string> names)
    {
        HashSet<string> made = [];
        foreach (Fragment fragment in components.SelectMany(static component => component.LiveFragments))
        {
            if (fragment.Symbols.Any(static symbol => symbol.Name.StartsWith(GenericStubPrefix, StringComparison.Ordinal)))
            {
                made.UnionWith(names);
            }

            made.UnionWith(fragment.Relocations
                .Where(static relocation => relocation.Target.Name.StartsWith(NumberPrefix, StringComparison.Ordinal))
                .Select(static relocation => relocation.Target.Name[NumberPrefix.Length..]));
        }

        return new SystemCallUse(names, made);
    }
}

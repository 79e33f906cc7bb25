// A page for each domain. How many there are is a matter of compilation: what is measured is that no more memory than needed is there.

using System.Runtime.CompilerServices;

namespace Ringfence.Bench.Footprint;

/// <summary>The memory of one domain.</summary>
[InlineArray(4096)]
internal struct DomainPage
{
    private byte _first;
}

/// <summary>The pages of all domains.</summary>
[InlineArray(Count)]
internal struct DomainPages
{
#if DOMAINS_1
    public const int Count = 1;
#elif DOMAINS_4
    public const int Count = 4;
#elif DOMAINS_16
    public const int Count = 16;
#endif

    private DomainPage _first;
}

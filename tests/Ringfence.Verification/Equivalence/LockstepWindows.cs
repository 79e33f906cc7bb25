// The windows of the lockstep: where something can be granted or stacks are. The far group is in none, so that what is mapped outside windows is judged as well.

using Ringfence.Domains;
using Ringfence.Paging;

namespace Ringfence.Verification.Equivalence;

/// <summary>The windows of <see cref="AddressPlan"/>, far from each other.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal readonly struct LockstepWindows<TFormat> : IWindowPlan
    where TFormat : struct, IPagingFormat
{
    // One page of each window: the kernel's pages and the device's lie on both sides of a border.
    private static readonly int[] s_pages =
    [
        AddressPlan.FirstOf(AddressPlan.KernelGroup),
        AddressPlan.FirstOf(AddressPlan.TopGroup) - 1,
        AddressPlan.FirstOf(AddressPlan.TopGroup),
        AddressPlan.FirstOf(AddressPlan.DeviceGroup),
        AddressPlan.FirstOf(AddressPlan.DeviceGroup) + 3,
    ];

    /// <inheritdoc/>
    public int Count => s_pages.Length;

    private static nuint Span => TFormat.Level(1).EntrySpan.Value;

    /// <inheritdoc/>
    public PageNumber FirstPage(int window) => new(Placement<TFormat>.PageOf(s_pages[window]).Value & ~(Span - 1));

    /// <inheritdoc/>
    public int IndexOf(PageNumber page)
    {
        for (int window = 0; window < Count; window++)
        {
            if (FirstPage(window).Value == (page.Value & ~(Span - 1)))
            {
                return window;
            }
        }

        return -1;
    }
}

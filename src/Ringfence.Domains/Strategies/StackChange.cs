// A domain's own tables grant one stack at a time. Which one, is changed in steps that may be left and gone on with at any moment.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The way from the stack that a domain's tables grant to another one.</summary>
internal static class StackChange
{
    /// <summary>
    /// Takes the pages of the old stack back, the last one first, then grants those of the new one, the first one first: what is remembered as granted is so at every moment. False when the limit ended it.
    /// </summary>
    /// <param name="tables">The domain's tables.</param>
    /// <param name="granted">The stack that they grant, as far as they do.</param>
    /// <param name="stack">The stack that they shall grant.</param>
    /// <param name="entryLimit">Entries at most; what is left of them.</param>
    /// <param name="owed">Gains the pages of which a right was taken.</param>
    public static bool TryFinish<TGrants>(ref TGrants tables, ref UserStack granted, in UserStack stack, ref nuint entryLimit, ref FlushObligation owed)
        where TGrants : struct, IPageGrants
    {
        PageRange pages = granted.Pages;

        // Also a new life of the same stack: its pages stay granted.
        bool isBegun = pages.First == stack.Pages.First && pages.End <= stack.Pages.End;
        if (!isBegun)
        {
            PageNumber stop = new(pages.End.Value - Least(pages.Count.Value, ref entryLimit));
            if (stop != pages.End)
            {
                tables.Revoke(PageRange.FromFirstToEnd(stop, pages.End), ref owed);
            }

            pages = PageRange.FromFirstToEnd(pages.First, stop);
            granted = new UserStack(pages, granted.Generation);
            if (!pages.IsEmpty)
            {
                return false;
            }
        }

        PageNumber next = isBegun ? pages.End : stack.Pages.First;
        PageNumber end = new(next.Value + Least(stack.Pages.End.Value - next.Value, ref entryLimit));
        if (end != next)
        {
            tables.Grant(PageRange.FromFirstToEnd(next, end), LeafRights.UserReadWrite, ref owed);
        }

        granted = new UserStack(PageRange.FromFirstToEnd(stack.Pages.First, end), stack.Generation);
        return end == stack.Pages.End;
    }

    private static nuint Least(nuint count, ref nuint entryLimit)
    {
        nuint taken = count < entryLimit ? count : entryLimit;
        entryLimit -= taken;
        return taken;
    }
}

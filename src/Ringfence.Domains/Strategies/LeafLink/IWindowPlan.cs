// Where leaf tables may differ between domains: the build plans it, so that a switch looks nowhere else.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Which windows there are. A window is what one leaf table maps; in one of them lies every page that can be granted and every user stack.</summary>
public interface IWindowPlan
{
    /// <summary>How many. Each switch between domains looks at all of them.</summary>
    int Count { get; }

    /// <summary>The first page of a window, 0 to <see cref="Count"/>-1. No two have the same.</summary>
    PageNumber FirstPage(int window);

    /// <summary>The window in which a page lies, or -1 if it lies in none.</summary>
    int IndexOf(PageNumber page);
}

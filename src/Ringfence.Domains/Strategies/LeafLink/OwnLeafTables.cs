// The leaf tables of one domain: they are edited where they are, linked or not.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// Grants and revokes in a domain's own leaf tables. A page in whose window the domain has none is passed over: the base table is everybody's.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
/// <typeparam name="TWindows">The plan of windows.</typeparam>
internal readonly struct OwnLeafTables<TFormat, TMemory, TWindows> : IPageGrants
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
    where TWindows : struct, IWindowPlan
{
    private readonly LinkedWindows<TFormat, TMemory, TWindows> _windows;
    private readonly TableAddressList<TFormat, TMemory> _own;

    public OwnLeafTables(LinkedWindows<TFormat, TMemory, TWindows> windows, TableAddress place)
    {
        _windows = windows;
        _own = windows.ListAt(place);
    }

    /// <summary>The table that the domain's threads have in a window: its own or the base table.</summary>
    public TableAddress Table(int window) => _own.Read(window);

    public bool IsOwn(int window) => Table(window).Value != _windows.BaseTable(window).Value;

    public bool IsLinked(int window) => Table(window).Value == _windows.Linked(window).Value;

    /// <inheritdoc/>
    public void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed) => Edit(pages, rights, ref owed);

    /// <inheritdoc/>
    public void Revoke(PageRange pages, ref FlushObligation owed) => Edit(pages, rights: null, ref owed);

    /// <summary>Gives pages these live rights; their base rights again for none.</summary>
    private void Edit(PageRange pages, LeafRights? rights, ref FlushObligation owed)
    {
        PageNumber page = pages.First;
        while (page != pages.End)
        {
            PageRange piece = _windows.PieceFrom(page, pages.End, out int window);
            if (TryEdit(window, page, out RightsEditor<TFormat, TMemory> editor, out bool isLinked))
            {
                // What isn't linked is held by no processor once the flush of the relinking is done.
                FlushObligation ofUnlinked = default;
                ref FlushObligation owedHere = ref isLinked ? ref owed : ref ofUnlinked;
                if (rights is { } granted)
                {
                    editor.SetShortRun(piece, granted, ref owedHere);
                }
                else
                {
                    editor.ResetShortRun(piece, ref owedHere);
                }
            }

            page = piece.End;
        }
    }

    private bool TryEdit(int window, PageNumber page, out RightsEditor<TFormat, TMemory> editor, out bool isLinked)
    {
        editor = default;
        isLinked = false;
        if (window < 0 || !IsOwn(window))
        {
            return false;
        }

        editor = new RightsEditor<TFormat, TMemory>(_windows.Tables, page, Table(window));
        isLinked = IsLinked(window);
        return true;
    }
}

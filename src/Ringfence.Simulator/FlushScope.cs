// What an invalidation drops, said as data: each instruction of Intel SDM vol. 3A 4.10.4.1 is one value.

namespace Ringfence.Simulator;

/// <summary>The entries that must go.</summary>
internal readonly struct FlushScope
{
    private const int AnyContext = -1;

    private readonly int _context;
    private readonly bool _dropsGlobal;
    private readonly bool _isOneAddress;
    private readonly bool _dropsAllUpperEntries;
    private readonly ulong _linear;

    private FlushScope(int context, bool dropsGlobal, bool isOneAddress = false, bool dropsAllUpperEntries = true, ulong linear = 0)
    {
        _context = context;
        _dropsGlobal = dropsGlobal;
        _isOneAddress = isOneAddress;
        _dropsAllUpperEntries = dropsAllUpperEntries;
        _linear = linear;
    }

    /// <summary>INVPCID type 2.</summary>
    public static FlushScope Everything => new(AnyContext, dropsGlobal: true);

    /// <summary>INVPCID type 3.</summary>
    public static FlushScope EverythingButGlobal => new(AnyContext, dropsGlobal: false);

    /// <summary>MOV to CR3, MOV to CR4 that sets SMEP, and INVPCID type 1.</summary>
    public static FlushScope OfContext(int context) => new(context, dropsGlobal: false);

    /// <summary>INVLPG: upper entries whatever their address.</summary>
    public static FlushScope OfPage(int context, ulong linear) => new(context, dropsGlobal: true, isOneAddress: true, linear: linear);

    /// <summary>A page fault: of the upper entries only those that the address uses.</summary>
    public static FlushScope OfFault(int context, ulong linear) =>
        new(context, dropsGlobal: true, isOneAddress: true, dropsAllUpperEntries: false, linear);

    /// <summary>INVPCID type 0: likewise.</summary>
    public static FlushScope OfAddressInContext(int context, ulong linear) =>
        new(context, dropsGlobal: false, isOneAddress: true, dropsAllUpperEntries: false, linear);

    /// <summary>Whether an entry goes that serves <paramref name="byteCount"/> bytes.</summary>
    public bool Includes(in HeldEntry entry, ulong byteCount)
    {
        bool isGlobal = entry.Context == HeldEntry.GlobalContext;
        if (isGlobal ? !_dropsGlobal : _context != AnyContext && _context != entry.Context)
        {
            return false;
        }

        return !_isOneAddress || (_dropsAllUpperEntries && !entry.IsTranslation) || (_linear & ~(byteCount - 1)) == entry.Linear;
    }
}

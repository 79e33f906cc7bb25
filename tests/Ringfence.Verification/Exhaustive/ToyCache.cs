// The flushes of a toy processor, with the mistakes that can be made about them.

using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Exhaustive;

/// <summary>Carries flushes out on an adversarial processor, or not.</summary>
internal readonly struct ToyCache(AdversarialCache cpu, ToyMistake mistake) : ITranslationCache
{
    private readonly AdversarialCache _cpu = cpu;
    private readonly ToyMistake _mistake = mistake;

    public void FlushPage(PageNumber page)
    {
        if (_mistake is not (ToyMistake.FlushLeftOut or ToyMistake.FlushTooSmall or ToyMistake.FreedBeforeFlush))
        {
            _cpu.InvalidatePage(page.Address.Value);
        }
    }

    public void FlushAll()
    {
        switch (_mistake)
        {
            case ToyMistake.FlushLeftOut or ToyMistake.FreedBeforeFlush:
                break;
            case ToyMistake.FlushTooSmall:
                _cpu.InvalidatePage(0);
                break;
            default:
                _ = _cpu.WriteCr3(_cpu.Cr3);
                break;
        }
    }

    public void LoadRoot(TableAddress root) => _ = _cpu.WriteCr3(root.Value);

    public void LoadContext(ContextRoot root) => _ = _cpu.WriteCr3(root.Control3);

    public void FlushEveryContext() => _cpu.InvalidateContext(ContextInvalidation.All, context: 0, linear: 0);
}

// Keeping translations of several sets of tables at once (PCID), where the processor can.

#if FORMAT_X86_64
using System.Runtime;
using System.Runtime.CompilerServices;
#if KPTI
using Ringfence.Paging;
#endif

namespace Ringfence.Machine;

/// <summary>The processor's contexts: numbers in bits 11:0 of CR3 under which it keeps translations (Intel SDM vol. 3A 4.10.1).</summary>
public static class ProcessContexts
{
    private const uint FeatureContexts = 1 << 17;
    private const uint FeatureInvalidation = 1 << 10;
    private const uint Control4GlobalPages = 1 << 7;
    private const uint Control4Contexts = 1 << 17;

    private static bool s_hasInvalidation;

    /// <summary>Whether they are in use.</summary>
    public static bool AreEnabled => (Processor.ReadControl4() & Control4Contexts) != 0;

    /// <summary>Switches them on where there are any. Bits 11:0 of CR3 are 0, and stay so for the set that is loaded: a write that sets PCIDE with another number there faults.</summary>
    internal static void EnableIfAny()
    {
        if ((Processor.Identify(1, 0).Ecx & FeatureContexts) != 0)
        {
            s_hasInvalidation = Processor.Identify(0, 0).Eax >= 7 && (Processor.Identify(7, 0).Ebx & FeatureInvalidation) != 0;
            Processor.WriteControl4(Processor.ReadControl4() | Control4Contexts);
        }
#if KPTI

        // The kernel's set is what is loaded. Its pages never change their rights, so that an entry finds all that was held.
        ContextRoot kernelRoot = new(Processor.ReadControl3());
        EntryData.KernelRoot = (nuint)(AreEnabled ? kernelRoot.Keeping : kernelRoot).Control3;
        EntryData.KeepsTranslations = AreEnabled;
#endif
    }

    /// <summary>Forgets the translations of all contexts: by INVPCID, or by two changes of CR4.PGE, either of which does it (SDM vol. 3A 4.10.4.1).</summary>
    public static void ForgetAll()
    {
        if (s_hasInvalidation)
        {
            ImportInvalidateContexts();
            return;
        }

        nuint control4 = Processor.ReadControl4();
        Processor.WriteControl4(control4 ^ Control4GlobalPages);
        Processor.WriteControl4(control4);
    }

    [RuntimeImport("*", "machine_invalidate_contexts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportInvalidateContexts();
}
#endif

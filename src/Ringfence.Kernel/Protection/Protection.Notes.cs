// In images built with the audit, what the strategy has noted of threads is compared with what the long way to them would find: a note that is wrong need not be the one that the next switch uses.

#if AUDIT && !STRATEGY_COMMON
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <content>The audit of notes.</content>
public static partial class Protection
{
    /// <summary>Stops the machine if the tables of some domain are noted as ready for a thread for which they aren't, or a thread has other tables than its domain's. Interrupts are off.</summary>
    public static void AuditNotes()
    {
        for (int domain = 0; domain < DomainCapacity; domain++)
        {
            nuint noted = TablesAt(domain).NotedThread;
            if (noted != 0 && !(ItemAt(domain).Exists && IsReady(domain, noted)))
            {
                Panic.Stop("tables are noted as ready for a thread for which they are not; domain"u8, (nuint)(uint)domain);
            }
        }

        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            ref Thread thread = ref ThreadTable.At(slot);
            if (ThreadTable.IsAlive(slot) && thread.DomainTables != KernelMemory.AddressOf(ref TablesAt(thread.Domain)))
            {
                Panic.Stop("a thread has the tables of another domain than its own; slot"u8, (nuint)(uint)slot);
            }
        }
    }

    private static bool IsReady(int domain, nuint noted)
    {
#if STACKS_OF_DOMAIN
        return s_strategy.IsReady(in TablesAt(domain), default);
#else
        int slot = (int)((noted - KernelTables.Threads) / (nuint)(uint)Unsafe.SizeOf<Thread>());
        return ThreadTable.IsAlive(slot) && ThreadTable.At(slot).IsUser && ThreadTable.At(slot).Domain == domain && s_strategy.IsReady(in TablesAt(domain), UserStackOf(slot));
#endif
    }
}
#endif

// The tables on which a thread runs, made by each strategy: what audits look at.

using Ringfence.Paging;
using Xunit;

namespace Ringfence.Domains.Tests;

/// <summary>How a domain and a stack come into tables.</summary>
public enum AuditedSet
{
    /// <summary>The one set of all.</summary>
    Common,

    /// <summary><see cref="FullSet{TFormat,TMemory}"/>.</summary>
    Full,

    /// <summary><see cref="SharedSet{TFormat,TMemory}"/>.</summary>
    Shared,

    /// <summary>Leaf tables that are linked.</summary>
    LeafLink,

    /// <summary><see cref="UserSet{TFormat,TMemory}"/>.</summary>
    User,

    /// <summary><see cref="SparseUserSet{TFormat,TMemory}"/>.</summary>
    SparseUser,
}

/// <summary>Makes them.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class AuditedTables<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>Makes a thread of this domain with this stack the one that may run.</summary>
    /// <param name="set">The kind of set.</param>
    /// <param name="world">Where it runs.</param>
    /// <param name="entryPages">Pages of the kernel's that a set without the kernel has.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="stack">The stack.</param>
    /// <returns>The set on which it runs.</returns>
    public static AddressSpace<TFormat, FallibleMemory> Apply(AuditedSet set, World<TFormat> world, PageRange entryPages, in Domain domain, in UserStack stack)
    {
        switch (set)
        {
            case AuditedSet.Common:
                world.Discharge(world.Strategy.SwitchTo(in domain, in stack));
                return world.Tables;
            case AuditedSet.LeafLink:
                LeafLinkStrategy<TFormat, FallibleMemory, WindowRun<TFormat>> strategy = new(world.Tables, new WindowRun<TFormat>(world.Windows[0]), world.AllStacks, new PhysicalAddress(0x6000));
                world.Machine.Done(strategy.Initialize(ref world.Machine.Pool, ref world.Machine.Account));
                return Apply<LeafLinkStrategy<TFormat, FallibleMemory, WindowRun<TFormat>>, LeafLinkTables>(world, ref strategy, in domain, in stack);
            case AuditedSet.Full:
                return Apply<FullSet<TFormat, FallibleMemory>>(world, entryPages, in domain, in stack);
            case AuditedSet.Shared:
                return Apply<SharedSet<TFormat, FallibleMemory>>(world, entryPages, in domain, in stack);
            case AuditedSet.User:
                return Apply<UserSet<TFormat, FallibleMemory>>(world, entryPages, in domain, in stack);
            default:
                return Apply<SparseUserSet<TFormat, FallibleMemory>>(world, entryPages, in domain, in stack);
        }
    }

    private static AddressSpace<TFormat, FallibleMemory> Apply<TSet>(World<TFormat> world, PageRange entryPages, in Domain domain, in UserStack stack)
        where TSet : struct, IDomainSet<TSet, TFormat, FallibleMemory>
    {
        PerDomainStrategy<TFormat, FallibleMemory, TSet> strategy = new(world.Tables, entryPages, world.AllStacks);
        return Apply<PerDomainStrategy<TFormat, FallibleMemory, TSet>, PerDomainTables<TFormat, FallibleMemory, TSet>>(world, ref strategy, in domain, in stack);
    }

    private static AddressSpace<TFormat, FallibleMemory> Apply<TStrategy, TTables>(World<TFormat> world, ref TStrategy strategy, in Domain domain, in UserStack stack)
        where TStrategy : struct, ITableStrategy<TFormat, FallibleMemory, TTables>
        where TTables : struct
    {
        TTables tables = default;
        Assert.True(strategy.OnDomainCreated(ref world.Machine.Pool, ref tables, new PhysicalAddress(0x9000)).IsNone);
        for (int slot = 0; slot < domain.PartitionCount; slot++)
        {
            Partition partition = domain[slot];
            EditResult added = strategy.OnPartitionAdded(ref world.Machine.Pool, in domain, ref tables, in partition);
            Assert.True(added.Succeeded);
            world.Discharge(added.Flush);
        }

        world.Discharge(strategy.SwitchTo(in domain, ref tables, in stack));
        return strategy.UserTables(in tables);
    }

    /// <summary>Where an entry of a set is, found by reading from the root, level by level; 0 where there is no table.</summary>
    public static ulong EntryAddress(World<TFormat> world, AddressSpace<TFormat, FallibleMemory> set, PageNumber page, int level)
    {
        ulong table = set.Root.Value;
        for (int above = TFormat.LevelCount - 1; above > level && table != 0; above--)
        {
            table = world.Machine.Memory.Read32(Address(table, page, above)) & 0xFFFF_F000;
        }

        return table == 0 ? 0 : Address(table, page, level);
    }

    private static ulong Address(ulong table, PageNumber page, int level) =>
        table + ((ulong)TFormat.Level(level).IndexOf(page).Value * (ulong)FormatGeometry<TFormat>.EntryByteCount);
}

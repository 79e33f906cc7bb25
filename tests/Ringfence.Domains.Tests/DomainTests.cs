// The set of partitions: sorted, disjoint, without holes, changed completely or not at all.

using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Xunit;

namespace Ringfence.Domains.Tests;

public class DomainTests
{
    private readonly struct Everything : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages) => GrantObstacle.None;
    }

    private readonly struct Nothing(GrantObstacleKind kind) : IGrantableMap
    {
        private readonly GrantObstacleKind _kind = kind;

        public GrantObstacle FindObstacle(PageRange pages) => new(_kind, pages.First + PageCount.One);
    }

    [Fact]
    public void Adding_and_removing_agrees_with_a_list_of_partitions() =>
        Gen.Select(Gen.Bool, Gen.UInt[0, 150], Gen.UInt[1, 4], Gen.Int[0, 2]).Array[0, 100].Sample(operations =>
        {
            DomainNumberSource numbers = default;
            Domain domain = default;
            domain.Create(ref numbers);
            List<Partition> model = [];
            foreach ((bool add, uint first, uint count, int rights) in operations)
            {
                Partition partition = Make(first, count, (PartitionRights)rights);
                DomainIdentity before = domain.Identity;
                bool changes;
                if (add)
                {
                    bool overlaps = model.Any(other => other.Pages.Overlaps(partition.Pages));
                    DomainErrorCode expected = overlaps ? DomainErrorCode.OverlapsPartition
                        : model.Count == DomainCapacity.PartitionCount ? DomainErrorCode.NoFreeSlot
                        : DomainErrorCode.None;
                    if (domain.CheckAddable(in partition, default(Everything)).Code != expected
                        || domain.Add(in partition, default(Everything)).Code != expected)
                    {
                        return false;
                    }

                    changes = expected == DomainErrorCode.None;
                    if (changes)
                    {
                        model.Add(partition);
                    }
                }
                else
                {
                    int index = model.FindIndex(other => other.Pages == partition.Pages);
                    changes = index >= 0;
                    DomainError error = domain.Remove(partition.Pages, out Partition removed);
                    if (error.IsNone != changes || (changes && removed != model[index]))
                    {
                        return false;
                    }

                    if (changes)
                    {
                        model.RemoveAt(index);
                    }
                }

                if (changes == (before == domain.Identity) || before.Id != domain.Identity.Id || !SameContent(in domain, model))
                {
                    return false;
                }
            }

            return true;
        });

    [Fact]
    public void A_partition_over_what_can_not_be_granted_is_refused_with_the_first_such_page()
    {
        (GrantObstacleKind Kind, DomainErrorCode Code)[] pairs =
        [
            (GrantObstacleKind.NotMapped, DomainErrorCode.NotMapped),
            (GrantObstacleKind.NotGrantable, DomainErrorCode.NotGrantable),
            (GrantObstacleKind.Stack, DomainErrorCode.OverlapsStack),
            (GrantObstacleKind.Guard, DomainErrorCode.OverlapsGuard),
            (GrantObstacleKind.PageTable, DomainErrorCode.OverlapsPageTable),
        ];
        foreach ((GrantObstacleKind kind, DomainErrorCode code) in pairs)
        {
            Domain domain = Created();
            DomainIdentity before = domain.Identity;
            DomainError error = domain.Add(Make(5, 3, PartitionRights.ReadWrite), new Nothing(kind));
            Assert.Equal((code, (nuint)6 << 12), (error.Code, error.OffendingValue));
            Assert.Equal(before, domain.Identity);
            Assert.Equal(0, domain.PartitionCount);
        }
    }

    [Fact]
    public void After_removing_the_middle_one_an_overlap_with_a_later_one_is_still_seen()
    {
        Domain domain = Created();
        foreach (uint first in new uint[] { 10, 20, 30 })
        {
            Assert.True(domain.Add(Make(first, 2, PartitionRights.ReadWrite), default(Everything)).IsNone);
        }

        Assert.True(domain.Remove(Make(20, 2, PartitionRights.ReadWrite).Pages, out _).IsNone);
        DomainError error = domain.Add(Make(29, 2, PartitionRights.ReadWrite), default(Everything));
        Assert.Equal((DomainErrorCode.OverlapsPartition, (nuint)30 << 12), (error.Code, error.OffendingValue));
        Assert.True(domain.Add(Make(28, 2, PartitionRights.ReadWrite), default(Everything)).IsNone);
    }

    [Fact]
    public void A_default_partition_is_refused_and_removing_needs_start_and_size_to_match()
    {
        Domain domain = Created();
        Assert.Equal(DomainErrorCode.EmptyPartition, domain.Add(default, default(Everything)).Code);
        Assert.True(domain.Add(Make(10, 2, PartitionRights.ReadWrite), default(Everything)).IsNone);
        foreach (PageRange pages in new[] { Make(10, 1, 0).Pages, Make(11, 1, 0).Pages, Make(10, 3, 0).Pages, PageRange.Empty })
        {
            Assert.Equal(DomainErrorCode.NoSuchPartition, domain.Remove(pages, out _).Code);
        }
    }

    [Fact]
    public void No_two_lives_of_a_domain_have_the_same_identity_wherever_they_are_stored()
    {
        DomainNumberSource numbers = default;
        HashSet<DomainIdentity> seen = [];
        Domain storage = default;
        for (int life = 0; life < 5; life++)
        {
            if (life == 3)
            {
                storage = default;
            }

            storage.Create(ref numbers);
            Assert.True(storage.Exists);
            Assert.True(seen.Add(storage.Identity));
            Assert.True(storage.Add(Make(10, 2, PartitionRights.ReadWrite), default(Everything)).IsNone);
            Assert.True(seen.Add(storage.Identity));
            storage.Destroy();
            Assert.False(storage.Exists);
            Assert.Equal(0, storage.PartitionCount);
        }
    }

    [Fact]
    public void The_nearest_partition_is_the_one_fewest_bytes_away() =>
        Gen.Select(Gen.UInt[0, 30].Array[0, 6], Gen.UInt[0, 0x2_2000]).Sample((firsts, address) =>
        {
            Domain domain = Created();
            foreach (uint first in firsts)
            {
                _ = domain.Add(Make(first, 1 + (first % 3), PartitionRights.ReadOnly), default(Everything));
            }

            bool found = NearestPartition.TryFind(in domain, new VirtualAddress(address), out NearestPartition nearest);
            if (!found)
            {
                return domain.PartitionCount == 0;
            }

            long best = long.MaxValue;
            for (int index = 0; index < domain.PartitionCount; index++)
            {
                for (ulong at = domain[index].Pages.First.Address.Value; at < (ulong)domain[index].Pages.End.Value << 12; at += 4095)
                {
                    best = System.Math.Min(best, System.Math.Abs((long)at - address));
                }

                long last = ((long)domain[index].Pages.End.Value << 12) - 1;
                best = System.Math.Min(best, System.Math.Abs(last - address));
                best = domain[index].Pages.Contains(new PageNumber(address >> 12)) ? 0 : best;
            }

            PageRange pages = domain[nearest.Index].Pages;
            bool sideIsRight = nearest.Side switch
            {
                PartitionSide.Inside => pages.Contains(new PageNumber(address >> 12)) && nearest.ByteDistance == 0,
                PartitionSide.Below => address + nearest.ByteDistance == pages.First.Address.Value,
                _ => address - nearest.ByteDistance == pages.End.Address.Value - 1,
            };
            return sideIsRight && (long)nearest.ByteDistance == best;
        });

    [Fact]
    public void The_distance_to_a_partition_that_ends_with_the_address_space_does_not_wrap()
    {
        Domain domain = Created();
        Assert.True(Partition.TryCreate<FourLevelFormat>(
            PageRange.OnePage(SimulatedTop.LastPage<FourLevelFormat>()), PartitionRights.ReadWrite, out Partition last).IsNone);
        Assert.True(domain.Add(in last, default(Everything)).IsNone);
        Assert.True(NearestPartition.TryFind(in domain, new VirtualAddress(nuint.MaxValue), out NearestPartition nearest));
        Assert.Equal((PartitionSide.Inside, (nuint)0), (nearest.Side, nearest.ByteDistance));
        Assert.True(NearestPartition.TryFind(in domain, new VirtualAddress(nuint.MaxValue - 4096), out nearest));
        Assert.Equal((PartitionSide.Below, (nuint)1), (nearest.Side, nearest.ByteDistance));
    }

    private static bool SameContent(in Domain domain, List<Partition> model)
    {
        Partition[] sorted = [.. model.OrderBy(partition => partition.Pages.First)];
        if (domain.PartitionCount != sorted.Length)
        {
            return false;
        }

        for (int index = 0; index < sorted.Length; index++)
        {
            if (domain[index] != sorted[index] || domain.IndexOf(sorted[index].Pages.First) != index)
            {
                return false;
            }
        }

        return true;
    }

    private static Domain Created()
    {
        DomainNumberSource numbers = default;
        Domain domain = default;
        domain.Create(ref numbers);
        return domain;
    }

    private static Partition Make(uint first, uint count, PartitionRights rights)
    {
        PageRange pages = PageRange.CreateTruncated(new PageNumber(first), new PageCount(count));
        Assert.True(Partition.TryCreate<FourLevelFormat>(pages, rights, out Partition partition).IsNone);
        return partition;
    }
}

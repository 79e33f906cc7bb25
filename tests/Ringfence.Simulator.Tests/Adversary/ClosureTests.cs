// The set is complete and no larger than it must be, on every geometry: random programs on tables that lead anywhere, themselves included, beside the naive set, the
// strict MMU, and a processor that starts afresh.

using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Xunit;

namespace Ringfence.Simulator.Tests.Adversary;

public class ClosureTests
{
    private const int TableCount = 6;
    private const ulong FirstTable = 0x1000;
    private const ulong KeepsTranslations = 1ul << 63;
    private static readonly int[] s_indexes = [0, 1, 511];

    private static readonly Dictionary<TableGeometry, PagingMode> s_modes = Enum.GetValues<PagingMode>().ToDictionary(TableGeometry.For);

    private enum Kind
    {
        Store,
        WriteCr3,
        KeepTranslations,
        FlushPage,
        Fault,
        FlushContext,
        ToggleGlobal,
        Access,
    }

    private static readonly Gen<Step> s_step = Gen.Select(
        Gen.Frequency(
            (12, Gen.Const(Kind.Store)),
            (1, Gen.Const(Kind.WriteCr3)),
            (1, Gen.Const(Kind.KeepTranslations)),
            (2, Gen.Const(Kind.FlushPage)),
            (1, Gen.Const(Kind.Fault)),
            (1, Gen.Const(Kind.FlushContext)),
            (1, Gen.Const(Kind.ToggleGlobal)),
            (1, Gen.Const(Kind.Access))),
        Gen.Int[0, TableCount - 1],
        Gen.Int[0, 80],
        Gen.Int[0, TableCount],
        Gen.UInt,
        (kind, table, where, target, bits) => new Step(kind, table, where, target, bits));

    public static TheoryData<string> Geometries =>
    [
        nameof(TableGeometry.Toy),
        nameof(TableGeometry.ThirtyTwoBit),
        nameof(TableGeometry.Pae),
        nameof(TableGeometry.FourLevel),
        nameof(TableGeometry.FiveLevel),
    ];

    [Theory]
    [MemberData(nameof(Geometries))]
    public void The_set_equals_the_naive_one_after_every_step(string geometry) =>
        Run(geometry, step: (session, _) => session.CompareWithNaive());

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Every_translation_that_the_strict_mmu_finds_is_held(string geometry) =>
        Run(geometry, step: (session, _) => session.CompareWithStrict());

    [Theory]
    [MemberData(nameof(Geometries))]
    public void After_a_flush_of_everything_the_processor_is_as_one_that_starts_afresh(string geometry) =>
        Run(geometry, end: session => session.CompareWithFresh());

    [Theory]
    [MemberData(nameof(Geometries))]
    public void A_clone_goes_the_same_way_and_leaves_the_original_alone(string geometry) =>
        Run(geometry, step: (session, step) => session.CompareWithClone(step));

    private static void Run(string name, Action<Session, Step>? step = null, Action<Session>? end = null)
    {
        TableGeometry geometry = (TableGeometry)typeof(TableGeometry).GetProperty(name)!.GetValue(null)!;
        Gen.Select(Gen.Bool, s_step.Array[1, 40]).Sample(
            (holdsOnlyAccessed, program) =>
            {
                Session session = new(geometry, holdsOnlyAccessed);
                foreach (Step next in program)
                {
                    if (step is not null && next.Where % 8 == 0)
                    {
                        step(session, next);
                    }

                    session.Apply(next);
                    step?.Invoke(session, next);
                }

                end?.Invoke(session);
            },
            iter: 300,
            threads: 1);
    }

    /// <summary>One step. What its numbers mean depends on its kind.</summary>
    private readonly record struct Step(Kind Kind, int Table, int Where, int Target, uint Bits);

    /// <summary>A processor of either kind on one memory.</summary>
    private sealed class Session
    {
        private readonly TableGeometry _geometry;
        private readonly AdversarialCache _cache;
        private readonly NaiveCache _naive;
        private readonly StrictMmu? _strict;
        private readonly List<ulong> _addresses = [0];

        public Session(TableGeometry geometry, bool holdsOnlyAccessed)
        {
            _geometry = geometry;
            PhysicalMemory memory = new((TableCount + 2) << 12);
            ProcessorSettings settings = new()
            {
                Mode = s_modes.GetValueOrDefault(geometry, PagingMode.ThirtyTwoBit),
                HoldsOnlyAccessed = holdsOnlyAccessed,
                ProcessContextIdentifiersEnable = geometry.HasCanonicalAddresses,
            };
            if (geometry == TableGeometry.For(settings.Mode))
            {
                _strict = new StrictMmu(memory, settings);
            }

            _cache = new AdversarialCache(memory, geometry, settings);
            _naive = new NaiveCache(memory, geometry, s_indexes);
            foreach (TableLevel level in geometry.Levels)
            {
                _addresses = [.. _addresses.SelectMany(address => s_indexes.Select(index => address | ((ulong)index & (ulong)(level.EntryCount - 1)) << level.Shift))];
            }

            _addresses = [.. _addresses.Distinct()];
            LoadCr3(FirstTable, 0, keeps: false);
        }

        public void Apply(Step step)
        {
            ulong linear = _addresses[step.Where % _addresses.Count];
            int context = _cache.Settings.ProcessContextIdentifiersEnable ? step.Target % 3 : 0;
            switch (step.Kind)
            {
                case Kind.Store:
                    Store(step);
                    break;
                case Kind.WriteCr3 or Kind.KeepTranslations:
                    ulong root = _geometry.RegisterCount != 0 ? FirstTable : FirstTable + ((ulong)(step.Table % 2) << 12);
                    LoadCr3(root, context, keeps: step.Kind == Kind.KeepTranslations && _cache.Settings.ProcessContextIdentifiersEnable);
                    break;
                case Kind.FlushPage:
                    _cache.InvalidatePage(_geometry.Restore(linear));
                    _naive.FlushPage(linear);
                    break;
                case Kind.Fault:
                    _cache.TakePageFault(_geometry.Restore(linear));
                    _naive.Fault(linear);
                    break;
                case Kind.FlushContext:
                    ContextInvalidation type = (ContextInvalidation)(step.Table % 4);
                    _cache.InvalidateContext(type, context, _geometry.Restore(linear));
                    _naive.FlushContext(type, context, linear);
                    break;
                case Kind.ToggleGlobal when _geometry.RegisterCount == 0:
                    _cache.WriteControlBits(_cache.Settings with { PageGlobalEnable = !_cache.Settings.PageGlobalEnable });
                    _naive.ChangeGlobal(_cache.Settings.PageGlobalEnable);
                    _naive.Close();
                    break;
                case Kind.Access:
                    bool mayAccess = _cache.TryTranslate(_geometry.Restore(linear), out _);
                    bool done = _cache.Access(new MemoryAccess(_geometry.Restore(linear), AccessKind.Read, IsUser: false));
                    Require(mayAccess == done, "an access by the kernel");
                    if (!done && _naive.Held(linear).Count == 0)
                    {
                        _naive.Fault(linear);
                    }

                    break;
                default:
                    break;
            }
        }

        public void CompareWithNaive()
        {
            foreach (ulong linear in _addresses)
            {
                Require(_naive.Held(linear).SetEquals(_cache.Held(_geometry.Restore(linear))), $"translations of {linear:x}");
            }

            for (ulong table = FirstTable; table < FirstTable + (TableCount << 12); table += 0x1000)
            {
                Require(_naive.LeadsTo(table) == _cache.MayWalkThrough(table), $"upper entries to {table:x}");
            }
        }

        public void CompareWithStrict()
        {
            foreach (ulong linear in _addresses)
            {
                ulong address = _geometry.Restore(linear);
                CachedTranslation ofStrict = default;
                bool found = _strict?.TryTranslate(address, out ofStrict) ?? _cache.TryTranslate(address, out ofStrict);
                Require(found == _cache.TryTranslate(address, out CachedTranslation now) && now == ofStrict, $"the walk of {linear:x}");
                Require(!found || _cache.Held(address).Contains(now), $"{linear:x} isn't held");
            }
        }

        public void CompareWithFresh()
        {
            // The control bits and registers are the same; PAE's registers must be loaded to be.
            _cache.WriteCr3(_cache.Cr3);
            _cache.InvalidateContext(ContextInvalidation.AllWithGlobal, 0, 0);
            AdversarialCache fresh = new(_cache.Memory.Clone(), _geometry, _cache.Settings);
            fresh.WriteCr3(_cache.Cr3);
            Require(fresh.State() == _cache.State(), "the state after a flush of everything");
            Require(fresh.State().GetHashCode() == _cache.State().GetHashCode(), "the hash of equal states");
        }

        public void CompareWithClone(Step step)
        {
            CacheState before = _cache.State();
            AdversarialCache clone = _cache.Clone();
            Require(clone.State() == before, "the state of a clone");
            clone.Memory.Write32(FirstTable, (uint)step.Bits);
            clone.InvalidateContext(ContextInvalidation.AllWithGlobal, 0, 0);
            Require(_cache.State() == before, "the original while its clone went on");
            Require(clone.State() != before || clone.Memory.Read32(FirstTable) == _cache.Memory.Read32(FirstTable), "states of different memory");
        }

        private static void Require(bool condition, string what)
        {
            if (!condition)
            {
                throw new InvalidOperationException(what);
            }
        }

        private void LoadCr3(ulong root, int context, bool keeps)
        {
            Require(_cache.WriteCr3(root | (uint)context | (keeps ? KeepsTranslations : 0)), "CR3");
            Require(_strict?.LoadCr3(root) ?? true, "CR3 of the strict MMU");
            _naive.WriteCr3(root, context, keeps);
        }

        private void Store(Step step)
        {
            int index = s_indexes[step.Where % 3] & (_geometry.Levels[0].EntryCount - 1);
            ulong address = FirstTable + ((ulong)step.Table << 12) + (ulong)(index * _geometry.EntryByteCount);

            // The page of directory pointers is no table: an A bit set in one would be reserved.
            int table = _geometry.RegisterCount != 0 ? Math.Max(step.Target, 1) : step.Target;
            ulong target = FirstTable + ((ulong)table << 12);

            // P mostly; R/W, U/S, A, D and G as they come; PS seldom, and then with an address that fits.
            ulong value = target | (step.Bits & 0x166) | (step.Bits % 8 == 0 ? 0u : 1u);
            if ((step.Bits >> 9) % 8 == 0)
            {
                value = (value & 0xFFF) | 0x80 | (_geometry.EntryByteCount == 8 ? 0x8000_0000ul : _geometry == TableGeometry.Toy ? 0xC000ul : 0x80_0000ul);
            }

            if (_geometry.RegisterCount != 0 && step.Table == 0)
            {
                // A directory-pointer entry: no R/W, U/S, A, D or G.
                value = target | (step.Bits & 1);
            }
            else if (_geometry.HasExecuteDisable)
            {
                value |= (ulong)(step.Bits >> 31) << 63;
            }

            if (_geometry.EntryByteCount == 4)
            {
                _cache.Memory.Write32(address, (uint)value);
            }
            else
            {
                _cache.Memory.Write64(address, value);
            }

            _naive.Close();
        }
    }
}

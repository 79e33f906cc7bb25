// What can be done in the paging world: the list that sequences are made of.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Exhaustive;

/// <content>The alphabet.</content>
internal sealed partial class PagingWorld
{
    private static readonly (string Name, Func<PagingWorld, string?> Run)[] s_alphabet =
    [
        ("map page 1", static world => world.Map(0, 1, 1, 0x41, LeafRights.UserReadWrite)),
        ("map pages 3-4", static world => world.Map(0, Straddling, 2, 0x43, LeafRights.SupervisorRead)),
        ("map pages 8-11 large", static world => world.MapLarge(0, Quarter2, 0x48, LeafRights.UserReadWrite)),
        ("map pages 8-11", static world => world.Map(0, Quarter2, 4, 0x48, LeafRights.UserReadWrite)),
        ("map page 2 in set 1", static world => world.Map(1, 2, 1, 0x52, LeafRights.UserRead)),
        ("unmap page 1", static world => world.Unmap(0, 1, 1)),
        ("unmap pages 3-4", static world => world.Unmap(0, Straddling, 2)),
        ("unmap pages 8-11", static world => world.Unmap(0, Quarter2, 4)),
        ("unmap page 1 in set 1", static world => world.Unmap(1, 1, 1)),
        ("page 1 to user read", static world => world.Set(0, 1, 1, LeafRights.UserRead)),
        ("pages 3-4 to user read-write", static world => world.Set(0, Straddling, 2, LeafRights.UserReadWrite)),
        ("pages 8-11 to user read", static world => world.Set(0, Quarter2, 4, LeafRights.UserRead)),
        ("page 9 to supervisor read", static world => world.Set(0, 9, world._mistake == ToyMistake.OnePageTooMany ? 2 : 1, LeafRights.SupervisorRead, modelCount: 1)),
        ("pages 8-11 of set 1 to supervisor read", static world => world.Set(1, Quarter2, 4, LeafRights.SupervisorRead)),
        ("page 1 of set 1 to user read", static world => world.Set(1, 1, 1, LeafRights.UserRead)),
        ("reset pages 3-4", static world => world.Reset(Straddling, 2, world._terms)),
        ("reset pages 8-11", static world => world.Reset(Quarter2, 4, world._terms)),
        ("pages 8-11 to supervisor read-write for good", static world => world.SetBase(Quarter2, 4, LeafRights.SupervisorReadWrite)),
        ("begin to reset pages 3-4", static world => world.Begin(unmaps: false)),
        ("begin to unmap pages 3-4", static world => world.Begin(unmaps: true)),
        ("one step more", static world => world.Step()),
        ("split pages 8-11", static world => world.Split(0)),
        ("merge pages 8-11", static world => world.Merge(0)),
        ("split pages 8-11 of set 1", static world => world.Split(1)),
        ("merge pages 8-11 of set 1", static world => world.Merge(1)),
        ("detach an empty table", static world => world.DetachEmpty(0)),
        ("detach an empty table of set 1", static world => world.DetachEmpty(1)),
        ("share pages 0-3 with set 1", static world => world.Share(0)),
        ("share pages 8-11 with set 1", static world => world.Share(Quarter2)),
        ("share pages 12-15 with set 1", static world => world.Share(12)),
        ("unshare pages 0-3", static world => world.Unshare(0)),
        ("unshare pages 8-11", static world => world.Unshare(Quarter2)),
        ("unlink pages 0-3", static world => world.Unlink(0)),
        ("unlink pages 8-11", static world => world.Unlink(Quarter2)),
        ("copy set 0 to set 1", static world => world.Copy()),
        ("free set 1", static world => world.DetachAll()),
        ("load set 0", static world => world.Load(0)),
        ("load set 1", static world => world.Load(1)),
        ("user writes page 1", static world => world.Touch(1, AccessKind.Write, isUser: true)),
        ("user reads page 3", static world => world.Touch(3, AccessKind.Read, isUser: true)),
        ("user writes page 9", static world => world.Touch(9, AccessKind.Write, isUser: true)),
        ("user executes page 9", static world => world.Touch(9, AccessKind.Fetch, isUser: true)),
        ("kernel writes page 9", static world => world.Touch(9, AccessKind.Write, isUser: false)),
        ("kernel page 15 to read", static world => world.SetKernel(LeafRights.SupervisorRead)),
        ("kernel page 15 to read-write", static world => world.SetKernel(LeafRights.SupervisorReadWrite)),
    ];

    private static readonly IReadOnlyList<string> s_names = [.. s_alphabet.Select(static operation => operation.Name)];
}

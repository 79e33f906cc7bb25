// The six rights and the ways to access, for tests that go through all of them.

using System.Collections.Generic;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Testing;

internal static class Rights
{
    public static readonly LeafRights[] All =
    [
        LeafRights.SupervisorRead, LeafRights.SupervisorReadWrite, LeafRights.SupervisorReadExecute,
        LeafRights.UserRead, LeafRights.UserReadWrite, LeafRights.UserReadExecute,
    ];

    public static readonly Gen<LeafRights> Any = Gen.Int[0, 5].Select(index => All[index]);

    public static IEnumerable<(Access Access, AccessKind Kind)> Accesses()
    {
        yield return (Access.Read, AccessKind.Read);
        yield return (Access.Write, AccessKind.Write);
        yield return (Access.Execute, AccessKind.Fetch);
    }
}

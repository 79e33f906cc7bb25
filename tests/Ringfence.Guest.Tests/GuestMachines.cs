// One class a machine: the test runner runs classes side by side, and the methods of one class one after the other.

namespace Ringfence.Guest.Tests;

/// <summary>The guest tests on x86-64/qemu64.</summary>
public sealed class X8664OnQemu64 : GuestTests<X8664OnQemu64>, IMachineName
{
    public static string MachineName => "x86-64/qemu64";
}

/// <summary>The guest tests on x86-64/max.</summary>
public sealed class X8664OnMax : GuestTests<X8664OnMax>, IMachineName
{
    public static string MachineName => "x86-64/max";
}

/// <summary>The guest tests on pae/qemu32.</summary>
public sealed class PaeOnQemu32 : GuestTests<PaeOnQemu32>, IMachineName
{
    public static string MachineName => "pae/qemu32";
}

/// <summary>The guest tests on pae/max.</summary>
public sealed class PaeOnMax : GuestTests<PaeOnMax>, IMachineName
{
    public static string MachineName => "pae/max";
}

/// <summary>The guest tests on ia32/qemu32.</summary>
public sealed class Ia32OnQemu32 : GuestTests<Ia32OnQemu32>, IMachineName
{
    public static string MachineName => "ia32/qemu32";
}

/// <summary>The guest tests on ia32/max.</summary>
public sealed class Ia32OnMax : GuestTests<Ia32OnMax>, IMachineName
{
    public static string MachineName => "ia32/max";
}

/// <summary>The guest tests on x86-64/microvm.</summary>
public sealed class X8664OnMicroVm : GuestTests<X8664OnMicroVm>, IMachineName
{
    public static string MachineName => "x86-64/microvm";
}

/// <summary>The guest tests on pae/microvm.</summary>
public sealed class PaeOnMicroVm : GuestTests<PaeOnMicroVm>, IMachineName
{
    public static string MachineName => "pae/microvm";
}

/// <summary>The guest tests on ia32/microvm.</summary>
public sealed class Ia32OnMicroVm : GuestTests<Ia32OnMicroVm>, IMachineName
{
    public static string MachineName => "ia32/microvm";
}

/// <summary>The guest tests on x86-64/qemu64/per-domain.</summary>
public sealed class X8664OnQemu64PerDomain : GuestTests<X8664OnQemu64PerDomain>, IMachineName
{
    public static string MachineName => "x86-64/qemu64/per-domain";
}

/// <summary>The guest tests on x86-64/max/per-domain.</summary>
public sealed class X8664OnMaxPerDomain : GuestTests<X8664OnMaxPerDomain>, IMachineName
{
    public static string MachineName => "x86-64/max/per-domain";
}

/// <summary>The guest tests on pae/qemu32/per-domain.</summary>
public sealed class PaeOnQemu32PerDomain : GuestTests<PaeOnQemu32PerDomain>, IMachineName
{
    public static string MachineName => "pae/qemu32/per-domain";
}

/// <summary>The guest tests on pae/max/per-domain.</summary>
public sealed class PaeOnMaxPerDomain : GuestTests<PaeOnMaxPerDomain>, IMachineName
{
    public static string MachineName => "pae/max/per-domain";
}

/// <summary>The guest tests on ia32/qemu32/per-domain.</summary>
public sealed class Ia32OnQemu32PerDomain : GuestTests<Ia32OnQemu32PerDomain>, IMachineName
{
    public static string MachineName => "ia32/qemu32/per-domain";
}

/// <summary>The guest tests on ia32/max/per-domain.</summary>
public sealed class Ia32OnMaxPerDomain : GuestTests<Ia32OnMaxPerDomain>, IMachineName
{
    public static string MachineName => "ia32/max/per-domain";
}

/// <summary>The guest tests on x86-64/qemu64/per-domain-kpti.</summary>
public sealed class X8664OnQemu64PerDomainKpti : GuestTests<X8664OnQemu64PerDomainKpti>, IMachineName
{
    public static string MachineName => "x86-64/qemu64/per-domain-kpti";
}

/// <summary>The guest tests on x86-64/max/per-domain-kpti.</summary>
public sealed class X8664OnMaxPerDomainKpti : GuestTests<X8664OnMaxPerDomainKpti>, IMachineName
{
    public static string MachineName => "x86-64/max/per-domain-kpti";
}

/// <summary>The guest tests on pae/qemu32/per-domain-kpti.</summary>
public sealed class PaeOnQemu32PerDomainKpti : GuestTests<PaeOnQemu32PerDomainKpti>, IMachineName
{
    public static string MachineName => "pae/qemu32/per-domain-kpti";
}

/// <summary>The guest tests on pae/max/per-domain-kpti.</summary>
public sealed class PaeOnMaxPerDomainKpti : GuestTests<PaeOnMaxPerDomainKpti>, IMachineName
{
    public static string MachineName => "pae/max/per-domain-kpti";
}

/// <summary>The guest tests on ia32/qemu32/per-domain-kpti.</summary>
public sealed class Ia32OnQemu32PerDomainKpti : GuestTests<Ia32OnQemu32PerDomainKpti>, IMachineName
{
    public static string MachineName => "ia32/qemu32/per-domain-kpti";
}

/// <summary>The guest tests on ia32/max/per-domain-kpti.</summary>
public sealed class Ia32OnMaxPerDomainKpti : GuestTests<Ia32OnMaxPerDomainKpti>, IMachineName
{
    public static string MachineName => "ia32/max/per-domain-kpti";
}

/// <summary>The guest tests on x86-64/qemu64/common-domain-stacks.</summary>
public sealed class X8664OnQemu64DomainStacks : GuestTests<X8664OnQemu64DomainStacks>, IMachineName
{
    public static string MachineName => "x86-64/qemu64/common-domain-stacks";
}

/// <summary>The guest tests on pae/qemu32/common-domain-stacks.</summary>
public sealed class PaeOnQemu32DomainStacks : GuestTests<PaeOnQemu32DomainStacks>, IMachineName
{
    public static string MachineName => "pae/qemu32/common-domain-stacks";
}

/// <summary>The guest tests on ia32/qemu32/common-domain-stacks.</summary>
public sealed class Ia32OnQemu32DomainStacks : GuestTests<Ia32OnQemu32DomainStacks>, IMachineName
{
    public static string MachineName => "ia32/qemu32/common-domain-stacks";
}

/// <summary>The guest tests on x86-64/qemu64/per-domain-domain-stacks.</summary>
public sealed class X8664OnQemu64PerDomainDomainStacks : GuestTests<X8664OnQemu64PerDomainDomainStacks>, IMachineName
{
    public static string MachineName => "x86-64/qemu64/per-domain-domain-stacks";
}

/// <summary>The guest tests on x86-64/qemu64/shared-subtree.</summary>
public sealed class X8664OnQemu64SharedSubtree : GuestTests<X8664OnQemu64SharedSubtree>, IMachineName
{
    public static string MachineName => "x86-64/qemu64/shared-subtree";
}

/// <summary>The guest tests on x86-64/qemu64/shared-subtree-kpti.</summary>
public sealed class X8664OnQemu64SharedSubtreeKpti : GuestTests<X8664OnQemu64SharedSubtreeKpti>, IMachineName
{
    public static string MachineName => "x86-64/qemu64/shared-subtree-kpti";
}

/// <summary>The guest tests on x86-64/qemu64/leaf-link.</summary>
public sealed class X8664OnQemu64LeafLink : GuestTests<X8664OnQemu64LeafLink>, IMachineName
{
    public static string MachineName => "x86-64/qemu64/leaf-link";
}

/// <summary>The guest tests on pae/qemu32/shared-subtree.</summary>
public sealed class PaeOnQemu32SharedSubtree : GuestTests<PaeOnQemu32SharedSubtree>, IMachineName
{
    public static string MachineName => "pae/qemu32/shared-subtree";
}

/// <summary>The guest tests on pae/qemu32/shared-subtree-kpti.</summary>
public sealed class PaeOnQemu32SharedSubtreeKpti : GuestTests<PaeOnQemu32SharedSubtreeKpti>, IMachineName
{
    public static string MachineName => "pae/qemu32/shared-subtree-kpti";
}

/// <summary>The guest tests on pae/qemu32/leaf-link.</summary>
public sealed class PaeOnQemu32LeafLink : GuestTests<PaeOnQemu32LeafLink>, IMachineName
{
    public static string MachineName => "pae/qemu32/leaf-link";
}

/// <summary>The guest tests on ia32/qemu32/shared-subtree.</summary>
public sealed class Ia32OnQemu32SharedSubtree : GuestTests<Ia32OnQemu32SharedSubtree>, IMachineName
{
    public static string MachineName => "ia32/qemu32/shared-subtree";
}

/// <summary>The guest tests on ia32/qemu32/shared-subtree-kpti.</summary>
public sealed class Ia32OnQemu32SharedSubtreeKpti : GuestTests<Ia32OnQemu32SharedSubtreeKpti>, IMachineName
{
    public static string MachineName => "ia32/qemu32/shared-subtree-kpti";
}

/// <summary>The guest tests on ia32/qemu32/leaf-link.</summary>
public sealed class Ia32OnQemu32LeafLink : GuestTests<Ia32OnQemu32LeafLink>, IMachineName
{
    public static string MachineName => "ia32/qemu32/leaf-link";
}

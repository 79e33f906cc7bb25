using System;

namespace Ringfence.Guest.Supervisor;

/// <summary>Marks a guest test: a static method without parameters. It runs in a kernel thread and speaks through <see cref="Expect"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GuestTestAttribute : Attribute;

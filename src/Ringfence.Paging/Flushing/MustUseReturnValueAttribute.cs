// A flush that is forgotten is a hole in the fence, so the types that carry one say that they can't be dropped.

using System;

namespace Ringfence.Paging;

/// <summary>Marks a type (or method) whose returned value must not be discarded; an analyzer turns a dropped value into an error.</summary>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Method)]
public sealed class MustUseReturnValueAttribute : Attribute
{
}

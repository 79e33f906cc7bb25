// The runtime routines that compiled code asks for when C# uses what the bare machine does not offer.

using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.ImageBuilder.Gates;

/// <summary>A C# feature that shows in an object as an undefined symbol.</summary>
/// <param name="Code">The diagnostic for it.</param>
/// <param name="Text">What the method does, after its name.</param>
/// <param name="Instructions">The IL instructions that lead to it.</param>
internal sealed record RefusedFeature(string Code, string Text, InstructionKinds Instructions)
{
    private static readonly RefusedFeature s_allocation = new("RF2001", "allocates", InstructionKinds.Object | InstructionKinds.Boxing);
    private static readonly RefusedFeature s_arrayAllocation = new("RF2001", "allocates an array", InstructionKinds.Array);
    private static readonly RefusedFeature s_boxing = new("RF2001", "boxes a value", InstructionKinds.Boxing);
    private static readonly RefusedFeature s_throw = new("RF2001", "throws", InstructionKinds.Throw);
    private static readonly RefusedFeature s_cast = new("RF2001", "casts between reference types", InstructionKinds.Cast);
    private static readonly RefusedFeature s_reference = new("RF2001", "stores a reference to an object", InstructionKinds.None);
    private static readonly RefusedFeature s_dispatch = new("RF2001", "calls through an interface at run time", InstructionKinds.None);
    private static readonly RefusedFeature s_reflection = new("RF2001", "asks for the description of a type", InstructionKinds.None);
    private static readonly RefusedFeature s_constructor = new("RF2002", "needs a static constructor to run, and nothing runs it", InstructionKinds.None);

    /// <summary>What an instruction that was found to be the cause does.</summary>
    public string TextFor(InstructionKinds kind) => kind == InstructionKinds.Boxing ? s_boxing.Text : Text;

    /// <summary>The feature that a symbol stands for; null for a symbol that is simply missing.</summary>
    public static RefusedFeature? Of(string symbol)
    {
        return symbol switch
        {
            "RingfenceBoxingIsNotSupported" => s_boxing,
            "RingfenceCastIsNotSupported" => s_cast,
            "RingfenceReflectionIsNotSupported" => s_reflection,
            "RingfenceStaticConstructorIsNotSupported" => s_constructor,
            _ when Starts("RhpNewArray") || Starts("RhpNewPtrArray") || Starts("RhNewArray") => s_arrayAllocation,
            _ when Starts("RhpNew") || Starts("RhNew") => s_allocation,
            _ when Starts("RhpThrow") || Starts("RhpRethrow") => s_throw,
            _ when Starts("RhpAssignRef") || Starts("RhpCheckedAssignRef") || Starts("RhpByRefAssignRef") => s_reference,
            _ when symbol.Contains("InterfaceDispatch", StringComparison.Ordinal) || Starts("RhpResolveInterface") => s_dispatch,
            _ => null,
        };

        bool Starts(string prefix) => symbol.StartsWith(prefix, StringComparison.Ordinal);
    }
}

// The one thing that an analysis of stacks must be told about this library: how deep its recursions go. Whoever analyses knows the attribute by name.

namespace Ringfence.Paging;

/// <summary>No more than so many calls of the method are open at once.</summary>
[System.AttributeUsage(System.AttributeTargets.Method)]
internal sealed class MaximumRecursionAttribute : System.Attribute
{
    /// <summary>A call for each level of tables; the format with the most has five.</summary>
    public const int TableLevels = 5;

    /// <summary>Takes the number of calls.</summary>
    public MaximumRecursionAttribute(int calls) => Calls = calls;

    /// <summary>Calls that may be open at once.</summary>
    public int Calls { get; }
}

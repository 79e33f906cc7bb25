// Whose user stacks are depends on how the image was built; a test of the one way doesn't apply to the other.

namespace Ringfence.Guest.Supervisor;

internal static class StackOwnership
{
    /// <summary>Whether every thread of a domain may use the stacks of all its threads.</summary>
#if STACKS_OF_DOMAIN
    public static bool IsOfDomain => true;
#else
    public static bool IsOfDomain => false;
#endif

    /// <summary>Skips a test of stacks that are each their thread's alone, where they aren't.</summary>
    public static bool SkipUnlessOfThread()
    {
        if (IsOfDomain)
        {
            Expect.Skip("stacks belong to domains in this image"u8);
        }

        return IsOfDomain;
    }

    /// <summary>Skips a test of stacks that belong to domains, where they don't.</summary>
    public static bool SkipUnlessOfDomain()
    {
        if (!IsOfDomain)
        {
            Expect.Skip("stacks are each their thread's alone in this image"u8);
        }

        return !IsOfDomain;
    }
}

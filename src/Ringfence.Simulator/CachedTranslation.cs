// What a walk yields when it reaches the end: this is what a translation cache may hold.

namespace Ringfence.Simulator;

/// <summary>A complete translation with the rights of all levels combined (Intel SDM vol. 3A 4.10.2.2).</summary>
/// <param name="FrameAddress">Physical address of the first byte of the 4 KiB frame.</param>
/// <param name="Writable">R/W is 1 at every level that has it.</param>
/// <param name="User">U/S is 1 at every level that has it.</param>
/// <param name="ExecuteDisable">XD is 1 at some level and NXE is on.</param>
/// <param name="Global">G of the leaf.</param>
public readonly record struct CachedTranslation(ulong FrameAddress, bool Writable, bool User, bool ExecuteDisable, bool Global)
{
    /// <summary>
    /// Whether this translation lets an access through (Intel SDM vol. 3A 4.6.1, rule by rule in the manual's order).
    /// </summary>
    public bool Allows(MemoryAccess access, ProcessorSettings settings)
    {
        if (access.IsUserMode)
        {
            return User && access.Kind switch
            {
                AccessKind.Read => true,
                AccessKind.Write => Writable,
                _ => !ExecuteDisable,
            };
        }

        bool accessPrevented = settings.SupervisorAccessPrevention && User && !(access.AlignmentCheckFlag && !access.IsImplicit);
        return access.Kind switch
        {
            AccessKind.Read => !accessPrevented,
            AccessKind.Write => !accessPrevented && (Writable || !settings.WriteProtect),
            _ => !ExecuteDisable && !(settings.SupervisorExecutionPrevention && User),
        };
    }
}

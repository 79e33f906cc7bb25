// The exit statuses that are the command's own; a run otherwise ends with the guest's.

namespace Ringfence.Tool;

/// <summary>Exit statuses of the command.</summary>
public static class ExitStatuses
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>A build, a boot, a test or an installation failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A time limit passed; as <c>timeout(1)</c> has it.</summary>
    public const int TimedOut = 124;

    /// <summary>Ended by Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}

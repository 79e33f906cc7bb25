// The expected failures of the command, typed so that each becomes one line and an exit status, never a stack trace.

using System;

namespace Ringfence.Tool;

/// <summary>The command cannot go on; the message is one line for the user.</summary>
public sealed class ToolException : Exception
{
    private ToolException(string message, int exitStatus)
        : base(message) => ExitStatus = exitStatus;

    /// <summary>The command's exit status.</summary>
    public int ExitStatus { get; }

    /// <summary>Something outside the command line is wrong: exit status 1.</summary>
    public static ToolException Failure(string message) => new(message, ExitStatuses.Failure);

    /// <summary>The command line is wrong: exit status 2.</summary>
    public static ToolException Usage(string message) => new(message, ExitStatuses.Usage);

    /// <summary>A time limit passed: exit status 124.</summary>
    public static ToolException TimedOut(string message) => new(message, ExitStatuses.TimedOut);
}

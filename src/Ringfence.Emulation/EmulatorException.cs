// The expected failures around an emulator, typed so that callers can show them as a line instead of a stack trace.

using System;

namespace Ringfence.Emulation;

/// <summary>An emulator could not be started or controlled, or a file about an image could not be read; the message says which and why.</summary>
public sealed class EmulatorException : Exception
{
    /// <summary>Creates the failure with its one-line message.</summary>
    public EmulatorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with its one-line message and its cause.</summary>
    public EmulatorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

// The paging formats an image can be built for, under the names that the command line, the build and the image folders share.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace Ringfence.Emulation;

/// <summary>A paging format together with what emulating it takes.</summary>
public sealed class GuestFormat
{
    private GuestFormat(string name, string emulator, string defaultProcessor)
    {
        Name = name;
        Emulator = emulator;
        DefaultProcessor = defaultProcessor;
    }

    /// <summary>Long mode with 4-level paging.</summary>
    public static GuestFormat X8664 { get; } = new("x86-64", "qemu-system-x86_64", "qemu64");

    /// <summary>IA-32 with physical address extension and execute-disable.</summary>
    public static GuestFormat Pae { get; } = new("pae", "qemu-system-i386", "qemu32,+nx,+pae");

    /// <summary>IA-32 two-level paging; no execute-disable bit exists in it.</summary>
    public static GuestFormat Ia32 { get; } = new("ia32", "qemu-system-i386", "qemu32,+nx,+pae");

    /// <summary>Every format; the first is the default.</summary>
    public static IReadOnlyList<GuestFormat> All { get; } = [X8664, Pae, Ia32];

    /// <summary>The name used in <c>RingfenceFormat</c>, <c>--format</c> and image folders.</summary>
    public string Name { get; }

    /// <summary>The QEMU program for the architecture.</summary>
    public string Emulator { get; }

    /// <summary>The plainest processor model that has everything the kernel requires, as QEMU's <c>-cpu</c> takes it.</summary>
    public string DefaultProcessor { get; }

    /// <summary>Finds a format by its exact name.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out GuestFormat? format)
    {
        foreach (GuestFormat candidate in All)
        {
            if (string.Equals(candidate.Name, name, StringComparison.Ordinal))
            {
                format = candidate;
                return true;
            }
        }

        format = null;
        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

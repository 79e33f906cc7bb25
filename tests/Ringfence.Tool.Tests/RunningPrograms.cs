// Looks for processes by their command line, to prove that none was left behind.

using System;
using System.IO;
using System.Linq;

namespace Ringfence.Tool.Tests;

/// <summary>The processes of this machine.</summary>
public static class RunningPrograms
{
    /// <summary>Whether an emulator runs with <paramref name="argument"/> on its command line.</summary>
    public static bool AnyNames(string argument) => Directory.EnumerateDirectories("/proc").Any(folder =>
    {
        try
        {
            string[] words = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
            return words[0].Contains("qemu", StringComparison.Ordinal) && words.Contains(argument);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}

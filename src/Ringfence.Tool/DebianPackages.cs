// Installs what the command needs besides the .NET SDK, after saying what and why.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool;

/// <summary>A Debian package the command needs.</summary>
/// <param name="Name">The package's name, the same on Debian and Ubuntu.</param>
/// <param name="Purpose">Why it is needed, for the user.</param>
/// <param name="Programs">The programs by which its presence is known: names on PATH, or the whole name of any other file.</param>
public sealed record DebianPackage(string Name, string Purpose, IReadOnlyList<string> Programs)
{
    /// <summary>Everything that building and booting an image takes.</summary>
    public static IReadOnlyList<DebianPackage> Required { get; } =
    [
        new("qemu-system-x86", "emulates the machine that images boot on", ["qemu-system-x86_64", "qemu-system-i386"]),
        new("nasm", "assembles boot, entry and switch code", ["nasm"]),
        new("binutils", "links native programs that the tests run", ["ld"]),
    ];

    /// <summary>What tests take beyond that.</summary>
    public static IReadOnlyList<DebianPackage> RequiredByTests { get; } =
    [
        .. Required,
        new("mbpoll", "is the Modbus client that the sample ModbusServer is tested with", ["mbpoll"]),
    ];

    /// <summary>What Bochs takes beyond that: the emulator, its firmware and screen, and what makes a disc that boots.</summary>
    public static IReadOnlyList<DebianPackage> RequiredByBochs { get; } =
    [
        .. Required,
        new("bochs", "emulates a PC without any of QEMU's code", ["bochs"]),
        new("bochs-term", "shows its screen in a terminal", ["/usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so"]),
        new("bochsbios", "is its firmware", ["/usr/share/bochs/BIOS-bochs-latest"]),
        new("vgabios", "is its display's firmware", ["/usr/share/bochs/VGABIOS-lgpl-latest"]),
        new("bsdutils", "gives it a terminal to show its screen in", ["script"]),
        new("grub-common", "makes a disc that boots", ["grub-mkrescue"]),
        new("grub-pc-bin", "is the loader on that disc", ["/usr/lib/grub/i386-pc/multiboot.mod"]),
        new("xorriso", "writes the disc", ["xorriso"]),
        new("mtools", "prepares the disc", ["mformat"]),
    ];
}

/// <summary>Finds and installs missing packages.</summary>
public static class DebianPackages
{
    private const string PackageLists = "/var/lib/apt/lists";

    /// <summary>Installs those of <paramref name="packages"/> that are missing; returns at once if none is.</summary>
    /// <exception cref="ToolException">The installation failed, or needs rights that cannot be had.</exception>
    public static async Task EnsureAsync(
        IReadOnlyList<DebianPackage> packages, TextWriter messages, CancellationToken cancellationToken)
    {
        DebianPackage[] missing = [.. packages.Where(static package => !package.Programs.All(ChildProcess.IsInstalled))];
        if (missing.Length == 0)
        {
            return;
        }

        await messages.WriteLineAsync("ringfence: installing Debian packages that are missing:").ConfigureAwait(false);
        foreach (DebianPackage package in missing)
        {
            await messages.WriteLineAsync($"  {package.Name,-16} {package.Purpose}").ConfigureAwait(false);
        }

        string names = string.Join(' ', missing.Select(static package => package.Name));
        string byHand = $"install by hand: apt-get install {names}";
        if (!Environment.IsPrivilegedProcess && !ChildProcess.IsInstalled("sudo"))
        {
            throw ToolException.Failure($"installing packages needs root and there is no sudo; as root, {byHand}");
        }

        bool listsAreFresh = !HasPackageLists() && await AptGetAsync(["update"], messages, cancellationToken).ConfigureAwait(false);
        string[] install = ["install", "-y", "--no-install-recommends", .. missing.Select(static package => package.Name)];
        bool installed = await AptGetAsync(install, messages, cancellationToken).ConfigureAwait(false);
        if (!installed && !listsAreFresh)
        {
            // Old lists name versions that are gone from the archive.
            installed = await AptGetAsync(["update"], messages, cancellationToken).ConfigureAwait(false)
                && await AptGetAsync(install, messages, cancellationToken).ConfigureAwait(false);
        }

        if (!installed)
        {
            throw ToolException.Failure($"apt-get could not install {names} (its reasons are above); {byHand}");
        }

        string[] absent = [.. missing.SelectMany(static package => package.Programs).Where(static program => !ChildProcess.IsInstalled(program))];
        if (absent.Length != 0)
        {
            throw ToolException.Failure($"{names} installed, but PATH has no {string.Join(", ", absent)}");
        }
    }

    private static bool HasPackageLists()
    {
        try
        {
            return Directory.EnumerateFiles(PackageLists, "*_Packages*").Any();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<bool> AptGetAsync(string[] arguments, TextWriter messages, CancellationToken cancellationToken)
    {
        // env, because sudo does not pass variables on.
        string[] command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", .. arguments];
        if (!Environment.IsPrivilegedProcess)
        {
            command = ["sudo", .. command];
        }

        return await ChildProcess.RunAsync(command[0], command[1..], messages, cancellationToken).ConfigureAwait(false) == 0;
    }
}

// Makes tiny bootable guests, so that the tests of the emulator's driver depend on nothing that the driver is there to run.

using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Ringfence.Emulation;

namespace Ringfence.Tool.Tests.Guests;

/// <summary>How a hand-made guest ends; the numbers are those of guest.asm.</summary>
public enum GuestEnding
{
    Status = 1,
    Hang = 2,
    Reset = 3,
    Flood = 4,
}

/// <summary>A guest that prints a text and ends.</summary>
public static class HandMadeGuest
{
    /// <summary>Writes guest.asm into a folder.</summary>
    public static string WriteSource(string folder)
    {
        using Stream resource = typeof(HandMadeGuest).Assembly.GetManifestResourceStream("guest.asm")!;
        string path = Path.Combine(folder, "guest.asm");
        using FileStream file = File.Create(path);
        resource.CopyTo(file);
        return path;
    }

    /// <summary>Assembles and links a guest.</summary>
    /// <returns>Path of the image.</returns>
    public static string Build(ScratchFolder folder, string text, GuestEnding ending, int status = 0)
    {
        string source = WriteSource(folder.Path);
        string image = Path.ChangeExtension(source, ".elf");
        Run("nasm", "-f", "elf32", "-DTEXT=" + AssemblerText(text), FormattableString.Invariant($"-DENDING={(int)ending}"),
            FormattableString.Invariant($"-DEXIT_STATUS={status}"), "-o", source + ".o", source);
        Run("ld", "-m", "elf_i386", "-Ttext=0x100000", "-e", "_start", "-o", image, source + ".o");
        return image;
    }

    /// <summary>The options to boot a hand-made guest with.</summary>
    public static QemuOptions Options(string image) => new()
    {
        ImagePath = image,
        Format = GuestFormat.Ia32,
        TimeLimit = TimeSpan.FromSeconds(30),
    };

    /// <summary>A text as guest.asm takes it: bytes as numbers, so that no character needs quoting, and the zero that ends it.</summary>
    public static string AssemblerText(string text) =>
        string.Join(',', Encoding.UTF8.GetBytes(text + '\0').Select(static value => value.ToString(CultureInfo.InvariantCulture)));

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {errors}");
        }
    }
}

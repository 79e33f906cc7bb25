// A number that no component of the image has in its code is as unknown as one beyond the last call: it ends its caller, and nobody else notices. The number is put into the loaded image, in place of one that a component calls.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

public sealed class AbsentCallTests
{
    private const byte MoveToEax = 0xB8;

    // The sample's component with the planted bug asks at its start how often it was restarted, and nobody sends a message.
    private const string Component = "Gateway";
    private const string Stub = "RingfenceCallRestartCount";
    private const string AbsentCall = "SendMessage";
    private const int AbsentNumber = 19;
    private const int UnknownNumber = 100;
    private const int LifeCount = 3;

    [Theory]
    [InlineData("x86-64", AbsentNumber)]
    [InlineData("x86-64", UnknownNumber)]
    [InlineData("pae", AbsentNumber)]
    [InlineData("pae", UnknownNumber)]
    [InlineData("ia32", AbsentNumber)]
    [InlineData("ia32", UnknownNumber)]
    public async Task A_call_that_the_image_does_not_have_ends_its_caller_and_nobody_else(string formatName, int number)
    {
        GuestFormat format = BootableImages.Format(formatName);
        ImageFiles files = BootableImages.Fences(format);
        using JsonDocument map = JsonDocument.Parse(await File.ReadAllBytesAsync(files.Map, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(AbsentCall, map.RootElement.GetProperty("systemCalls").EnumerateArray().Select(static call => call.GetString()));
        byte[] image = await File.ReadAllBytesAsync(files.Image, TestContext.Current.CancellationToken);
        int place = PlaceOfStub(map.RootElement);
        Assert.Equal(MoveToEax, image[place]);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(place + 1), number);

        (GuestExit exit, List<string> lines) = await BootAsync(image, format);

        string[] faults = [.. lines.Where(static line => line.StartsWith("fault   thread ", StringComparison.Ordinal))];
        string reason = $"of {Component}, domain 3, ended: no such system call, number 0x{number.ToString("x", CultureInfo.InvariantCulture)}";
        Assert.Equal(LifeCount, faults.Length);
        Assert.All(faults, line => Assert.EndsWith(reason, line, StringComparison.Ordinal));
        Assert.Contains("kernel  Gateway stays down, as its restart policy says", lines);
        Assert.Contains("Meter:   8 measurements, sum 9888 mV, calibration 1208; statics untouched: True", lines);
        Assert.Contains("Display: measurement 8 is 1264 mV", lines);
        Assert.Equal(new GuestExit(GuestExitKind.Status, 1, string.Empty), exit);
    }

    private static int PlaceOfStub(JsonElement map)
    {
        ulong address = map.GetProperty("symbols").EnumerateArray()
            .Single(static symbol => symbol.GetProperty("owner").GetString() == Component && symbol.GetProperty("name").GetString() == Stub)
            .GetProperty("address").GetUInt64();
        JsonElement text = map.GetProperty("regions").EnumerateArray().Single(static region => region.GetProperty("name").GetString() == Component + ".text");
        return (int)(text.GetProperty("fileOffset").GetUInt64() + (address - text.GetProperty("start").GetUInt64()));
    }

    private static async Task<(GuestExit Exit, List<string> Lines)> BootAsync(byte[] image, GuestFormat format)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllBytesAsync(path, image, cancellation);
            List<string> lines = [];
            QemuOptions options = new() { ImagePath = path, Format = format, TimeLimit = TimeSpan.FromSeconds(60) };
            return (await QemuMachine.RunAsync(options, lines.Add, cancellation), lines);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

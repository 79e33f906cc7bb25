// Two sides and an encryptor between them: what the one says reaches the other encrypted or not at all, also where every switch edits every shared page.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

public sealed class SharedMemoryTests
{
    private const int PageByteCount = 4096;

    public static IEnumerable<TheoryDataRow<string, bool>> Machines =>
        GuestMachine.OfSamples.SelectMany(static machine => new TheoryDataRow<string, bool>[] { new(machine.Name, false), new(machine.Name, true) });

    public static IEnumerable<TheoryDataRow<string>> Formats =>
        GuestMachine.All.Select(static machine => machine.Format.Name).Distinct().Select(static name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Messages_pass_encrypted_and_neither_side_reaches_the_others_memory(string name, bool audit)
    {
        GuestMachine machine = GuestMachine.All.Single(machine => machine.Name == name);
        List<string> lines = [];
        GuestExit exit = await QemuMachine.RunAsync(
            machine.With(BootableImages.SharedMemory(machine.Variant with { IsAudited = audit })), lines.Add, TestContext.Current.CancellationToken);

        string console = string.Join('\n', lines);
        Assert.True(exit.IsSuccess, $"{exit}. The console:\n{console}");
        OrderedText.AssertHolds(
            console,
            $"ringfence: format {machine.Format.Name}, strategy {machine.Variant.StrategyName}, ",
            "Encryptor: the cipher passes the example of RFC 8439",
            "Secret:    starts; restarts so far: 0",
            "Public:    has cipher text, and reads the plain text that it was made of",
            " of Public, domain 3, ended: page fault, vector 14, " + machine.DeniedRead,
            "(shared partition PlainText); nearest partition of its domain: shared partition CipherText at 0x",
            machine.Denial,
            "fault   at 0x",
            "kernel  Public is restarted with pristine statics, restart 1 of 1",
            "Public:    starts; restarts so far: 1",
            "Secret:    writes plain text where the public side reads, past the encryptor",
            " of Secret, domain 2, ended: page fault, vector 14, " + machine.DeniedWrite,
            "(shared partition CipherText); nearest partition of its domain: shared partition PlainReturn at 0x",
            machine.Denial,
            "fault   at 0x",
            "kernel  Secret is restarted with pristine statics, restart 1 of 1",
            "Secret:    starts; restarts so far: 1",
            "Secret:    8 messages of 16384 bytes came back from the public side as they were",
            "Encryptor: 9 messages encrypted, returned and decrypted; the secret side has no more",
            "Public:    9 messages received, each as random as cipher text should be",
            "component ",
            "kernel  the machine ends with exit status 0");
        Assert.Equal(2, lines.Count(static line => line.StartsWith("fault   thread ", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, static line => line.Contains("there is no fence", StringComparison.Ordinal));
        Assert.Equal(
            ["Encryptor 1 finished 0 0 0", "Secret 2 finished 1 1 0", "Public 3 finished 1 1 0"],
            lines.SkipWhile(static line => !line.StartsWith("component ", StringComparison.Ordinal)).Skip(1).Take(3).Select(static line => string.Join(' ', Words(line))));
        if (audit)
        {
            MeasuredStacks.AssertWithinNeeds(lines, BootableImages.SharedMemory(machine.Variant with { IsAudited = true }));
        }
    }

    // The worst case for one set of tables, which the sample says it is: no entry of a shared page can stay as it was.
    [Theory]
    [MemberData(nameof(Formats))]
    public void No_two_components_have_equal_rights_to_any_shared_page(string formatName)
    {
        ImageFiles image = BootableImages.SharedMemory(new ImageVariant(BootableImages.Format(formatName)));
        using JsonDocument map = JsonDocument.Parse(System.IO.File.ReadAllBytes(image.Map));
        string[][] rights = [.. map.RootElement.GetProperty("components").EnumerateArray().Select(component => Rights(map.RootElement, component))];
        Assert.Equal(3, rights.Length);
        Assert.Equal([16, 16, 16], new[] { Differing(rights[0], rights[1]), Differing(rights[0], rights[2]), Differing(rights[1], rights[2]) });
    }

    // One entry for each shared page.
    private static string[] Rights(JsonElement map, JsonElement component) =>
    [
        .. from partition in map.GetProperty("sharedPartitions").EnumerateArray()
        let grants = component.GetProperty("grants").EnumerateArray()
            .Where(grant => grant.GetProperty("partition").GetString() == partition.GetProperty("name").GetString())
            .Select(static grant => grant.GetProperty("writable").GetBoolean() ? "read-write" : "read")
        from page in Enumerable.Range(0, (partition.GetProperty("end").GetInt32() - partition.GetProperty("start").GetInt32()) / PageByteCount)
        select grants.SingleOrDefault("none"),
    ];

    private static int Differing(string[] first, string[] second) => first.Zip(second).Count(static pair => pair.First != pair.Second);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

// The cookie of stack frames is a component's own, made anew in each of its lives; a component in whose code no frame has one goes without, and without the page of statics that it would lie in.

using System.Text.Json;

namespace Ringfence.Sdk.Tests;

public sealed class StackCookieTests
{
    public static TheoryData<string> Formats => ["x86-64", "pae", "ia32"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_component_whose_frames_check_no_cookie_has_none(string format)
    {
        JsonElement map = FixtureBuild.SoundMap(format);
        Assert.Empty(OwnersOfCookies(map).Except(["kernel"]));
        Assert.Equal(["ComponentStartWithoutCookie"], StartsOf(map, "Reader"));
        Assert.Equal(["ComponentStartWithoutCookie"], StartsOf(map, "SoundWriter"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_component_with_a_frame_that_checks_a_cookie_makes_one(string format)
    {
        using FixtureBuild build = FixtureBuild.Like(format).WithoutComponents().AddComponent("Framed");
        await build.RunAsync();

        JsonElement map = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(build.Folder, "Sound.map.json"))).RootElement;
        Assert.Contains("Framed", OwnersOfCookies(map));
        Assert.Equal(["ComponentStart"], StartsOf(map, "Framed"));
    }

    private static IEnumerable<string> OwnersOfCookies(JsonElement map) =>
        Symbols(map).Where(static symbol => symbol.Name.TrimStart('_') == "security_cookie").Select(static symbol => symbol.Owner);

    private static IEnumerable<string> StartsOf(JsonElement map, string component) =>
        Symbols(map).Where(symbol => symbol.Owner == component && (symbol.Name is "ComponentStart" or "ComponentStartWithoutCookie"))
            .Select(static symbol => symbol.Name);

    private static IEnumerable<(string Name, string Owner)> Symbols(JsonElement map) => map.GetProperty("symbols").EnumerateArray()
        .Select(static symbol => (symbol.GetProperty("name").GetString()!, symbol.GetProperty("owner").GetString()!));
}

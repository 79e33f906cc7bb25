// Laws of the generated bodies of kernel object properties.

using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Ringfence.Analyzers.Tests;

public sealed class ObjectPropertyTests
{
    private const string Surroundings = """
        namespace Ringfence.App
        {
            public sealed class SemaphoreAttribute(string? name = null) : System.Attribute
            {
                public string? Name { get; } = name;
                public int InitialCount { get; set; }
                public int Limit { get; set; }
                public bool IsLock { get; set; }
            }
            public sealed class MessageQueueAttribute(string? name = null) : System.Attribute { public string? Name { get; } = name; public int Capacity { get; set; } }
            public sealed class SerialPortAttribute(int number) : System.Attribute
            {
                public int Number { get; } = number;
                public int BaudRate { get; set; }
                public int StopBits { get; set; }
            }
            public readonly struct Semaphore { public Semaphore(int handle) { } }
            public readonly struct SemaphoreGiver { public SemaphoreGiver(int handle) { } }
            public readonly struct SemaphoreTaker { public SemaphoreTaker(int handle) { } }
            public readonly struct MessageSender<T> where T : unmanaged { public MessageSender(int handle) { } }
            public readonly struct MessageReceiver<T> where T : unmanaged { public MessageReceiver(int handle) { } }
            public readonly struct SerialPort { public SerialPort(int handle) { } }
        }
        struct Order { public int Number; }
        static class P { internal static void Main() { } }

        """;

    [Theory]
    [InlineData("[Semaphore] internal static partial Semaphore Shared { get; }", "Shared")]
    [InlineData("[Semaphore(InitialCount = 3, Limit = 3)] internal static partial SemaphoreGiver Shared { get; }", "Shared")]
    [InlineData("[Semaphore(\"ready_2\", IsLock = true)] static partial SemaphoreTaker Shared { get; }", "ready_2")]
    [InlineData("[MessageQueue(Capacity = 255)] static partial MessageSender<Order> Shared { get; }", "Shared")]
    [InlineData("[MessageQueue(\"orders\")] public static partial MessageReceiver<long> Shared { get; }", "orders")]
    [InlineData("[SerialPort(2, BaudRate = 19200, StopBits = 2)] static partial SerialPort Shared { get; }", "SerialPort2")]
    public void A_sound_property_gets_a_body_that_asks_the_symbol_of_its_name(string property, string name)
    {
        Generation generation = Compile.Generate(
            "using Ringfence.App;\n" + Surroundings + "partial class C { " + property + " }", Project.Component, allowUnsafe: false);

        Assert.Empty(generation.Ids);
        Compile.AssertNoErrors(generation.Output);
        IMethodSymbol import = generation.Output.GetTypeByMetadataName("KernelObjectHandles")!.GetMembers().OfType<IMethodSymbol>().Single(static m => m.IsStatic);
        Assert.True(import.IsExtern);
        AttributeData link = import.GetAttributes().Single(static a => a.AttributeClass!.Name == "RuntimeImportAttribute");
        Assert.Equal(["*", "object_" + name], link.ConstructorArguments.Select(static a => a.Value));
    }

    [Theory]
    [InlineData("RF1111", "[Semaphore] static Semaphore Shared => default;")]
    [InlineData("RF1111", "[Semaphore] partial Semaphore Shared { get; }")]
    [InlineData("RF1111", "[MessageQueue] static partial ref MessageSender<Order> Shared { get; }")]
    [InlineData("RF1112", "[Semaphore] static partial MessageSender<Order> Shared { get; }")]
    [InlineData("RF1112", "[MessageQueue] static partial Semaphore Shared { get; }")]
    [InlineData("RF1112", "[SerialPort(2)] static partial int Shared { get; }")]
    [InlineData("RF1113", "[Semaphore(\"a-b\")] static partial Semaphore Shared { get; }")]
    [InlineData("RF1113", "[MessageQueue(\"\")] static partial MessageSender<Order> Shared { get; }")]
    [InlineData("RF1114", "[Semaphore(Limit = 0)] static partial Semaphore Shared { get; }")]
    [InlineData("RF1114", "[Semaphore(Limit = 65536)] static partial Semaphore Shared { get; }")]
    [InlineData("RF1114", "[Semaphore(InitialCount = -1)] static partial Semaphore Shared { get; }")]
    [InlineData("RF1114", "[Semaphore(InitialCount = 3, Limit = 2)] static partial Semaphore Shared { get; }")]
    [InlineData("RF1114", "[MessageQueue(Capacity = 0)] static partial MessageSender<Order> Shared { get; }")]
    [InlineData("RF1114", "[MessageQueue(Capacity = 256)] static partial MessageSender<Order> Shared { get; }")]
    [InlineData("RF1114", "[SerialPort(1)] static partial SerialPort Shared { get; }")]
    [InlineData("RF1114", "[SerialPort(2, BaudRate = 19201)] static partial SerialPort Shared { get; }")]
    [InlineData("RF1114", "[SerialPort(2, BaudRate = 0)] static partial SerialPort Shared { get; }")]
    [InlineData("RF1114", "[SerialPort(2, StopBits = 3)] static partial SerialPort Shared { get; }")]
    public void An_unsound_property_is_reported_at_its_name_and_gets_no_body(string id, string property)
    {
        Generation generation = Compile.Generate("using Ringfence.App;\n" + Surroundings + "partial class C { " + property + " }", Project.Component);

        Assert.Equal([id], generation.Ids);
        Location place = generation.Diagnostics[0].Location;
        Assert.Equal("Shared", generation.Output.SyntaxTrees.First().GetText(TestContext.Current.CancellationToken).ToString(place.SourceSpan));
        Assert.DoesNotContain("KernelObjects.g.cs", generation.Sources.Keys);
    }

    [Fact]
    public async Task Generated_bodies_pass_the_analyzers()
    {
        Generation generation = Compile.Generate(
            "using Ringfence.App;\n" + Surroundings + "partial class C { [Semaphore] internal static partial Semaphore Shared { get; } }", Project.Component);

        Assert.Empty(await Compile.FindingsAsync(generation.Output, Project.Component));
    }
}

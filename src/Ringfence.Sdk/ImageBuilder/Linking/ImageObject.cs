// The kernel objects of an image: what its components declare, put together. All components must mean the same by a name.

using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>A declared kernel object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The member of <c>KernelObjectKind</c>.</param>
/// <param name="KindNumber">Its value.</param>
/// <param name="MessageType">A queue's message; empty for other kinds.</param>
/// <param name="Uses">Every use of it.</param>
/// <param name="Handle">Its handle, the same in every component.</param>
internal sealed record ImageObject(
    string Name, string Kind, int KindNumber, string MessageType, IReadOnlyList<ObjectUse> Uses, int Handle)
{
    private const int SerialBufferBytes = 1024;
    private const int SerialClockHertz = 115200;

    /// <summary>Semaphore: units at the start. Serial port: its number.</summary>
    public int Initial => Setting(Kind == DeclaredObjects.SerialPort ? "Number" : "InitialCount", 0);

    /// <summary>Semaphore: units at most. Queue: messages at most. Serial port: bits a second.</summary>
    public int Limit => Kind switch
    {
        DeclaredObjects.Semaphore => Setting("Limit", Math.Max(1, Initial)),
        DeclaredObjects.MessageQueue => Setting("Capacity", 1),
        _ => Setting("BaudRate", SerialClockHertz),
    };

    /// <summary>Semaphore: 1 if it is a lock. Queue: bytes of a message. Serial port: parity and stop bits where the 16550's line control has them.</summary>
    public int Shape => Kind switch
    {
        DeclaredObjects.Semaphore => Setting("IsLock", 0),
        DeclaredObjects.MessageQueue => Uses[0].MessageBytes,
        _ => (Setting("Parity", 0) << 3) | ((Setting("StopBits", 1) - 1) << 2),
    };

    /// <summary>Bytes of kernel memory for messages, or for what a serial port received and is to send.</summary>
    public int BufferBytes => Kind switch
    {
        DeclaredObjects.Semaphore => 0,
        DeclaredObjects.MessageQueue => Limit * Shape,
        _ => SerialBufferBytes,
    };

    /// <summary>The components that use it, one bit each.</summary>
    public uint Mask(IReadOnlyList<LinkedComponent> components, Func<ObjectUse, bool> hasRight) => components.Index()
        .Where(component => Uses.Any(use => use.Component == component.Item.Request.Name && hasRight(use)))
        .Aggregate(0u, static (mask, component) => mask | (1u << component.Index));

    /// <summary>The objects of an image, by name; throws with every disagreement.</summary>
    /// <param name="uses">All uses of all components.</param>
    /// <param name="kernelAssemblies">Where the layout of handles is said.</param>
    public static IReadOnlyList<ImageObject> Merge(IEnumerable<ObjectUse> uses, IReadOnlyList<string> kernelAssemblies)
    {
        // The first life of a slot has generation 1.
        int firstGeneration = 1 << KernelConstants.Read(kernelAssemblies, "KernelHandle", "GenerationShift");
        int kindShift = KernelConstants.Read(kernelAssemblies, "KernelHandle", "KindShift");
        List<Diagnostic> problems = [];
        List<ImageObject> objects = [];
        foreach (IGrouping<string, ObjectUse> group in uses.GroupBy(static use => use.Name).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            ObjectUse first = group.First();
            foreach (ObjectUse other in group)
            {
                if (other.Kind != first.Kind || other.MessageType != first.MessageType)
                {
                    problems.Add(Disagreement(first, other, Describe(first), Describe(other)));
                }
            }

            foreach (IGrouping<string, (string Setting, int Value, ObjectUse Use)> stated in group
                .SelectMany(static use => use.Settings.Select(setting => (setting.Key, setting.Value, use)))
                .GroupBy(static setting => setting.Key))
            {
                (string setting, int value, ObjectUse use) = stated.First();
                problems.AddRange(stated.Where(other => other.Value != value)
                    .Select(other => Disagreement(use, other.Use, $"{setting} {value}", $"{setting} {other.Value}")));
            }

            int kind = KernelConstants.Read(kernelAssemblies, "KernelObjectKind", first.Kind);
            int handle = objects.Count | (kind << kindShift) | firstGeneration;
            objects.Add(new ImageObject(group.Key, first.Kind, kind, first.MessageType, [.. group], handle));
        }

        problems.AddRange(objects.Where(static made => made.Kind == DeclaredObjects.Semaphore && made.Initial > made.Limit)
            .Select(static made => new Diagnostic(
                "RF2022", made.Uses[0].Component, $"Semaphore {made.Name} starts with {made.Initial} units and has a limit of {made.Limit}")));
        return problems.Count == 0 ? objects : throw new BuildFailedException(problems);
    }

    private int Setting(string name, int otherwise)
    {
        foreach (ObjectUse use in Uses)
        {
            if (use.Settings.TryGetValue(name, out int value))
            {
                return value;
            }
        }

        return otherwise;
    }

    private static Diagnostic Disagreement(ObjectUse one, ObjectUse other, string oneSays, string otherSays) => new(
        "RF2022", other.Component, $"Object {other.Name} is {otherSays} in {other.Property} and {oneSays} in {one.Property} of {one.Component}");

    private static string Describe(ObjectUse use) => use.MessageType.Length == 0 ? use.Kind : $"{use.Kind} of {use.MessageType}";
}

// What MSBuild asks for, as the lines of a text file: a key, a tab, a value; a component's values are separated by tabs.

using System.Globalization;
using Ringfence.ImageBuilder.Linking;

namespace Ringfence.ImageBuilder;

/// <summary>When the kernel starts a component again.</summary>
internal enum RestartPolicy
{
    Never = 0,
    OnFault = 1,
}

/// <summary>Where the sizes of stacks come from.</summary>
internal enum StackSizes
{
    Declared = 0,
    Analysed = 1,
}

/// <summary>A component as the image's project declares it.</summary>
/// <param name="Assembly">Path of its assembly.</param>
/// <param name="Name">Its name in reports and symbols.</param>
/// <param name="Priority">0, the most important, to 15.</param>
/// <param name="Restart">What happens after a fault.</param>
/// <param name="RestartLimit">How many times it may be restarted.</param>
internal sealed record ComponentRequest(string Assembly, string Name, int Priority, RestartPolicy Restart, int RestartLimit);

/// <summary>Everything an image is made from.</summary>
internal sealed record ImageRequest
{
    private const int DefaultPriority = 8;
    private const int DefaultRestartLimit = 3;
    private const int MaximumNameLength = 31;

    public required string Name { get; init; }

    public required string Project { get; init; }

    public required ImageFormat Format { get; init; }

    public required TableStrategy Strategy { get; init; }

    /// <summary>Whether the kernel is absent from the tables on which user mode runs.</summary>
    public required bool Kpti { get; init; }

    public required bool Audit { get; init; }

    public required bool Count { get; init; }

    /// <summary>Processors that threads run on.</summary>
    public required int Processors { get; init; }

    /// <summary>Whether the application counts on memory that can be read and not executed.</summary>
    public required bool RequireNoExecute { get; init; }

    public required int ThreadCapacity { get; init; }

    /// <summary>Domains that can exist at once, the kernel's own included.</summary>
    public required int DomainCapacity { get; init; }

    /// <summary>Domains whose sets of tables the image has frames for, where each has one; null for all of them.</summary>
    public int? TableSetCapacity { get; init; }

    public required int KernelStackPages { get; init; }

    public required int UserStackPages { get; init; }

    public required StackSizes StackSizes { get; init; }

    /// <summary>Why stacks may be smaller than what they can take, or empty.</summary>
    public required string SmallStacksReason { get; init; }

    /// <summary>Bytes of the boot stack, if they have been worked out.</summary>
    public int? BootStackBytes { get; init; }

    /// <summary>Sizes of the stacks of exceptions, if they have been worked out.</summary>
    public ExceptionStacks? ExceptionStacks { get; init; }

    public required int TickHertz { get; init; }

    /// <summary>Kernel objects that components may create at run time.</summary>
    public required int CreatedObjectCapacity { get; init; }

    /// <summary>Whether the image ends only when it is ended from outside.</summary>
    public required bool RunsForever { get; init; }

    /// <summary>How to reach the guest's serial port, <c>{device}</c> standing for the device; empty if there is nothing to say.</summary>
    public required string ConnectCommand { get; init; }

    /// <summary>Folder of the image and its map.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>Folder of compiled objects, shared between images.</summary>
    public required string ObjectFolder { get; init; }

    /// <summary>Folder of the architecture's assembly sources.</summary>
    public required string MachineFolder { get; init; }

    /// <summary>Folder of the assembly sources that both architectures have in common.</summary>
    public required string CommonMachineFolder { get; init; }

    /// <summary>Files of both folders that match a pattern, by name: an image is linked in this order.</summary>
    public IEnumerable<string> MachineFiles(string pattern) =>
        Directory.GetFiles(MachineFolder, pattern).Concat(Directory.GetFiles(CommonMachineFolder, pattern)).OrderBy(Path.GetFileName, StringComparer.Ordinal);

    public required string Compiler { get; init; }

    public required string Assembler { get; init; }

    /// <summary>The core library and its facades.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>The kernel's assembly and those of kernel modules; what they refer to lies beside them.</summary>
    public required IReadOnlyList<string> KernelAssemblies { get; init; }

    /// <summary>Assembly sources of kernel modules.</summary>
    public required IReadOnlyList<string> KernelSources { get; init; }

    public required IReadOnlyList<ComponentRequest> Components { get; init; }

    /// <summary>Reads a request, refusing bad values by name.</summary>
    public static ImageRequest Parse(IEnumerable<string> lines)
    {
        ILookup<string, string[]> values = lines
            .Where(static line => line.Length != 0)
            .Select(static line => line.Split('\t'))
            .ToLookup(static words => words[0], static words => words[1..]);
        List<Diagnostic> problems = [];
        string project = One("project");
        ProjectFile file = new(project);

        string formatName = One("format");
        ImageFormat? format = ImageFormats.Parse(formatName);
        if (format is null)
        {
            problems.Add(file.Blame("RingfenceFormat", "RF2010", $"RingfenceFormat is '{formatName}'; supported: x86-64, pae, ia32"));
        }

        string strategyName = One("strategy");
        TableStrategy? strategy = TableStrategies.Parse(strategyName);
        if (strategy is null)
        {
            problems.Add(file.Blame("RingfenceStrategy", "RF2010", $"RingfenceStrategy is '{strategyName}'; supported: {string.Join(", ", TableStrategies.Names)}"));
        }

        StackSizes? stackSizes = One("stack-sizes") switch
        {
            "declared" => StackSizes.Declared,
            "analysed" => StackSizes.Analysed,
            _ => null,
        };
        if (stackSizes is null)
        {
            problems.Add(file.Blame("RingfenceStackSizes", "RF2010", $"RingfenceStackSizes is '{One("stack-sizes")}'; supported: declared, analysed"));
        }

        List<ComponentRequest> components = [.. values["component"].Select(Component)];
        foreach (IGrouping<string, ComponentRequest> same in components.GroupBy(static component => component.Name).Where(static group => group.Count() > 1))
        {
            problems.Add(new Diagnostic("RF2011", project, $"{same.Count()} components are named '{same.Key}'; give each a Name of its own"));
        }

        ImageRequest request = new()
        {
            Name = One("name"),
            Project = project,
            Format = format ?? default,
            Strategy = strategy ?? default,
            Kpti = One("kpti") == "true",
            Audit = One("audit") == "true",
            Count = One("count") == "true",
            Processors = Number("RingfenceProcessors", One("processors"), 1, 255),
            RequireNoExecute = One("require-no-execute") == "true",
            ThreadCapacity = Number("RingfenceThreadCapacity", One("thread-capacity"), 2, 32),
            DomainCapacity = One("domain-capacity").Length == 0 ? components.Count + 1
                : Number("RingfenceDomainCapacity", One("domain-capacity"), 1, 64),
            TableSetCapacity = One("table-set-capacity").Length == 0 ? null
                : Number("RingfenceTableSetCapacity", One("table-set-capacity"), 1, 64),
            KernelStackPages = Number("RingfenceKernelStackPages", One("kernel-stack-pages"), 1, 16),
            UserStackPages = Number("RingfenceUserStackPages", One("user-stack-pages"), 1, 64),
            StackSizes = stackSizes ?? default,
            SmallStacksReason = One("small-stacks-reason"),
            TickHertz = Number("RingfenceTickHertz", One("tick-hertz"), 20, 10_000),
            CreatedObjectCapacity = Number("RingfenceCreatedObjectCapacity", One("created-object-capacity"), 0, 24),
            RunsForever = One("runs-forever") == "true",
            ConnectCommand = One("connect-command"),
            OutputFolder = One("output"),
            ObjectFolder = One("objects"),
            MachineFolder = Path.GetFullPath(One("machine")),
            CommonMachineFolder = Path.GetFullPath(One("machine-common")),
            Compiler = One("compiler"),
            Assembler = One("assembler"),
            References = [.. values["reference"].Select(static words => words[0])],
            KernelAssemblies = [.. values["kernel"].Select(static words => words[0])],
            KernelSources = [.. values["kernel-source"].Select(static words => words[0])],
            Components = components,
        };
        if (problems.Count == 0)
        {
            problems.AddRange(Combinations.Refuse(request));
        }

        return problems.Count == 0 ? request : throw new BuildFailedException(problems);

        string One(string key) => values[key].SingleOrDefault() is [string value] ? value : throw new InvalidDataException($"The request needs one '{key}'.");

        int Number(string what, string text, int smallest, int largest)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < smallest || value > largest)
            {
                problems.Add(file.Blame(what, "RF2010", $"{what} is '{text}'; allowed: {smallest} to {largest}"));
            }

            return value;
        }

        ComponentRequest Component(string[] words)
        {
            string name = words[1].Length != 0 ? words[1] : Path.GetFileNameWithoutExtension(words[0]);
            if (name.Length > MaximumNameLength || name.Any(static c => !(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')))
            {
                problems.Add(new Diagnostic(
                    "RF2010", project, $"Name of a component is '{name}'; allowed: up to {MaximumNameLength} ASCII letters, digits, '.', '_' and '-'"));
            }

            RestartPolicy restart = RestartPolicy.Never;
            if (words[3].Length != 0 && (char.IsAsciiDigit(words[3][0]) || !Enum.TryParse(words[3], ignoreCase: true, out restart)))
            {
                problems.Add(new Diagnostic("RF2010", project, $"Restart of component {name} is '{words[3]}'; allowed: Never, OnFault"));
            }

            return new ComponentRequest(
                words[0],
                name,
                words[2].Length == 0 ? DefaultPriority : Number($"Priority of component {name}", words[2], 0, 15),
                restart,
                words[4].Length == 0 ? (restart == RestartPolicy.Never ? 0 : DefaultRestartLimit)
                    : Number($"RestartLimit of component {name}", words[4], 0, 1_000_000));
        }
    }
}

// The build from request to files: compile in parallel, link, write. Nothing is done again for which the inputs are the same.

using Ringfence.ImageBuilder.Compilation;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;
using Ringfence.ImageBuilder.Output;
using Ringfence.ImageBuilder.StackAnalysis;

namespace Ringfence.ImageBuilder;

/// <summary>Builds one image.</summary>
internal sealed class ImageBuild
{
    private const string ComponentSource = "component.asm";
    private const string RuntimeSource = "runtime.asm";

    // Copies tables, of which there are none to copy where all domains have the same.
    private const string TableCopySource = "tablecopy.asm";

    private readonly record struct ComponentAssemblies(ComponentRequest Request, IReadOnlyList<string> Assemblies);

    private readonly ImageRequest _request;
    private readonly Compiler _compiler;

    private ImageBuild(ImageRequest request)
    {
        _request = request;
        _compiler = new Compiler(request, new ObjectCache(request.ObjectFolder));
    }

    private string PathOf(string extension) => Path.Combine(_request.OutputFolder, _request.Name + extension);

    /// <summary>Builds the image that the request file asks for; returns the line to show. Leaves no image behind when it fails.</summary>
    public static async Task<string> RunAsync(string requestPath)
    {
        string text = await File.ReadAllTextAsync(requestPath).ConfigureAwait(false);
        return await new ImageBuild(ImageRequest.Parse(text.ReplaceLineEndings("\n").Split('\n'))).BuildAsync(text).ConfigureAwait(false);
    }

    /// <summary>Refuses what is wrong with the settings alone. Of the parts only the components' names need be in the request.</summary>
    public static async Task CheckAsync(string requestPath)
    {
        string text = await File.ReadAllTextAsync(requestPath).ConfigureAwait(false);
        _ = ImageRequest.Parse(text.ReplaceLineEndings("\n").Split('\n'));
    }

    private async Task<string> BuildAsync(string requestText)
    {
        string[] outputs = [PathOf(".elf"), PathOf(".debug.elf"), PathOf(".map"), PathOf(".map.json"), PathOf(".summary")];
        try
        {
            return await BuildAsync(requestText, outputs).ConfigureAwait(false);
        }
        catch (BuildFailedException)
        {
            // A failed build must not leave an image that looks like its result.
            Remove(outputs);
            throw;
        }
    }

    private async Task<string> BuildAsync(string requestText, string[] outputs)
    {
        IReadOnlyList<string> kernelAssemblies = AssemblyClosure.Of(_request.KernelAssemblies, _request.References);
        List<ComponentAssemblies> components =
            [.. _request.Components.Select(component => new ComponentAssemblies(component, AssemblyClosure.Of([component.Assembly], _request.References)))];

        string keyPath = PathOf(".key");
        string key = ObjectCache.KeyOf(requestText, InputsOf(kernelAssemblies, components));
        if (outputs.All(File.Exists) && File.Exists(keyPath) && await File.ReadAllTextAsync(keyPath).ConfigureAwait(false) == key)
        {
            return await File.ReadAllTextAsync(PathOf(".summary")).ConfigureAwait(false);
        }

        // Nor one that is half of the last build and half of this.
        Remove(outputs);
        LinkedImage image = await LinkAsync(_request, kernelAssemblies, components).ConfigureAwait(false);
        ImageStacks stacks = ImageStacks.Of(image);
        ImageRequest sized = StackSizing.Apply(_request, stacks.Needs);
        if (sized != _request)
        {
            // Sizes of stacks are data and addresses: the code is the same, and so are its depths.
            image = await LinkAsync(sized, kernelAssemblies, components).ConfigureAwait(false);
            stacks = stacks.In(image);
        }

        BootableFile bootable = ElfImageWriter.Bootable(image);
        string summary = $"{PathOf(".elf")}: {bootable.Content.Length} bytes, {(image.End - image.Start) / 1024} KiB of RAM";
        await File.WriteAllBytesAsync(PathOf(".debug.elf"), ElfImageWriter.ForDebugger(image)).ConfigureAwait(false);
        await File.WriteAllTextAsync(PathOf(".map"), MapWriter.Text(image)).ConfigureAwait(false);
        await File.WriteAllBytesAsync(PathOf(".map.json"), MapWriter.Json(image, stacks, bootable, PathOf(".elf"), PathOf(".debug.elf"))).ConfigureAwait(false);
        await File.WriteAllTextAsync(PathOf(".summary"), summary).ConfigureAwait(false);
        await File.WriteAllBytesAsync(PathOf(".elf"), bootable.Content).ConfigureAwait(false);
        await File.WriteAllTextAsync(keyPath, key).ConfigureAwait(false);
        return summary;
    }

    private void Remove(IEnumerable<string> outputs)
    {
        foreach (string path in outputs.Prepend(PathOf(".key")))
        {
            File.Delete(path);
        }
    }

    private IEnumerable<string> InputsOf(IReadOnlyList<string> kernelAssemblies, IEnumerable<ComponentAssemblies> components) =>
    [
        typeof(ImageBuild).Assembly.Location,
        .. kernelAssemblies,
        .. components.SelectMany(static component => component.Assemblies),
        .. _request.References,
        .. _request.MachineFiles("*.asm"),
        .. _request.MachineFiles("*.inc"),
        .. _request.KernelSources,
    ];

    private bool BelongsToKernel(string source) => source != ComponentSource && (source != TableCopySource || _request.Strategy.HasDomainTables());

    private async Task<LinkedImage> LinkAsync(ImageRequest request, IReadOnlyList<string> kernelAssemblies, List<ComponentAssemblies> components)
    {
        IReadOnlyList<string> callNames = SystemCallNumbers.Names(AbiAssembly(kernelAssemblies));
        string includeFolder = Path.GetDirectoryName(
            await WriteAsync("include", "systemcalls.inc", SystemCallNumbers.IncludeFile(callNames)).ConfigureAwait(false))!;
        List<Task<CompiledObject>> compiled =
            [.. components.Select(component => _compiler.CompileComponentAsync(component.Request.Name, component.Assemblies))];
        Dictionary<string, Task<CompiledObject>> assembled = _request.MachineFiles("*.asm")
            .ToDictionary(static path => Path.GetFileName(path), path => _compiler.AssembleAsync(path, includeFolder), StringComparer.Ordinal);
        List<Task<CompiledObject>> modules = [.. _request.KernelSources.Select(path => _compiler.AssembleAsync(path, includeFolder))];
        await AllAsync([.. compiled, .. assembled.Values, .. modules]).ConfigureAwait(false);

        List<LinkedComponent> linked = [];
        for (int index = 0; index < components.Count; index++)
        {
            (ComponentRequest component, IReadOnlyList<string> assemblies) = components[index];
            Task<CompiledObject>[] own = [assembled[ComponentSource], assembled[RuntimeSource]];
            LinkScope scope = await ScopeAsync(component.Name, assemblies, compiled[index], own).ConfigureAwait(false);
            SystemCallUse.DefineNumbers(scope, callNames);
            LinkedComponent made = new(component, scope, SharedPartitions.Of(component, assemblies), DeclaredObjects.Of(component, assemblies));
            made.MarkLive();
            linked.Add(made);
        }

        List<SharedPartition> partitions = PartitionsOf(linked);
        IReadOnlyList<ImageObject> objects = ImageObject.Merge(linked.SelectMany(static component => component.Objects), kernelAssemblies);

        // The kernel comes last: what is in it depends on what the components ask of it.
        SystemCallUse calls = SystemCallUse.Of(linked.Select(static component => component.Scope), callNames);
        KernelContent content = KernelContent.Of(calls, objects, kernelAssemblies);
        string substitutions = await WriteAsync("kernel-content", "substitutions.xml", content.Substitutions(kernelAssemblies)).ConfigureAwait(false);
        LinkScope kernelScope = await ScopeAsync(
            LinkScope.KernelOwner,
            kernelAssemblies,
            _compiler.CompileKernelAsync(kernelAssemblies, substitutions),
            [.. assembled.Where(source => BelongsToKernel(source.Key)).Select(static source => source.Value), .. modules]).ConfigureAwait(false);
        ImageRequest served = content.MayCreateObjects ? request : request with { CreatedObjectCapacity = 0 };
        CheckLimits(kernelAssemblies, linked, objects.Count + served.CreatedObjectCapacity);
        return ImageLinker.Link(served, kernelScope, linked, partitions, objects, calls);
    }

    private void CheckLimits(IReadOnlyList<string> kernelAssemblies, IEnumerable<LinkedComponent> components, int objectCount)
    {
        List<(string Component, int Grants)> grants = [.. components.Select(static component => (component.Request.Name, component.Grants.Count))];
        int? setCapacity = _request.Strategy.HasDomainTables() ? _request.TableSetCapacity : null;
        List<Diagnostic> problems =
            [.. KernelLimits.Read(kernelAssemblies).Check(_request.Project, _request.ThreadCapacity, _request.DomainCapacity, setCapacity, grants, objectCount)];
        if (problems.Count != 0)
        {
            throw new BuildFailedException(problems);
        }
    }

    private async Task<LinkScope> ScopeAsync(
        string owner, IReadOnlyList<string> assemblies, Task<CompiledObject> compiled, IEnumerable<Task<CompiledObject>> assembled)
    {
        CompiledObject code = await compiled.ConfigureAwait(false);
        LinkScope scope = new(owner, new MethodIndex([.. assemblies, .. _request.References])) { CompilerLog = code.Log };
        foreach (Task<CompiledObject> source in assembled)
        {
            scope.Add(Read((await source.ConfigureAwait(false)).Path, splitData: false));
        }

        scope.Add(Read(code.Path, splitData: true));
        return scope;
    }

    private ObjectFile Read(string path, bool splitData) =>
        _request.Format.Is64Bit() ? ElfObjectReader.Read(path, splitData) : CoffObjectReader.Read(path, splitData);

    private static string AbiAssembly(IReadOnlyList<string> kernelAssemblies) =>
        kernelAssemblies.FirstOrDefault(static path => Path.GetFileName(path) == "Ringfence.Abi.dll")
            ?? throw new BuildFailedException(
                "RF2014", LinkScope.KernelOwner, "The kernel does not refer to Ringfence.Abi, which holds the numbers of the system calls");

    // A file that tools read, in a folder named after its content: images that are built at the same time may both want it, and none may pull it from under the other.
    private async Task<string> WriteAsync(string kind, string name, string text)
    {
        string folder = Path.Combine(_request.ObjectFolder, $"{kind}-{ObjectCache.KeyOf(text, [])[..8]}");
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(folder);
        if (!File.Exists(path))
        {
            string draft = $"{path}.{Environment.ProcessId}";
            await File.WriteAllTextAsync(draft, text).ConfigureAwait(false);
            File.Move(draft, path, overwrite: true);
        }

        return path;
    }

    // All components must mean the same by a name.
    private static List<SharedPartition> PartitionsOf(IReadOnlyList<LinkedComponent> components)
    {
        List<SharedPartition> partitions = [];
        foreach (var declared in components.SelectMany(static component => component.Grants.Select(grant => (component, grant)))
            .GroupBy(static pair => pair.grant.Partition).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            (LinkedComponent first, PartitionGrant grant) = declared.First();
            foreach ((LinkedComponent component, PartitionGrant other) in declared)
            {
                if (other.TypeName != grant.TypeName || other.SizeInBytes != grant.SizeInBytes)
                {
                    throw new BuildFailedException(
                        "RF2020",
                        component.Request.Name,
                        $"Partition {grant.Partition} holds {Describe(other)} here and {Describe(grant)} in {first.Request.Name}");
                }
            }

            Region region = new($"partition.{grant.Partition}", LinkedImage.SharedOwner, RegionRights.ReadWrite) { IsMemoryOnly = true };
            region.Reserve(grant.SizeInBytes);
            partitions.Add(new SharedPartition(grant.Partition, grant.TypeName, grant.SizeInBytes, region));
        }

        return partitions;

        static string Describe(PartitionGrant grant) => $"{grant.TypeName} of {grant.SizeInBytes} bytes";
    }

    // Waits for every task, so that one build shows what is wrong with each.
    private static async Task AllAsync(IReadOnlyList<Task> tasks)
    {
        List<Diagnostic> found = [];
        foreach (Task task in tasks)
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch (BuildFailedException exception)
            {
                found.AddRange(exception.Diagnostics);
            }
        }

        if (found.Count != 0)
        {
            throw new BuildFailedException([.. found.Distinct()]);
        }
    }
}

// Compiled objects are kept, with the key of what they were made from: a build repeats only what would come out differently, and
// images that hold the same kernel share its object.

using System.Security.Cryptography;
using System.Text;

namespace Ringfence.ImageBuilder.Compilation;

/// <summary>An object file and what the tool that made it said.</summary>
internal sealed record CompiledObject(string Path, string Log);

/// <summary>Makes objects unless an equal one is there.</summary>
internal sealed class ObjectCache(string folder)
{
    private const int LockAttempts = 600;
    private static readonly TimeSpan s_lockInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How many objects this run had to make.</summary>
    public int MadeCount => _madeCount;

    private int _madeCount;

    /// <summary>
    /// Returns the object called <paramref name="name"/>, made by <paramref name="program"/> with <paramref name="arguments"/>, in which "{output}" stands for
    /// the object's path. The call's arguments choose the file; the content of <paramref name="inputs"/> decides whether it is made again.
    /// </summary>
    public async Task<CompiledObject> GetAsync(
        string name, string program, IReadOnlyList<string> arguments, IEnumerable<string> inputs, Func<ToolResult, Diagnostic> describeFailure)
    {
        string call = program + "\n" + string.Join('\n', arguments);
        string path = Path.Combine(folder, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(call)))[..8]}.o");
        string keyPath = path + ".key";
        string logPath = path + ".log";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream claim = await LockAsync(path + ".lock").ConfigureAwait(false);

        string key = KeyOf(call, inputs);
        if (File.Exists(path) && File.Exists(logPath) && File.Exists(keyPath) && await File.ReadAllTextAsync(keyPath).ConfigureAwait(false) == key)
        {
            return new CompiledObject(path, await File.ReadAllTextAsync(logPath).ConfigureAwait(false));
        }

        File.Delete(keyPath);
        ToolResult result = await ToolProcess.RunAsync(
            program, arguments.Select(argument => argument.Replace("{output}", path, StringComparison.Ordinal))).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new BuildFailedException([describeFailure(result)]);
        }

        Interlocked.Increment(ref _madeCount);
        await File.WriteAllTextAsync(logPath, result.Output).ConfigureAwait(false);
        await File.WriteAllTextAsync(keyPath, key).ConfigureAwait(false);
        return new CompiledObject(path, result.Output);
    }

    /// <summary>A digest of a text and the content of files; a file's name counts too.</summary>
    public static string KeyOf(string text, IEnumerable<string> files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes("\n" + file + "\n"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < LockAttempts)
            {
                await Task.Delay(s_lockInterval).ConfigureAwait(false);
            }
        }
    }
}

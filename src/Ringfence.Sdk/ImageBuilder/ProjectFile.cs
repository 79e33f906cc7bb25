// A diagnostic about a property names the line that sets it. MSBuild doesn't say where a value came from, so the project is read once more, as text.

using System.Xml;
using System.Xml.Linq;

namespace Ringfence.ImageBuilder;

/// <summary>Finds where a project sets its properties.</summary>
internal sealed class ProjectFile(string path)
{
    /// <summary>A diagnostic at the line that sets a property; at the project, without a line, where the value is a default or from the command line.</summary>
    public Diagnostic Blame(string property, string code, string text)
    {
        (string file, int line) = Find(path, property, []) ?? (path, 0);
        return new Diagnostic(code, file, line, text);
    }

    // The last one in the project wins, then those in what it imports by a path without properties, then the Directory.Build.props that MSBuild would take.
    private static (string File, int Line)? Find(string file, string property, HashSet<string> seen)
    {
        if (!seen.Add(file) || !File.Exists(file))
        {
            return null;
        }

        XDocument document;
        try
        {
            document = XDocument.Load(file, LoadOptions.SetLineInfo);
        }
        catch (XmlException)
        {
            return null;
        }

        XElement? found = document.Descendants().LastOrDefault(element => element.Name.LocalName == property && element.Parent?.Name.LocalName == "PropertyGroup");
        if (found is not null)
        {
            return (file, ((IXmlLineInfo)found).LineNumber);
        }

        string folder = Path.GetDirectoryName(file)!;
        return document.Descendants().Where(static element => element.Name.LocalName == "Import")
            .Select(static element => (string?)element.Attribute("Project"))
            .OfType<string>()
            .Reverse()
            .Where(static import => !import.Contains('$', StringComparison.Ordinal))
            .Select(import => Path.GetFullPath(Path.Combine(folder, import)))
            .Append(NextDirectoryProperties(folder))
            .Select(import => import is null ? null : Find(import, property, seen))
            .FirstOrDefault(static place => place is not null);
    }

    private static string? NextDirectoryProperties(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string candidate = Path.Combine(folder, "Directory.Build.props");
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

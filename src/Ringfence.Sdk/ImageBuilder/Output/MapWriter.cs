// The map beside the image, twice: for people, and as JSON for the `ringfence` command.

using System.Globalization;
using System.Text;
using System.Text.Json;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.StackAnalysis;

namespace Ringfence.ImageBuilder.Output;

/// <summary>Writes what lies where.</summary>
internal static class MapWriter
{
    private const int Version = 3;
    private const ulong Mebibyte = 1024 * 1024;

    /// <summary>The smallest memory that the image boots with, in whole MiB; QEMU's firmware needs no more than the image does.</summary>
    private static int MemoryMebibytes(LinkedImage image) => (int)((image.End + Mebibyte - 1) / Mebibyte);

    /// <summary>The map for people.</summary>
    public static string Text(LinkedImage image)
    {
        ImageRequest request = image.Request;
        StringBuilder text = new();
        string audit = request.Audit ? ", audit" : "";
        text.Append(CultureInfo.InvariantCulture, $"{request.Name}, {request.Format.Name()}, strategy {request.Strategy.Name()}{(request.Kpti ? " with KPTI" : "")}{audit}\n\n");
        text.Append("start     end        bytes     used  rights  region\n");
        foreach (Region region in image.Regions)
        {
            ulong size = region.EndAddress - region.StartAddress;
            text.Append(CultureInfo.InvariantCulture, $"{region.StartAddress:x8}  {region.EndAddress:x8}  {size,6}  {region.UsedBytes,7}  ");
            text.Append(CultureInfo.InvariantCulture, $"{Rights(region),-6}  {region.Name}\n");
        }

        text.Append("\naddress      size  owner             symbol\n");
        foreach (ImageSymbol symbol in ImageSymbol.Of(image))
        {
            text.Append(CultureInfo.InvariantCulture, $"{symbol.Address:x8}  {symbol.Size,7}  {symbol.Owner,-16}  {symbol.Method ?? symbol.Name}\n");
        }

        return text.ToString();
    }

    /// <summary>The map for programs. Numbers are decimal; addresses are both virtual and physical; ranges are half-open.</summary>
    public static byte[] Json(LinkedImage image, ImageStacks stacks, BootableFile file, string imagePath, string debugPath)
    {
        ImageRequest request = image.Request;
        MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("name", request.Name);
            json.WriteString("format", request.Format.Name());
            json.WriteString("strategy", request.Strategy.Name() + (request.Kpti ? "+kpti" : ""));
            json.WriteBoolean("audit", request.Audit);
            json.WriteString("image", Path.GetFileName(imagePath));
            json.WriteString("debug", Path.GetFileName(debugPath));
            json.WriteNumber("start", image.Start);
            json.WriteNumber("end", image.End);
            json.WriteNumber("threadCapacity", request.ThreadCapacity);
            json.WriteNumber("kernelStackPages", request.KernelStackPages);
            json.WriteNumber("userStackPages", request.UserStackPages);
            json.WriteNumber("tickHertz", request.TickHertz);
            json.WriteBoolean("runsForever", request.RunsForever);
            json.WriteString("connectCommand", request.ConnectCommand);
            WritePageTables(json, image);
            WriteEmulator(json, image);
            WriteFile(json, file);
            WriteRegions(json, image, file);
            WriteComponents(json, image);
            WritePartitions(json, image);
            WriteObjects(json, image);
            WriteSystemCalls(json, image);
            StackMapWriter.Write(json, stacks);
            WriteSymbols(json, image);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    // What the image needs of QEMU; the plain models are those on which every image must boot.
    private static void WriteEmulator(Utf8JsonWriter json, LinkedImage image)
    {
        json.WriteStartObject("qemu");
        json.WriteString("system", image.Request.Format.Is64Bit() ? "qemu-system-x86_64" : "qemu-system-i386");
        json.WriteString("processor", image.Request.Format switch
        {
            ImageFormat.X8664 => "qemu64",
            ImageFormat.Pae => "qemu32,+nx,+pae",
            _ => "qemu32",
        });
        json.WriteNumber("memoryMebibytes", MemoryMebibytes(image));
        json.WriteEndObject();
    }

    // Bytes of tables, small roots included: of the base set, of each further one, and of all of them.
    private static void WritePageTables(Utf8JsonWriter json, LinkedImage image)
    {
        json.WriteStartObject("pageTables");
        json.WriteNumber("root", image.Tables.Root);
        json.WriteStartArray("strategies");
        foreach (ImageTables tables in image.OtherTables.Append(image.Tables).OrderBy(static tables => tables.Sets.Strategy).ThenBy(static tables => tables.Sets.Kpti))
        {
            json.WriteStartObject();
            json.WriteString("strategy", tables.Sets.Name);
            json.WriteNumber("kernelBytes", tables.KernelBytes);
            json.WriteNumber("domains", tables.Sets.DomainSets);
            json.WriteNumber("domainBytes", tables.DomainBytes);
            json.WriteNumber("totalBytes", tables.TotalBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, BootableFile file)
    {
        json.WriteStartObject("file");
        json.WriteNumber("bytes", file.Content.Length);
        json.WriteNumber("headerBytes", file.HeaderBytes);
        json.WriteNumber("programHeaderBytes", file.ProgramHeaderBytes);
        json.WriteEndObject();
    }

    private static void WriteRegions(Utf8JsonWriter json, LinkedImage image, BootableFile file)
    {
        json.WriteStartArray("regions");
        foreach (Region region in image.Regions)
        {
            json.WriteStartObject();
            json.WriteString("name", region.Name);
            json.WriteString("owner", region.Owner);
            json.WriteString("rights", Rights(region));
            json.WriteNumber("start", region.StartAddress);
            json.WriteNumber("end", region.EndAddress);
            json.WriteNumber("usedBytes", region.UsedBytes);
            json.WriteNumber("fileBytes", region.IsMemoryOnly ? 0 : region.Content.Length);
            json.WriteNumber("fileOffset", file.Offsets.GetValueOrDefault(region));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteComponents(Utf8JsonWriter json, LinkedImage image)
    {
        json.WriteStartArray("components");
        foreach (LinkedComponent component in image.Components)
        {
            json.WriteStartObject();
            json.WriteString("name", component.Request.Name);
            json.WriteString("assembly", component.Request.Assembly);
            json.WriteNumber("priority", component.Request.Priority);
            json.WriteString("restart", component.Request.Restart.ToString());
            json.WriteNumber("restartLimit", component.Request.RestartLimit);
            json.WriteNumber("entry", component.Entry.Address);
            json.WriteStartArray("grants");
            foreach (PartitionGrant grant in component.Grants)
            {
                json.WriteStartObject();
                json.WriteString("partition", grant.Partition);
                json.WriteBoolean("writable", grant.Writable);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePartitions(Utf8JsonWriter json, LinkedImage image)
    {
        json.WriteStartArray("sharedPartitions");
        foreach (SharedPartition partition in image.SharedPartitions)
        {
            json.WriteStartObject();
            json.WriteString("name", partition.Name);
            json.WriteString("type", partition.TypeName);
            json.WriteNumber("bytes", partition.SizeInBytes);
            json.WriteNumber("start", partition.Region.StartAddress);
            json.WriteNumber("end", partition.Region.EndAddress);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteObjects(Utf8JsonWriter json, LinkedImage image)
    {
        json.WriteStartArray("objects");
        foreach (ImageObject made in image.Objects)
        {
            json.WriteStartObject();
            json.WriteString("name", made.Name);
            json.WriteString("kind", made.Kind);
            json.WriteString("message", made.MessageType);
            json.WriteNumber("initial", made.Initial);
            json.WriteNumber("limit", made.Limit);
            json.WriteNumber("bufferBytes", made.BufferBytes);
            json.WriteStartArray("components");
            foreach (IGrouping<string, ObjectUse> component in made.Uses.GroupBy(static use => use.Component))
            {
                json.WriteStartObject();
                json.WriteString("name", component.Key);
                json.WriteBoolean("gives", component.Any(static use => use.Gives));
                json.WriteBoolean("takes", component.Any(static use => use.Takes));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSystemCalls(Utf8JsonWriter json, LinkedImage image)
    {
        json.WriteStartArray("systemCalls");
        foreach (string call in image.Calls.Names.Where(image.Calls.IsMade))
        {
            json.WriteStringValue(call);
        }

        json.WriteEndArray();
    }

    private static void WriteSymbols(Utf8JsonWriter json, LinkedImage image)
    {
        json.WriteStartArray("symbols");
        foreach (ImageSymbol symbol in ImageSymbol.Of(image))
        {
            json.WriteStartObject();
            json.WriteNumber("address", symbol.Address);
            json.WriteNumber("size", symbol.Size);
            json.WriteString("name", symbol.Name);
            json.WriteString("owner", symbol.Owner);
            if (symbol.Entry is { } entry)
            {
                json.WriteString("method", symbol.Method);
                if (SourceLines.Of(entry) is { } line)
                {
                    json.WriteString("file", line.File);
                    json.WriteNumber("line", line.Line);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Rights(Region region) => region.Rights switch
    {
        RegionRights.ReadExecute => "r-x",
        RegionRights.ReadWrite => "rw-",
        _ => "r--",
    };
}

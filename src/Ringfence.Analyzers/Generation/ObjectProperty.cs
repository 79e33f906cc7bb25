// A kernel object that a component uses is declared as a property without a body. This checks the declaration; ObjectEmitter writes the body.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Analyzers.Generation;

/// <summary>A property marked as the way to a kernel object.</summary>
/// <param name="ObjectName">The object's name; its handle comes from the symbol <c>object_</c> + name.</param>
/// <param name="Property">Where its body goes.</param>
/// <param name="ObjectType">The fully qualified type by which the component uses the object.</param>
/// <param name="Problems">Why no body can be generated; empty if one can.</param>
internal sealed record ObjectProperty(string ObjectName, GeneratedProperty Property, string ObjectType, EquatableArray<DiagnosticRecord> Problems)
{
    public const string SemaphoreAttribute = Namespace + "SemaphoreAttribute";
    public const string MessageQueueAttribute = Namespace + "MessageQueueAttribute";
    public const string SerialPortAttribute = Namespace + "SerialPortAttribute";

    private const string Namespace = "Ringfence.App.";
    private const int MaximumSemaphoreLimit = 65535;
    private const int MaximumQueueCapacity = 255;
    private const int SerialClockHertz = 115200;
    private const int OnlySerialPort = 2;

    public static ObjectProperty From(IPropertySymbol property, PropertyDeclarationSyntax syntax, AttributeData attribute, string kind)
    {
        string name = kind == SerialPortAttribute
            ? "SerialPort" + attribute.ConstructorArguments.Select(static argument => argument.Value).FirstOrDefault()
            : GeneratedProperty.NameFrom(attribute) ?? property.Name;
        string type = property.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return new ObjectProperty(
            name,
            GeneratedProperty.From(property, syntax, type),
            type,
            new EquatableArray<DiagnosticRecord>(ProblemsOf(property, syntax, attribute, kind, name)));
    }

    private static IEnumerable<DiagnosticRecord> ProblemsOf(
        IPropertySymbol property, PropertyDeclarationSyntax syntax, AttributeData attribute, string kind, string name)
    {
        SourcePlace? place = SourcePlace.Of(property);
        if (!GeneratedProperty.IsDeclaration(property, syntax) || property.RefKind != RefKind.None)
        {
            yield return new DiagnosticRecord(GenerationRules.ObjectDeclaration, place, property.Name);
        }

        string[] types = kind switch
        {
            SemaphoreAttribute => ["Semaphore", "SemaphoreGiver", "SemaphoreTaker"],
            MessageQueueAttribute => ["MessageSender", "MessageReceiver"],
            _ => ["SerialPort"],
        };
        if (property.Type.ContainingNamespace?.ToDisplayString() + "." != Namespace || !types.Contains(property.Type.Name))
        {
            yield return new DiagnosticRecord(
                GenerationRules.ObjectType, place, property.Name, property.Type.ToDisplayString(), string.Join(", ", types));
        }

        if (!GeneratedProperty.IsSymbolName(name) && kind != SerialPortAttribute)
        {
            yield return new DiagnosticRecord(GenerationRules.ObjectName, place, name);
        }

        foreach ((string setting, int value, string allowed) in BadSettings(attribute, kind))
        {
            yield return new DiagnosticRecord(GenerationRules.ObjectSetting, place, setting, property.Name, value.ToString(CultureInfo.InvariantCulture), allowed);
        }
    }

    // What one declaration alone shows to be wrong; the image builder compares those of several components.
    private static IEnumerable<(string Setting, int Value, string Allowed)> BadSettings(AttributeData attribute, string kind)
    {
        Dictionary<string, int> settings = attribute.NamedArguments
            .Where(static argument => argument.Value.Value is int)
            .ToDictionary(static argument => argument.Key, static argument => (int)argument.Value.Value!);
        if (settings.TryGetValue("Capacity", out int capacity) && capacity is < 1 or > MaximumQueueCapacity)
        {
            yield return ("Capacity", capacity, $"1 to {MaximumQueueCapacity}");
        }

        bool hasLimit = settings.TryGetValue("Limit", out int limit);
        if (hasLimit && limit is < 1 or > MaximumSemaphoreLimit)
        {
            yield return ("Limit", limit, $"1 to {MaximumSemaphoreLimit}");
        }

        if (settings.TryGetValue("InitialCount", out int initial) && (initial < 0 || initial > (hasLimit ? limit : MaximumSemaphoreLimit)))
        {
            yield return ("InitialCount", initial, $"0 to {(hasLimit ? limit : MaximumSemaphoreLimit)}");
        }

        if (kind != SerialPortAttribute)
        {
            yield break;
        }

        if (attribute.ConstructorArguments.Select(static argument => argument.Value).FirstOrDefault() is int number && number != OnlySerialPort)
        {
            yield return ("Number", number, $"{OnlySerialPort}");
        }

        if (settings.TryGetValue("BaudRate", out int baudRate) && (baudRate < 2 || SerialClockHertz % baudRate != 0))
        {
            yield return ("BaudRate", baudRate, $"divisors of {SerialClockHertz} from 2 up");
        }

        if (settings.TryGetValue("StopBits", out int stopBits) && stopBits is < 1 or > 2)
        {
            yield return ("StopBits", stopBits, "1 or 2");
        }
    }
}

// Kernel objects are declared where they are used: a static property marked [Semaphore], [MessageQueue] or [SerialPort] in a component. Its type is the
// right that the component has.

using System.Reflection;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>What a component says about an object: its rights, and the settings that it states.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Kind">The member of <c>KernelObjectKind</c>.</param>
/// <param name="Gives">Whether it may give, send or write.</param>
/// <param name="Takes">Whether it may take, receive or read.</param>
/// <param name="MessageType">A queue's message; empty for other kinds.</param>
/// <param name="MessageBytes">Bytes of that.</param>
/// <param name="Settings">The settings that the attribute states, by name.</param>
/// <param name="Component">The component.</param>
/// <param name="Property">The property, for messages.</param>
internal sealed record ObjectUse(
    string Name,
    string Kind,
    bool Gives,
    bool Takes,
    string MessageType,
    int MessageBytes,
    IReadOnlyDictionary<string, int> Settings,
    string Component,
    string Property);

/// <summary>Reads the kernel objects a component declares.</summary>
internal static class DeclaredObjects
{
    public const string Semaphore = "Semaphore";
    public const string MessageQueue = "MessageQueue";
    public const string SerialPort = "SerialPort";

    private const string AttributeSuffix = "Attribute";
    private const int MaximumMessageBytes = 1024;

    /// <summary>Every use, several of one object included.</summary>
    public static IReadOnlyList<ObjectUse> Of(ComponentRequest component, IReadOnlyList<string> closure) => DeclaredProperties.Read(
        component,
        closure,
        [Semaphore + AttributeSuffix, MessageQueue + AttributeSuffix, SerialPort + AttributeSuffix],
        (property, attribute) => UseOf(component, property, attribute));

    private static ObjectUse UseOf(ComponentRequest component, PropertyInfo property, CustomAttributeData attribute)
    {
        string kind = attribute.AttributeType.Name[..^AttributeSuffix.Length];
        Dictionary<string, int> settings = attribute.NamedArguments
            .Where(static argument => argument.TypedValue.Value is int or bool)
            .ToDictionary(static argument => argument.MemberName, static argument => Convert.ToInt32(argument.TypedValue.Value, null));
        string name = DeclaredProperties.NameOf(property, attribute);
        if (kind == SerialPort)
        {
            int number = (int)attribute.ConstructorArguments[0].Value!;
            settings.Add("Number", number);
            name = $"{SerialPort}{number}";
        }

        string type = property.PropertyType.Name.Split('`')[0];
        Type? message = property.PropertyType.GenericTypeArguments.FirstOrDefault();
        return new ObjectUse(
            name,
            kind,
            Gives: type is "Semaphore" or "SemaphoreGiver" or "MessageSender" or "SerialPort",
            Takes: type is "Semaphore" or "SemaphoreTaker" or "MessageReceiver" or "SerialPort",
            message?.FullName ?? "",
            message is null ? 0 : MessageBytes(component, property, message),
            settings,
            component.Name,
            DeclaredProperties.FullNameOf(property));
    }

    // The kernel copies this many bytes whatever the format, so the size may not depend on it.
    private static int MessageBytes(ComponentRequest component, PropertyInfo property, Type message)
    {
        int bytes = TypeSize.Of(message);
        if (TypeSize.PointerSizedField(message) is { } field)
        {
            throw new BuildFailedException(
                "RF2023",
                component.Name,
                $"{DeclaredProperties.FullNameOf(property)}: message type {message.FullName} has a pointer-sized field, {field}: its size depends on the format, and a pointer means nothing to another component");
        }

        return bytes <= MaximumMessageBytes
            ? bytes
            : throw new BuildFailedException(
                "RF2023", component.Name, $"{DeclaredProperties.FullNameOf(property)}: message type {message.FullName} has {bytes} bytes; allowed: up to {MaximumMessageBytes}");
    }
}

// What a server has to answer, written down a second time, from the diagrams of the application protocol and without a thought for speed.

using System.Collections.Generic;
using System.Linq;

namespace Ringfence.Modbus.Tests.Protocol;

/// <summary>The registers as a client may expect them to be.</summary>
internal sealed class RegisterModel(ushort[] holding, ushort[] input)
{
    public ushort[] Holding { get; } = holding;

    public ushort[] Input { get; } = input;

    /// <summary>The answer to a request.</summary>
    public byte[] Answer(byte[] request)
    {
        byte function = request[0];
        if (function is not (3 or 4 or 6 or 16))
        {
            return Exception(function, 1);
        }

        if (request.Length < 5)
        {
            return Exception(function, 3);
        }

        int address = (256 * request[1]) + request[2];
        int word = (256 * request[3]) + request[4];
        return function switch
        {
            6 => WriteSingle(request, address, word),
            16 => WriteMultiple(request, address, word),
            _ => Read(request, function == 3 ? Holding : Input, address, word),
        };
    }

    private static byte[] Exception(byte function, byte code) => [(byte)(function | 0x80), code];

    private static byte[] Read(byte[] request, ushort[] bank, int address, int count)
    {
        if (count < 1 || count > 125 || request.Length > 5)
        {
            return Exception(request[0], 3);
        }

        IEnumerable<int> addresses = Enumerable.Range(address, count);
        return addresses.Any(each => each >= bank.Length)
            ? Exception(request[0], 2)
            : [request[0], (byte)(count + count), .. addresses.SelectMany(each => new[] { (byte)(bank[each] / 256), (byte)(bank[each] % 256) })];
    }

    private byte[] WriteSingle(byte[] request, int address, int value)
    {
        if (request.Length > 5)
        {
            return Exception(6, 3);
        }

        if (address >= Holding.Length)
        {
            return Exception(6, 2);
        }

        Holding[address] = (ushort)value;
        return request;
    }

    private byte[] WriteMultiple(byte[] request, int address, int count)
    {
        if (count < 1 || count > 123 || request.Length < 6 || request[5] != count + count || request.Length != 6 + count + count)
        {
            return Exception(16, 3);
        }

        if (Enumerable.Range(address, count).Any(each => each >= Holding.Length))
        {
            return Exception(16, 2);
        }

        for (int index = 0; index < count; index++)
        {
            Holding[address + index] = (ushort)((256 * request[6 + index + index]) + request[7 + index + index]);
        }

        return request[..5];
    }
}

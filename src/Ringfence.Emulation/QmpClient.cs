// Control of a running emulator over QMP (the QEMU Machine Protocol): what a test needs to do to a machine from outside, such as an NMI.

using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Emulation;

/// <summary>A connection to an emulator's control socket. Commands go one at a time; events are skipped.</summary>
public sealed class QmpClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    private QmpClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    /// <summary>Connects and negotiates.</summary>
    /// <exception cref="EmulatorException">Nobody answers at <paramref name="socketPath"/>.</exception>
    public static async Task<QmpClient> ConnectAsync(string socketPath, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        QmpClient? client = null;
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken).ConfigureAwait(false);
            client = new QmpClient(socket);
            await client.ReadMessageAsync("greeting", cancellationToken).ConfigureAwait(false);
            await client.ExecuteAsync("qmp_capabilities", null, cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (failure is SocketException)
            {
                throw new EmulatorException($"no emulator answers at {socketPath}: {failure.Message}", failure);
            }

            throw;
        }
    }

    /// <summary>Executes a command, for example <c>inject-nmi</c>, <c>stop</c>, <c>cont</c> or <c>quit</c>, and returns its result.</summary>
    /// <exception cref="EmulatorException">The emulator refused the command or went away.</exception>
    public async Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments = null, CancellationToken cancellationToken = default)
    {
        var request = new JsonObject { ["execute"] = command };
        if (arguments is not null)
        {
            request["arguments"] = arguments;
        }

        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new EmulatorException($"the emulator went away before '{command}': {failure.Message}", failure);
        }

        while (true)
        {
            JsonObject message = await ReadMessageAsync(command, cancellationToken).ConfigureAwait(false);
            if (message.ContainsKey("return"))
            {
                return message["return"];
            }

            if (message["error"] is { } error)
            {
                throw new EmulatorException($"the emulator refused '{command}': {error["desc"]}");
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _stream.DisposeAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    private async Task<JsonObject> ReadMessageAsync(string awaited, CancellationToken cancellationToken)
    {
        try
        {
            string line = await _reader.ReadLineAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new EmulatorException($"the emulator went away before it answered '{awaited}'");
            return JsonNode.Parse(line)!.AsObject();
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            throw new EmulatorException($"the emulator gave no answer to '{awaited}': {failure.Message}", failure);
        }
    }
}

// The secret side: has messages in plain text, and gets each back after the public side had it. Its first life tries to do without the encryptor.

using System;
using Ringfence.Abi;
using Ringfence.App;
using SharedMemory.Contracts;

namespace SharedMemory.Secret;

internal static partial class Program
{
    private const int MessageCount = 8;

    private static int s_confirmed;

    private static ReadOnlySpan<byte> Text => "the keeper of the lamp sees every ship and tells nobody which; "u8;

    [WritablePartition]
    private static partial ref Message PlainText { get; }

    [ReadOnlyPartition]
    private static partial ref readonly Message PlainReturn { get; }

    [Semaphore]
    private static partial SemaphoreGiver PlainTextReady { get; }

    [Semaphore]
    private static partial SemaphoreTaker PlainReturnReady { get; }

    internal static int Main()
    {
        Terminal.WriteLine($"Secret:    starts; restarts so far: {Machine.RestartCount}");
        for (int number = 0; number < MessageCount; number++)
        {
            Write(number);
            PlainTextReady.Give();
            if (PlainReturnReady.Take() != SystemCallStatus.Success || !IsReturned(number))
            {
                Terminal.WriteLine($"Secret:    message {number} did not come back as it was");
                return 1;
            }

            s_confirmed++;
            if (Machine.RestartCount == 0)
            {
                return WriteToThePublicSide();
            }
        }

        Terminal.WriteLine($"Secret:    {s_confirmed} messages of {Message.ByteCount} bytes came back from the public side as they were");
        return 0;
    }

    private static void Write(int number)
    {
        Span<byte> message = PlainText;
        for (int index = 0; index < message.Length; index++)
        {
            message[index] = Text[(index + number) % Text.Length];
        }
    }

    private static bool IsReturned(int number)
    {
        ReadOnlySpan<byte> message = PlainReturn;
        for (int index = 0; index < message.Length; index++)
        {
            if (message[index] != Text[(index + number) % Text.Length])
            {
                return false;
            }
        }

        return true;
    }

    // The trespass. Partitions lie in the order of their names: two before the plain text is the cipher text, which the public side reads.
    private static unsafe int WriteToThePublicSide()
    {
        Terminal.WriteLine("Secret:    writes plain text where the public side reads, past the encryptor"u8);
        fixed (Message* plainText = &PlainText)
        {
            *(byte*)(plainText - 2) = *(byte*)plainText;
        }

        Terminal.WriteLine("Secret:    the write went through, and there is no fence"u8);
        return 1;
    }
}

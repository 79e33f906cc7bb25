// Entry point: whatever happens, the user sees words and an exit status.

using System;
using System.Text;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Tool;

/// <summary>The program.</summary>
public static class Program
{
    /// <summary>Variable that asks for the stack trace of a failure nobody expected.</summary>
    private const string TraceVariable = "RINGFENCE_TRACE";

    /// <summary>Runs the command.</summary>
    /// <returns>The exit status: the guest's for <c>run</c>, else one of <see cref="ExitStatuses"/>.</returns>
    public static async Task<int> Main(string[] arguments)
    {
        Console.OutputEncoding = Encoding.UTF8;
        try
        {
            return await new CommandLine(Console.Out, Console.Error).InvokeAsync(arguments).ConfigureAwait(false);
        }
        catch (ToolException failure)
        {
            return Refuse(failure.Message, failure.ExitStatus);
        }
        catch (EmulatorException failure)
        {
            return Refuse(failure.Message, ExitStatuses.Failure);
        }
        catch (OperationCanceledException)
        {
            return ExitStatuses.Interrupted;
        }
#pragma warning disable CA1031 // The last resort: a defect of this program must not greet the user with a stack trace.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TraceVariable)))
            {
                await Console.Error.WriteLineAsync(defect.ToString()).ConfigureAwait(false);
            }

            return Refuse($"defect in this command: {defect.Message} ({defect.GetType().Name}; {TraceVariable}=1 shows where)", ExitStatuses.Failure);
        }
    }

    private static int Refuse(string message, int exitStatus)
    {
        // One line, whatever a message brought along.
        Console.Error.WriteLine("ringfence: " + message.ReplaceLineEndings(" "));
        return exitStatus;
    }
}

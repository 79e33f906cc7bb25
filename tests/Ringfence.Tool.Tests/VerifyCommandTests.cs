// `ringfence verify` with checks that need nothing.

using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Tool.Verification;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class VerifyCommandTests
{
    [Fact]
    public async Task Every_check_is_run_and_one_that_fails_fails_the_command()
    {
        StringWriter output = new();
        VerifyCommand command = new(new Repository("/nowhere"), output, TextWriter.Null);
        int status = await command.ExecuteAsync([new Given("first", false), new Given("second", true)], TestContext.Current.CancellationToken);
        Assert.Equal(ExitStatuses.Failure, status);
        Assert.Matches(@"^first runs\nfirst: FAILED \(\d+ s\)\nsecond runs\nsecond: holds \(\d+ s\)\n$", output.ToString());

        Assert.Equal(ExitStatuses.Success, await command.ExecuteAsync([new Given("second", true)], TestContext.Current.CancellationToken));
    }

    private sealed record Given(string Name, bool Holds) : VerificationCheck(Name, "what the test says")
    {
        public override async Task<bool> RunAsync(Repository repository, TextWriter output, TextWriter messages, CancellationToken cancellationToken)
        {
            await output.WriteLineAsync($"{Name} runs");
            return Holds;
        }
    }
}

// What is said when the two oracles differ.

using System.Globalization;
using System.Text;
using Ringfence.Simulator;
using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

/// <summary>A state on which walk and prediction differ.</summary>
/// <param name="Placement">Where tables and pages were.</param>
/// <param name="State">The state.</param>
/// <param name="Walked">What the walk said.</param>
/// <param name="What">What differs.</param>
public sealed record Disagreement(Placement Placement, AccessState State, AccessResult Walked, string What)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        PredictedProcessor processor = Placement.Processor;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{processor.Format}, {processor.PhysicalAddressBits} physical bits, ");
        text.Append(CultureInfo.InvariantCulture, $"{(processor.HasGibibytePages ? "with" : "without")} 1 GiB pages, ");
        text.AppendLine(CultureInfo.InvariantCulture, $"state {State.Bits:x16}: {State.Probe}, {State.Conditions}");
        for (int level = processor.LevelCount; level >= 1; level--)
        {
            ulong now = processor.Format == TableFormat.Ia32
                ? Placement.Memory.Read32(Placement.EntryAddress(level))
                : Placement.Memory.Read64(Placement.EntryAddress(level));
            string inverted = State.ExtraLevel == level ? $", bit {State.ExtraBit} inverted" : "";
            text.AppendLine(CultureInfo.InvariantCulture, $"  level {level}: {State.Flags(level)}{inverted}: {Placement.Entry(State, level):x16}, then {now:x16}");
        }

        Prediction prediction = AccessPredictor.Predict(processor, State);
        text.AppendLine(CultureInfo.InvariantCulture, $"  predicted: {prediction.Outcome}, error code {prediction.ErrorCode}, leaf level {prediction.LeafLevel}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  walked: {Walked.Outcome}, error code {(int)Walked.FaultCode}, address {Walked.PhysicalAddress:x}");
        return text.Append(CultureInfo.InvariantCulture, $"  {What}").ToString();
    }
}

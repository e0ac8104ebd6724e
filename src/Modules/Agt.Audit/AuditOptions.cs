using Agt.Audit.Retention;
using Microsoft.Extensions.Options;

namespace Agt.Audit;

/// <summary>How the audit log is kept. Checked when the host starts.</summary>
public sealed class AuditOptions
{
    /// <summary>The directory of the log; made with mode 0700 if it is not there. Default <c>audit</c>, below the current directory.</summary>
    public string Directory { get; set; } = "audit";

    /// <summary>
    /// The unique name of the log: 1 to 255 bytes without white space, control character or plus sign, for example <c>audit.example.org/prod</c>. Default: <c>agt.local/</c> and the name of the
    /// machine. It cannot be changed later.
    /// </summary>
    public string Origin { get; set; } = "agt.local/" + MachineName();

    /// <summary>The file of the signing key; made with mode 0600 on first use. Null (default) for <c>log.key</c> in the directory. Put it where the governed agents cannot read it.</summary>
    public string? KeyFile { get; set; }

    /// <summary>A key that is being replaced and signs beside the log's own until its time has come; null (default) for the one that lies beside <see cref="KeyFile"/>, if any.</summary>
    public Signing.RetiringKey? Retiring { get; set; }

    /// <summary>
    /// Where the latest checkpoint is kept a second time, outside of the directory, so that a log that was set back as a whole is found out. Null (default) for the directory's path with
    /// <c>.checkpoint</c> behind it.
    /// </summary>
    public string? CheckpointCopy { get; set; }

    /// <summary>
    /// Opens the store of the log by these options, when the host starts. Null (default) for files in <see cref="Directory"/>. The key and the copy of the checkpoint stay where <see cref="KeyFile"/> and
    /// <see cref="CheckpointCopy"/> say.
    /// </summary>
    public Func<AuditOptions, Stores.IAuditStore>? OpenStore { get; set; }

    /// <summary>When an append is done. Default: by the effects that the tool declares.</summary>
    public AuditDurability Durability { get; set; } = AuditDurability.ByEffects;

    /// <summary>How much of the arguments is recorded. Default: their digest.</summary>
    public ContextCapture Context { get; set; } = ContextCapture.Digest;

    /// <summary>The file of the key that seals arguments (<see cref="ContextCapture.Sealed"/>); made with mode 0600 on first use. Null (default) for <c>seal.key</c> in the directory.</summary>
    public string? SealingKeyFile { get; set; }

    /// <summary>How long an action waits for its record before it is denied, 1 ms to 5 minutes. Default 2 s.</summary>
    public TimeSpan AppendDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The most records that are written together, 1 to 65,536. Default 512.</summary>
    public int BatchSize { get; set; } = 512;

    /// <summary>The most bytes that are written together, 64 KiB to 64 MiB. Default 1 MiB.</summary>
    public int BatchBytes { get; set; } = 1024 * 1024;

    /// <summary>How long a record that nobody waits for may wait for others, 1 to 50 ms. Default 5 ms. What was not written yet is lost with the process.</summary>
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The most records that wait to be written, 16 to 1,048,576. Who comes then waits, and is denied after the deadline. Default 65,536.</summary>
    public int QueueSize { get; set; } = 65_536;

    /// <summary>How often a checkpoint covers what is new, 50 ms to 1 h. Default 1 s.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a log that did not grow signs again, 1 min to 1 day. Default 10 min.</summary>
    public TimeSpan RepublishInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the log goes on without a signer, 1 s to 1 day; then actions that wait for their record are denied. Default 10 min.</summary>
    public TimeSpan MaxCheckpointAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long records are kept before a purge may drop them. Nothing is dropped by itself.</summary>
    public RetentionOptions Retention { get; } = new();

    /// <summary>Where records are sent to, each by a cursor of its own below <see cref="Directory"/>. Default nowhere.</summary>
    public IList<Export.AuditSink> Sinks { get; } = [];

    /// <summary>Witnesses that are asked to cosign every checkpoint, 32 at most. One that fails is told to the logger; the log goes on. Default none.</summary>
    public IList<Witnessing.WitnessEndpoint> Witnesses { get; } = [];

    /// <summary>How many witnesses must have cosigned for <see cref="AuditDurability.Witnessed"/>, 1 to the number of witnesses. Default 1.</summary>
    public int WitnessQuorum { get; set; } = 1;

    /// <summary>What requests to witnesses go through; null for the network. For tests.</summary>
    internal HttpMessageHandler? WitnessHandler { get; set; }

    /// <summary>The sandbox the process runs in; null for <c>SANDBOX_ID</c> or <c>OPENSHELL_SANDBOX_ID</c>.</summary>
    public string? SandboxId { get; set; }

    /// <summary>The environment, such as <c>prod</c>; null for <c>AGT_ENVIRONMENT</c>.</summary>
    public string? Environment { get; set; }

    /// <summary>What runs the sandbox; null for <c>OPENSHELL_COMPUTE_DRIVER</c>.</summary>
    public string? ComputeDriver { get; set; }

    /// <summary>Finds what is wrong.</summary>
    /// <exception cref="OptionsValidationException">Something is missing or out of range; the message says what and what would be right.</exception>
    internal void Check()
    {
        var problems = new List<string>();
        Require(!string.IsNullOrWhiteSpace(Directory), $"{nameof(Directory)} is empty; name the directory of the log.");
        Require(Notes.KeyName.IsValid(Origin), $"{nameof(Origin)} is '{Origin}'. {Notes.KeyName.Rule}");
        Range(AppendDeadline, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5), nameof(AppendDeadline));
        Range(BatchDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50), nameof(BatchDelay));
        Range(CheckpointInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1), nameof(CheckpointInterval));
        Range(RepublishInterval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), nameof(RepublishInterval));
        Range(MaxCheckpointAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), nameof(MaxCheckpointAge));
        Require(BatchSize is >= 1 and <= 65_536, $"{nameof(BatchSize)} is {BatchSize}, not 1 to 65536.");
        Require(BatchBytes is >= 64 * 1024 and <= 64 * 1024 * 1024, $"{nameof(BatchBytes)} is {BatchBytes}, not 65536 to 67108864.");
        Require(QueueSize is >= 16 and <= 1_048_576, $"{nameof(QueueSize)} is {QueueSize}, not 16 to 1048576.");
        Require(Witnesses.Count <= 32 && Witnesses.All(witness => witness.Key.Type == Notes.VerifierKey.CosignatureType), $"{nameof(Witnesses)} has more than 32, or one whose key is not of type 4.");
        Require(WitnessQuorum >= 1 && (Durability != AuditDurability.Witnessed || WitnessQuorum <= Witnesses.Count), $"{nameof(WitnessQuorum)} is {WitnessQuorum}, and there are {Witnesses.Count} witnesses. {nameof(Durability)} 'Witnessed' needs at least as many.");
        Require(Enum.IsDefined(Durability), $"{nameof(Durability)} is {(int)Durability}, which is not defined.");
        Require(Enum.IsDefined(Context), $"{nameof(Context)} is {(int)Context}, which is not defined.");
        Require(Retiring is null || Retiring.Signer.Key.Name == Origin, $"{nameof(Retiring)} is a key of '{Retiring?.Signer.Key.Name}', not of '{Origin}'.");
        problems.AddRange(Retention.Problems());
        if (problems.Count > 0)
        {
            throw new OptionsValidationException(nameof(AuditOptions), typeof(AuditOptions), problems);
        }

        void Range(TimeSpan value, TimeSpan least, TimeSpan most, string name) => Require(value >= least && value <= most, $"{name} is {value}, not {least} to {most}.");

        void Require(bool good, string problem)
        {
            if (!good)
            {
                problems.Add(problem);
            }
        }
    }

    private static string MachineName() => new([.. System.Environment.MachineName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-')]);
}

namespace Agt.Audit.Queries;

/// <summary>What records are found by. The numbers are in the index of logs that exist.</summary>
internal enum IndexField : byte
{
    Agent = 1,
    Kind = 2,
    EventType = 3,
    Decision = 4,
    Rule = 5,
    Policy = 6,
    Session = 7,
    Trace = 8,
    Outcome = 9,
    Action = 10,
}

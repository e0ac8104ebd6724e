using Agt.Values;

namespace Agt;

/// <summary>
/// What travels through the chain beside the action: the session, the effective payload, the result, and typed slots in which one stage leaves what a later one reads.
/// </summary>
/// <remarks>Pooled: valid only during the call it is handed to. One operation is decided on by one thread at a time.</remarks>
public sealed class OperationContext
{
    private (object Key, object? Value)[] _items = [];
    private int _itemCount;
    private GovernedAction? _action;
    private ResultCodec? _codec;
    private object? _result;
    private GovernedValue _output;
    private bool _outputCaptured;

    internal OperationContext()
    {
    }

    /// <summary>The action, as the caller gave it.</summary>
    /// <exception cref="ObjectDisposedException">The operation has ended.</exception>
    public GovernedAction Action => _action ?? throw new ObjectDisposedException(nameof(OperationContext), "The operation has ended.");

    /// <summary>The session.</summary>
    public GovernanceSession Session => Action.Session;

    /// <summary>The template of the action.</summary>
    public ActionTemplate Template => Action.Template;

    /// <summary>Where the action stands now: its own point in the before phase, the matching result point after.</summary>
    public InterventionPoint Point { get; internal set; }

    /// <summary>The policy this operation is decided by; null when the host has none.</summary>
    public IPolicySnapshot? Policy { get; internal set; }

    /// <summary>Arguments, messages or input as they stand now, with every transform so far.</summary>
    public GovernedValue Payload { get; internal set; }

    /// <summary>The result in the after phase, with every transform so far; absent before. Frozen when first read.</summary>
    /// <exception cref="PayloadException">The result cannot be frozen; the chain turns this into a deny.</exception>
    public GovernedValue Output
    {
        get
        {
            if (!_outputCaptured)
            {
                CaptureOutput();
            }

            return _output;
        }

        internal set
        {
            _output = value;
            _outputCaptured = true;
        }
    }

    /// <summary>Whether the identity stage has proven who acts.</summary>
    public bool IsPrincipalVerified { get; set; }

    /// <summary>The trust score of the agent, 0 to 1,000, if the identity stage knows one.</summary>
    public int? TrustScore { get; set; }

    /// <summary>Facts that extractors found in the action (SQL verb, HTTP host, ...), as a map; absent when there are none. Must live on its own or in the arena of the action.</summary>
    public GovernedValue Facets { get; set; }

    /// <summary>When the action was admitted (UTC).</summary>
    public DateTimeOffset Timestamp => Action.Timestamp;

    /// <summary>The bounds of a result whose action has no arena.</summary>
    internal PayloadLimits Limits { get; init; } = PayloadLimits.Default;

    internal bool OutputCaptured => _outputCaptured;

    internal object? Result => _result;

    internal ResultCodec? Codec => _codec;

    /// <summary>Reads what an interceptor kept for this operation.</summary>
    /// <param name="key">Compared by reference; an interceptor uses itself.</param>
    public object? GetItem(object key)
    {
        for (int i = 0; i < _itemCount; i++)
        {
            if (ReferenceEquals(_items[i].Key, key))
            {
                return _items[i].Value;
            }
        }

        return null;
    }

    /// <summary>Keeps something for this operation.</summary>
    /// <param name="key">Compared by reference; an interceptor uses itself.</param>
    /// <param name="value">What to keep; null forgets.</param>
    public void SetItem(object key, object? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        for (int i = 0; i < _itemCount; i++)
        {
            if (ReferenceEquals(_items[i].Key, key))
            {
                _items[i].Value = value;
                return;
            }
        }

        if (_itemCount == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(4, _itemCount * 2));
        }

        _items[_itemCount++] = (key, value);
    }

    internal void Begin(GovernedAction action, IPolicySnapshot? policy)
    {
        _action = action;
        Policy = policy;
        Point = action.Template.Point;
        Payload = action.Payload;
    }

    internal void SetResult(object? result, ResultCodec codec)
    {
        _result = result;
        _codec = codec;
        _output = default;
        _outputCaptured = false;
    }

    internal void End()
    {
        _action = null;
        Policy = null;
        Payload = default;
        _output = default;
        _outputCaptured = false;
        _codec = null;
        _result = null;
        IsPrincipalVerified = false;
        TrustScore = null;
        Facets = default;
        if (_itemCount > 0)
        {
            Array.Clear(_items, 0, _itemCount);
            _itemCount = 0;
        }
    }

    /// <summary>The result as it is now, in memory of its own: what the effect returned may have changed since it was frozen.</summary>
    internal GovernedValue Recapture() => _codec is null ? default : _codec.Capture(_result, new ValueArena(Limits));

    private void CaptureOutput()
    {
        if (_codec is not null)
        {
            GovernedAction action = Action;
            ValueArena arena = action.Arena ?? action.AttachArena(new ValueArena(Limits));
            _output = _codec.Capture(_result, arena);
        }

        _outputCaptured = true;
    }
}

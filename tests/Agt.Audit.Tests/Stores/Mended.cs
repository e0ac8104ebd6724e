namespace Agt.Audit.Tests.Stores;

/// <summary>Does something when it is disposed.</summary>
internal sealed class Mended(Action mend) : IDisposable
{
    public void Dispose() => mend();
}
